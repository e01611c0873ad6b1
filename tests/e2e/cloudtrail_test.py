#!/usr/bin/python3
"""cloudtrail_test.py: a real attack's CloudTrail goes in as its envelopes, a SigmaHQ rule fires, and jq counts the same."""
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support" / "demo"))
from world import World, expect, scratch, scripted  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
CLOUDTRAIL, SIGMAHQ = SHARED / "cloudtrail-invictus" / "CloudTrail", SHARED / "sigmahq" / "rules" / "cloud" / "aws" / "cloudtrail"
# Rule file → the same question in jq's words.
RULES = {
    "aws_cloudtrail_disable_logging.yml": 'select(.eventSource == "cloudtrail.amazonaws.com" and (.eventName | IN("StopLogging", "UpdateTrail", "DeleteTrail")))',
    "aws_enum_buckets.yml": 'select(.eventSource == "s3.amazonaws.com" and .eventName == "ListBuckets" and .userIdentity.type != "AssumedRole")',
}


def main():
    if not CLOUDTRAIL.exists() or not SIGMAHQ.exists():
        print("the CloudTrail files and SigmaHQ's rules are in ../shared, which is not here")
        sys.exit(77)
    files = sorted(CLOUDTRAIL.glob("*.json"))
    with scratch() as folder, World(folder) as world:
        with open(folder / "envelopes.framed", "wb") as framed:
            for index, file in enumerate(files):
                value = file.read_bytes()
                framed.write(f"{index % 3} {len(value)}\n".encode() + value + b"\n")
        world.start_broker(3)
        (folder / "day").mkdir()
        (folder / "day" / "contacts.csv").write_text("id,id_type\n")
        world.write_config(more="detect: {lateness: 24h}\n")
        text = world.config.read_text()
        world.config.write_text(text.replace(f"rules: [{ROOT / 'rules'}]", f"rules: [{ROOT / 'rules'}, {', '.join(str(SIGMAHQ / name) for name in RULES)}]"))
        world.start_daemon()
        world.send(folder / "envelopes.framed")
        partitions = world.wait_until_read(len(files))
        world.balance()
        events = sum(int(p.get("events", 0)) for p in partitions)
        expect(events == 2900, f"2,900 events come out of {len(files)} envelopes, not {events}")
        alerts = world.alerts()
        for name, question in RULES.items():
            rule = (SIGMAHQ / name).read_text()
            identity = next(line.split()[1] for line in rule.splitlines() if line.startswith("id: "))
            fired = sum(1 for alert in alerts if alert["rule_id"] == identity)
            # Equal bytes are one event: a delivery that CloudTrail repeats must not count twice, so jq counts distinct ones.
            counted = subprocess.run(["jq", "-c", f".Records[] | {question}", *files], stdout=subprocess.PIPE, check=True).stdout.splitlines()
            expect(fired == len(set(counted)) > 0, f"{name}: the rule fired {fired} times, jq counts {len(counted)} ({len(set(counted))} distinct)")
            print(f"{name} ({identity}) fired {fired} times, jq counts {len(counted)}")
        print(f"{len(files)} envelopes, {events} events")


scripted(main)
