#!/usr/bin/python3
"""crash_test.py: one day with twenty kills -9; alerts, incidents, people and notices equal those of an uninterrupted run."""
import collections
import json
import os
import random
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support" / "demo"))
from world import World, Failure, expect, make_day, scratch, scripted, wait_for  # noqa: E402

SEED = int(os.environ.get("TOCSIN_CRASH_SEED", "5"))
# Keyed by actor, as producers do: an incident is named after the alert that opens it, and which comes first must not depend on how
# the broker's answers for several partitions interleave.
DAY = ["--seed", SEED, "--events", 6_000, "--day", "2026-03-02", "--shuffle-within", 300]
# Place → what the kill interrupts.
DETECT = {"log_appended": "append → fsync", "log_synced": "fsync → commit", "before_commit": "fsync → commit", "after_commit": "after commit"}
RESPOND = {"claimed": "claim → point of no return", "pnr": "point of no return → result", "sent": "point of no return → result", "result": "after the result"}


def framed_slices(path, pieces):
    """The framed records of a file in so many consecutive pieces."""
    text, records, at = path.read_bytes(), [], 0
    while at < len(text):
        end = text.index(b"\n", at)
        length = int(text[at:end].split()[1])
        stop = end + 1 + max(length, 0) + 1
        records.append(text[at:stop])
        at = stop
    size = -(-len(records) // pieces)
    return [b"".join(records[i:i + size]) for i in range(0, len(records), size)], len(records)


class Day:
    """What is compared."""

    def __init__(self, world):
        self.canonical = world.canonical()
        self.incidents = sorted((i["incident_id"], i["state"]) for i in world.incidents())
        notices = world.ask("notice", "status", "--limit", 1_000_000)["notices"]
        self.notices = sorted((n["notice_id"], n["channel"], n["purpose"]) for n in notices)
        self.doubtful = sum(1 for n in notices if n.get("possible_duplicate"))
        self.refused = sorted(n["notice_id"] for n in notices if n["state"] == "REFUSED")
        self.mails = collections.Counter(line["notice_id"] if "notice_id" in line else path_id(line) for line in mail_index(world))
        # A file is <notice id>.json; one that the provider took a second time is <notice id>.<number>.json.
        self.http = {kind: collections.Counter(path.name.split(".")[0] for path in world.received(kind)) for kind in ("sms", "push", "webhook")}


def mail_index(world):
    return [json.loads(line) for line in (world.folder / "received" / "mail" / "index.ndjson").read_text().splitlines()]


def path_id(line):
    return str(line.get("file") or line.get("path")).rsplit("/", 1)[-1].split("-", 1)[1].removesuffix(".eml")


def opened(folder, keys_of=None):
    world = World(folder)
    story = make_day(folder / "day", *DAY)
    world.start_broker(6)
    world.start_receivers()
    if keys_of:  # The same subject key, or no ref and no notice id could be compared.
        world.state.mkdir()
        shutil.copytree(keys_of, world.state / "keys")
    world.write_config(delivery="delivery: {mode: live}")
    return world, story


def decide(world):
    """Confirms and approves whatever is not decided yet; a kill may come at any word."""
    for incident in sorted(world.incidents(), key=lambda i: i["incident_id"]):
        if incident["state"] == "SUSPECTED":
            world.ask("incident", "confirm", incident["incident_id"], "--aware-at", "2026-03-03T01:00:00Z", "--evidence", "seen", who=world.PEOPLE[0])
            incident = world.ask("incident", "show", incident["incident_id"])
        if any(r["state"] == "ROUND_AWAITING_APPROVAL" for r in incident.get("rounds", [])):
            binding = world.ask("notice", "preview", incident["incident_id"], who=world.PEOPLE[1])["binding"]
            world.ask("incident", "approve", incident["incident_id"], "--binding", binding, who=world.PEOPLE[1])


def uninterrupted(folder):
    world, story = opened(folder)
    with world:
        world.start_daemon()
        world.send(folder / "day" / "records.framed")
        world.wait_until_read(story["records"])
        decide(world)
        world.wait_until_told()
        world.balance()
        return Day(world)


def died(world):
    return world.daemon.poll() is not None


def start_to_die(world, place, passes):
    """Starts with a failpoint; the daemon may die before it answers."""
    world.start_daemon(failpoints=f"{place}:{passes}", wait=False)
    wait_for("the daemon answers or dies", lambda: died(world) or world.ask("status", check=False)["returncode"] in (0, 1), 60, 0.05)


def killed(folder, keys):
    rng = random.Random(SEED)
    world, _ = opened(folder, keys)
    kills = collections.Counter()
    with world:
        slices, records = framed_slices(folder / "day" / "records.framed", 40)
        piece = folder / "piece"
        plan = [place for place in DETECT for _ in range(2)]
        rng.shuffle(plan)
        for place in plan:
            start_to_die(world, place, rng.randint(1, 3))
            while slices and not died(world):
                piece.write_bytes(slices.pop(0))
                world.send(piece)
                try:
                    wait_for("death", lambda: died(world), rng.uniform(0.1, 0.4), 0.02)
                except Failure:
                    pass
            if not died(world):
                raise Failure(f"no death at {place}: all slices are read")
            kills[DETECT[place]] += 1
        for _ in range(2):  # And two at no place in particular.
            world.start_daemon()
            for _ in range(2):
                if slices:
                    piece.write_bytes(slices.pop(0))
                    world.send(piece)
            time.sleep(rng.uniform(0, 0.3))
            world.kill_daemon()
            kills["anywhere"] += 1
        world.start_daemon()
        for rest in slices:
            piece.write_bytes(rest)
            world.send(piece)
        world.wait_until_read(records)
        world.kill_daemon()
        kills["anywhere"] += 1

        plan = [place for place in RESPOND for _ in range(2)] + ["sent"]
        rng.shuffle(plan)
        for place in plan:
            start_to_die(world, place, rng.randint(1, 60))
            try:
                if not died(world):
                    decide(world)
            except Failure:
                pass  # The kill came between two words; what was not decided is decided after the next start.
            wait_for(f"death at {place}", lambda: died(world), 60, 0.02)
            kills[RESPOND[place]] += 1
        world.start_daemon()
        decide(world)
        world.wait_until_told()
        world.balance()
        return Day(world), kills


def main():
    with scratch() as folder:
        calm = uninterrupted(folder / "calm")
        storm, kills = killed(folder / "storm", folder / "calm" / "state" / "keys")
        expect(sum(kills.values()) >= 20 and all(kills[what] >= 2 for what in [*DETECT.values(), *RESPOND.values()]), f"twenty kills, two at each place: {kills}")
        (folder / "calm.txt").write_text(calm.canonical)
        (folder / "storm.txt").write_text(storm.canonical)
        expect(storm.canonical == calm.canonical, f"alerts and affected people differ: diff {folder}/calm.txt {folder}/storm.txt")
        expect(storm.incidents == calm.incidents, f"incidents: {storm.incidents} after kills, {calm.incidents} without")
        missing, more = set(calm.notices) - set(storm.notices), set(storm.notices) - set(calm.notices)
        expect(not missing and not more, f"{len(missing)} notices are missing and {len(more)} are too many: {list(missing)[:3]} {list(more)[:3]}")
        for kind in ("sms", "webhook"):  # They de-duplicate on our id: exactly once.
            expect(storm.http[kind] == calm.http[kind] and max(storm.http[kind].values()) == 1, f"{kind}: {storm.http[kind].total()} messages, {calm.http[kind].total()} without kills")
        extra = 0
        for kind, after, before in (("mail", storm.mails, calm.mails), ("push", storm.http["push"], calm.http["push"])):  # Neither can.
            expect(after.keys() == before.keys(), f"{kind}: {len(before.keys() - after.keys())} are missing, {len(after.keys() - before.keys())} are too many")
            extra += after.total() - len(after)
        expect(extra <= storm.doubtful, f"{extra} extra mails and pushes, but only {storm.doubtful} notices are marked as possible duplicates")
        print(", ".join(f"{count} kills {what}" for what, count in sorted(kills.items())))
        print(f"{len(storm.notices)} notices of {len(storm.incidents)} incidents equal the uninterrupted run; {extra} extra mails and pushes, {storm.doubtful} notices marked as possible duplicates")


scripted(main)
