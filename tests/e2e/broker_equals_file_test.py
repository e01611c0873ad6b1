#!/usr/bin/python3
"""broker_equals_file_test.py: alerts, groups and affected people do not depend on partitions, order within the lateness, or repeats."""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support" / "demo"))
from world import World, canonical_alert, canonical_text, expect, make_day, scratch, scripted  # noqa: E402

EVENTS, DAY = 12_000, "2026-03-02"


def from_broker(folder, keys_of, *words):
    """One run over six partitions with random keys. The keys of the first run make the refs comparable."""
    story = make_day(folder / "day", "--seed", 7, "--events", EVENTS, "--day", DAY, "--shuffle-within", 540, "--random-keys", *words)
    with World(folder) as world:
        world.start_broker(6)
        if keys_of:
            world.state.mkdir()
            __import__("shutil").copytree(keys_of.state / "keys", world.state / "keys")
        world.write_config()
        world.start_daemon()
        world.send(folder / "day" / "records.framed")
        world.wait_until_read(story["records"])
        sums = world.balance()
        expect(sums["late"] == 0 and sums["dead"] == 0, f"nothing is late or dead: {sums}")
        expect(sums["applied"] == story["records"], f"{story['records']} records were sent: {sums}")
        return world, world.canonical(), story


def from_file(folder, world):
    """The same events in order of time, from one file, without broker, log or store."""
    make_day(folder / "day", "--seed", 7, "--events", EVENTS, "--day", DAY)
    lines, groups, correlations = [], {}, 0
    for line in world.run("replay", folder / "day" / "events.ndjson", "--rules", Path(__file__).resolve().parents[2] / "rules", "--tenant", "demo", "--source", "access",
                          "--state-dir", world.state).splitlines():
        alert = json.loads(line)
        lines.append(canonical_alert(alert))
        groups.setdefault(alert["group"][0]["value"], set()).update(alert["affected"])
        correlations += "bucket_start" in alert
    expect(correlations > 0, "there are correlations among the alerts")
    return canonical_text(lines, groups), len(lines), correlations


def main():
    with scratch() as folder:
        world, first, story = from_broker(folder / "first", None)
        _, second, repeated = from_broker(folder / "second", world, "--duplicates", 5)
        expect(repeated["records"] > story["records"] * 1.03, "the second run has repeated records")
        file, alerts, correlations = from_file(folder / "file", world)
        for name, text in (("first", first), ("second", second)):
            (folder / f"{name}.txt").write_text(text)
            (folder / "file.txt").write_text(file)
            expect(text == file, f"the {name} run and the file differ: diff {folder}/{name}.txt {folder}/file.txt")
        people = sum(len(line.split()) - 1 for line in file.splitlines()[alerts:])
        print(f"{story['records']} and {repeated['records']} records on 6 partitions equal the file: {alerts} alerts, {correlations} of them correlations, {people} affected people")


scripted(main)
