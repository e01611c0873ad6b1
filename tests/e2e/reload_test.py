#!/usr/bin/python3
"""reload_test.py: rules change while a real broker is read: windows of the others stay, a bad file changes nothing, SIGHUP does the same."""
import datetime
import json
import os
import shutil
import signal
import sys
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support" / "demo"))
from world import ROOT, World, expect, scratch, scripted, wait_for  # noqa: E402

CORPUS = ROOT.parent / "shared" / "data" / "sigmahq" / "rules"
KEPT = """title: Three denied reads
id: three-denied
level: high
correlation: {type: event_count, rules: [denied], group-by: [actor.id], timespan: 1h, condition: {gte: 3}}
---
title: Denied
id: denied
name: denied
logsource: {product: tocsin, category: access}
detection: {s: {outcome: denied}, condition: s}
"""
CHANGED = """title: Exports
id: exports
level: high
logsource: {{product: tocsin, category: access}}
detection: {{s: {{action.verb: {}}}, condition: s}}
"""


def event(number, verb="Read", outcome="denied"):
    time = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5) + datetime.timedelta(seconds=number)
    return json.dumps({"uid": f"e{number}", "time": time.isoformat(), "actor": {"id": "eva"}, "action": {"verb": verb}, "outcome": outcome,
                       "resource": {"classifications": ["personal"]}, "subjects": [{"id": f"c{number}"}]})


def main():
    with scratch() as folder, World(folder) as world:
        pack = folder / "rules"
        shutil.copytree(ROOT / "rules", pack)
        shutil.rmtree(pack / "detections")
        detections = pack / "detections"
        (detections / "own").mkdir(parents=True)
        if CORPUS.is_dir():
            shutil.copytree(CORPUS, detections / "sigmahq")
        else:
            print(f"SKIPPED in part: {CORPUS} is not there, so the rules are few")
        (detections / "own" / "kept.yml").write_text(KEPT)
        changed = detections / "own" / "changed.yml"
        changed.write_text(CHANGED.format("Export"))
        (folder / "contacts.csv").write_text("id,id_type,email\nc-1,customer,one@example.org\n")
        world.start_broker(1)
        world.write_config(contacts=folder / "contacts.csv")
        world.config.write_text(world.config.read_text().replace(f"rules: [{ROOT / 'rules'}]", f"rules: [{pack}]"))
        world.start_daemon(seconds=120)
        wait_for("detection runs", lambda: world.ask("status", check=False)["returncode"] == 0, 60)
        sent = 0

        def send(*events):
            nonlocal sent
            (folder / "events").write_text("\n".join(events) + "\n")
            world.send(folder / "events", framed=False)
            sent += len(events)
            world.wait_until_read(sent)

        def alerts(rule):
            return [each for each in world.alerts() if each["rule_id"] == rule]

        send(event(1), event(2), event(3, "Download", "success"))
        expect(not world.alerts(), "two of three prove nothing")
        changed.write_text(CHANGED.format("Download"))
        answer = world.ask("rules", "reload")
        expect(answer["changed"] == ["exports"] and int(answer["compiled"]) == 1, f"one rule was compiled: {answer}")
        print(f"{answer['rules']} rules, one changed: taken over in {answer['seconds']:.3f} s")

        changed.write_text("title: [")
        refused = world.ask("rules", "reload", check=False)
        expect(refused["returncode"] == 3 and "changed.yml:2:1: not YAML" in refused["err"], f"a bad file is shown: {refused}")
        send(event(4, "Download", "success"))
        expect(len(alerts("exports")) == 1, f"the new text is asked from the reload on, and the bad file changed nothing: {world.alerts()}")
        send(event(5))
        counted = alerts("three-denied")
        expect(len(counted) == 1 and int(counted[0]["count"]) == 3, f"the window was kept: {world.alerts()}")

        # SIGHUP is the same order. What it did is known by the metric, since nobody answers a signal.
        changed.write_text(CHANGED.format("Erase"))
        os.kill(world.daemon.pid, signal.SIGHUP)
        wait_for("the signal is obeyed", lambda: 'tocsin_rules_reloads_total{outcome="done"} 2' in
                 urllib.request.urlopen(f"http://127.0.0.1:{world.http_port}/metrics").read().decode(), 60)
        send(event(6, "Erase", "success"), event(7, "Download", "success"))
        expect(len(alerts("exports")) == 2, f"the third text: {world.alerts()}")

        # A crash: the new rules and the windows they took over are what the next start finds.
        world.kill_daemon()
        world.start_daemon(seconds=120)
        send(event(8, "Erase", "success"))
        expect(len(alerts("exports")) == 3 and len(alerts("three-denied")) == 1, f"behind a crash: {world.alerts()}")
        expect(world.ask("verify")["intact"], "the audit trail is whole")


scripted(main)
