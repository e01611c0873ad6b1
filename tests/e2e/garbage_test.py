#!/usr/bin/python3
"""garbage_test.py: five percent bad records: the dead letters are exactly those of the manifest, and nothing stalls."""
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support" / "demo"))
from world import World, expect, make_day, scratch, scripted  # noqa: E402


def main():
    with scratch() as folder, World(folder) as world:
        story = make_day(folder / "day", "--seed", 11, "--events", 12_000, "--garbage", 5, "--shuffle-within", 300, "--random-keys")
        manifest = [json.loads(line) for line in (folder / "day" / "manifest.ndjson").read_text().splitlines()]
        classes = {row["class"] for row in manifest}
        expect(len(classes) == 11, f"every class of garbage is there: {sorted(classes)}")
        world.start_broker(6)
        world.write_config()
        world.start_daemon()
        world.send(folder / "day" / "records.framed")
        world.wait_until_read(story["records"])
        sums = world.balance()
        letters = {(int(letter.get("partition", 0)), int(letter.get("offset", 0))): letter["reason"] for letter in world.ask("deadletters", "list").get("dead_letters", [])}
        wanted = {(row["partition"], row["offset"]): row["reason"] for row in manifest if row["disposition"] == "dead"}
        kinds = {(row["partition"], row["offset"]): row["class"] for row in manifest}
        wrong = [f"{kinds.get(place, 'good')} at {place}: expected {wanted.get(place, 'an event')}, found {letters.get(place, 'an event')}"
                 for place in sorted(wanted.keys() | letters.keys()) if wanted.get(place) != letters.get(place)]
        expect(not wrong, "the dead letters differ from the manifest:\n" + "\n".join(wrong[:20]))
        expect(sums["dead"] == len(wanted) and sums["late"] == 0, f"counted like the manifest: {sums}")
        alerts = world.alerts()
        expect(len(alerts) > 10, "the three stories are found among the garbage")
        # One record alone waits limits::kBatchWait (20 ms) for company, not for a full batch.
        (folder / "one.framed").write_bytes(b"0 2\n{}\n")
        sent = time.monotonic()
        world.send(folder / "one.framed")
        world.wait_until_read(story["records"] + 1)
        expect(time.monotonic() - sent < 5, f"a lonely record took {time.monotonic() - sent:.1f} s")
        place = next(iter(wanted))
        shown = world.ask("deadletters", "show", "access", *place, check=False)
        expect(shown["returncode"] == 0, f"one can be shown: {shown['err']}")
        print(f"{story['records']} records, {len(manifest)} of them spoiled in {len(classes)} classes: {len(letters)} dead letters, all as the manifest says")


scripted(main)
