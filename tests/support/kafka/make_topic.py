#!/usr/bin/python3
"""make_topic.py BOOTSTRAP NAME PARTITIONS [KEY=VALUE…]: makes a topic through librdkafka's admin API, without a second Java, and waits until it can be read."""
import ctypes
import sys
import time


def bind(lib, name, result, *arguments):
    function = getattr(lib, name)
    function.restype, function.argtypes = result, arguments
    return function


def main():
    bootstrap, name, partitions, *settings = sys.argv[1:]
    lib = ctypes.CDLL("librdkafka.so.1")
    text, pointer, number, size = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
    error = ctypes.create_string_buffer(512)
    conf = bind(lib, "rd_kafka_conf_new", pointer)()
    bind(lib, "rd_kafka_conf_set", number, pointer, text, text, text, size)(conf, b"bootstrap.servers", bootstrap.encode(), error, 512)
    client = bind(lib, "rd_kafka_new", pointer, number, pointer, text, size)(0, conf, error, 512)
    if not client:
        sys.exit(f"make_topic: {error.value.decode()}")
    topic = bind(lib, "rd_kafka_NewTopic_new", pointer, text, number, number, text, size)(name.encode(), int(partitions), 1, error, 512)
    if not topic:
        sys.exit(f"make_topic: {error.value.decode()}")
    set_config = bind(lib, "rd_kafka_NewTopic_set_config", number, pointer, text, text)
    for setting in settings:
        set_config(topic, *(part.encode() for part in setting.split("=", 1)))
    queue = bind(lib, "rd_kafka_queue_new", pointer, pointer)(client)
    topics = (pointer * 1)(topic)
    bind(lib, "rd_kafka_CreateTopics", None, pointer, ctypes.POINTER(pointer), size, pointer, pointer)(client, topics, 1, None, queue)
    event = bind(lib, "rd_kafka_queue_poll", pointer, pointer, number)(queue, 30_000)
    if not event:
        sys.exit("make_topic: the broker did not answer within 30 s")
    if bind(lib, "rd_kafka_event_error", number, pointer)(event):
        sys.exit("make_topic: " + bind(lib, "rd_kafka_event_error_string", text, pointer)(event).decode())
    result = bind(lib, "rd_kafka_event_CreateTopics_result", pointer, pointer)(event)
    count = size()
    made = bind(lib, "rd_kafka_CreateTopics_result_topics", ctypes.POINTER(pointer), pointer, ctypes.POINTER(size))(result, ctypes.byref(count))
    for index in range(count.value):
        if bind(lib, "rd_kafka_topic_result_error", number, pointer)(made[index]):
            sys.exit("make_topic: " + bind(lib, "rd_kafka_topic_result_error_string", text, pointer)(made[index]).decode())
    # The controller has it; the broker may still answer that there is no such topic. Whoever comes next must find it whole.
    offset = ctypes.c_int64
    ends = bind(lib, "rd_kafka_query_watermark_offsets", number, pointer, text, ctypes.c_int32, ctypes.POINTER(offset), ctypes.POINTER(offset), number)
    deadline = time.monotonic() + 30
    for partition in range(int(partitions)):
        low, high = offset(), offset()
        while ends(client, name.encode(), partition, ctypes.byref(low), ctypes.byref(high), 1000):
            if time.monotonic() > deadline:
                sys.exit(f"make_topic: partition {partition} has no leader after 30 s")
            time.sleep(0.05)


main()
