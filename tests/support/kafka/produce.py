#!/usr/bin/python3
"""produce.py BOOTSTRAP TOPIC FILE…: sends records as they are (partition, key, bytes, tombstones), in order, through librdkafka.

A line of FILE is {"partition": 0, "key": "k", "value": "<base64>"}; value null is a tombstone, "" an empty value.
"""
import base64
import ctypes
import json
import sys


def main():
    bootstrap, topic_name, *files = sys.argv[1:]
    lib = ctypes.CDLL("librdkafka.so.1")
    text, pointer, number, size = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
    lib.rd_kafka_conf_new.restype = pointer
    lib.rd_kafka_conf_set.argtypes = [pointer, text, text, text, size]
    lib.rd_kafka_new.restype, lib.rd_kafka_new.argtypes = pointer, [number, pointer, text, size]
    lib.rd_kafka_topic_new.restype, lib.rd_kafka_topic_new.argtypes = pointer, [pointer, text, pointer]
    lib.rd_kafka_produce.argtypes = [pointer, ctypes.c_int32, number, pointer, size, text, size, pointer]
    lib.rd_kafka_poll.argtypes = lib.rd_kafka_flush.argtypes = [pointer, number]
    lib.rd_kafka_outq_len.argtypes = [pointer]
    error = ctypes.create_string_buffer(512)
    conf = lib.rd_kafka_conf_new()
    # Idempotent: retries may neither repeat nor reorder, the manifest names offsets.
    for name, value in {"bootstrap.servers": bootstrap, "enable.idempotence": "true", "linger.ms": "5", "compression.codec": "lz4",
                        "queue.buffering.max.messages": "1000000"}.items():
        if lib.rd_kafka_conf_set(conf, name.encode(), value.encode(), error, 512):
            sys.exit(f"produce: {error.value.decode()}")
    client = lib.rd_kafka_new(0, conf, error, 512)
    if not client:
        sys.exit(f"produce: {error.value.decode()}")
    topic = lib.rd_kafka_topic_new(client, topic_name.encode(), None)
    copy, sent, nothing = 0x2, 0, ctypes.create_string_buffer(1)
    for path in files:
        for line in open(path, encoding="utf-8"):
            record = json.loads(line)
            key = record["key"].encode()
            value = None if record["value"] is None else base64.b64decode(record["value"])
            payload = None if value is None else ctypes.cast(value or nothing, pointer)
            while lib.rd_kafka_produce(topic, record["partition"], copy, payload, len(value or b""), key, len(key), None):
                if lib.rd_kafka_outq_len(client) == 0:
                    sys.exit(f"produce: record {sent} was not taken")
                lib.rd_kafka_poll(client, 100)
            sent += 1
            if sent % 1000 == 0:
                lib.rd_kafka_poll(client, 0)
    if lib.rd_kafka_flush(client, 60_000):
        sys.exit(f"produce: {lib.rd_kafka_outq_len(client)} of {sent} records were not acknowledged within a minute")
    print(f"sent {sent} records to {topic_name}", file=sys.stderr)


main()
