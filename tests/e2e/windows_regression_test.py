#!/usr/bin/python3
"""windows_regression_test.py: SigmaHQ's recorded Windows attacks match their rules as often as upstream says (needs ../shared)."""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support" / "demo"))
from world import ROOT, expect, scratch, scripted  # noqa: E402

CORPUS = ROOT.parent / "shared" / "data" / "sigmahq"
# Upstream's checker stops at a rule's first hit, and these three files say 1 though three of their events meet the rule word
# for word (three copies of procdump, three of user.conf, three zones of a domain). RSigma counts 3 as well.
COUNTED_ONCE_UPSTREAM = {"0b9ad457-2554-44c1-82c2-d56a99c42377": 3, "45e112d0-7759-4c2a-aa36-9f8fb79d3393": 3, "8fbf3271-1ef6-4e94-8210-03c2317947f6": 3}


def documents(path):
    """Several indented documents may follow one another."""
    text, at, decoder = path.read_text(encoding="utf-8"), 0, json.JSONDecoder()
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        document, at = decoder.raw_decode(text, at)
        yield document


def cases():
    """(rule id, the count that upstream wants or None for any, events)."""
    for page in sorted((CORPUS / "regression_data").rglob("info.yml")):
        text = page.read_text(encoding="utf-8")
        if not re.search(r"^regression_tests_info:", text, re.MULTILINE):
            continue   # Set aside upstream.
        identity = re.search(r"^rule_metadata:\n\s+- id: (\S+)", text, re.MULTILINE).group(1)
        count = re.search(r"^\s+match_count: (\d+)", text, re.MULTILINE)
        yield identity, int(count.group(1)) if count else None, list(documents(page.parent / f"{identity}.json"))


def rule_files():
    out = {}
    for folder in ("rules", "rules-emerging-threats", "rules-threat-hunting"):
        for path in (CORPUS / folder).rglob("*.yml"):
            named = re.search(r"^id: (\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
            if named:
                out[named.group(1)] = path
    return out


def main():
    if not CORPUS.exists():
        print(f"SKIPPED: no SigmaHQ corpus at {CORPUS} (../shared/data/sigmahq)")
        sys.exit(77)
    binary = os.environ.get("TOCSIN") or str(ROOT / "build" / "dev" / "tocsin")
    with scratch() as folder:
        rules, events, owner, wanted, files = folder / "rules", folder / "events.ndjson", {}, {}, rule_files()
        rules.mkdir()
        with events.open("w", encoding="utf-8") as out:
            for identity, count, recorded in cases():
                shutil.copy(files[identity], rules / f"{identity}.yml")
                wanted[identity] = count
                for event in recorded:
                    owner[len(owner) + 1] = identity
                    out.write(json.dumps(event, ensure_ascii=False) + "\n")
        for routing in ("logsource", "off"):
            done = subprocess.run([binary, "match", "--rules", rules, "--mapping", ROOT / "rules" / "mappings" / "windows_event.yml", "--routing", routing, events], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            expect(done.returncode == 0, f"tocsin match ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
            found = dict.fromkeys(wanted, 0)
            for line in done.stdout.splitlines():
                hit = json.loads(line)
                if owner[hit["event"]] == hit["rule"]:
                    found[hit["rule"]] += 1
            wrong = [f"{files[identity].name}: {found[identity]} matches, upstream says {count}" for identity, count in wanted.items()
                     if (found[identity] < 1 if count is None else found[identity] != COUNTED_ONCE_UPSTREAM.get(identity, count))]
            expect(not wrong, f"--routing {routing}: {len(wrong)} of {len(wanted)} differ:\n" + "\n".join(wrong))
        expect(len(wanted) > 90, f"only {len(wanted)} recordings found")
        print(f"{len(wanted)} rules meet their recorded events, {len(owner)} events, with log source routing and without")


scripted(main)
