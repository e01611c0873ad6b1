#!/usr/bin/python3
"""authoring_test.py: match, explain, backtest, lint and test as processes: pipes, streams, big files, broken readers, exit codes."""
import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support" / "demo"))
from world import ROOT, World, expect, scratch, scripted  # noqa: E402

RULES = """title: Eva was here
id: 6a0c0c2e-8f4e-4f0e-9f5a-0c9b7b1f2d11
status: test
level: high
logsource: {product: windows}
detection:
  s: {user: eva}
  condition: s
tocsin:
  tests:
    - {it: fires, given: [{values: {user: EVA}}], expect: {alerts: 1}}
    - {it: is quiet, given: [{values: {user: ana}}], expect: {alerts: 0}}
"""


def main():
    with scratch() as folder:
        binary = World(folder).binary
        rules = folder / "rule.yml"
        rules.write_text(RULES)

        def run(*words, stdin=b"", code=0):
            done = subprocess.run([binary, *map(str, words)], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            expect(done.returncode == code, f"{words}: exit {done.returncode}, not {code}: {done.stderr.decode()[:500]}")
            return done.stdout.decode(), done.stderr.decode()

        # A file of many blocks, with lines of every length: each hit has the number of its line.
        lines, wanted = [], []
        for i in range(1, 30_001):
            hit = i % 7 == 0
            lines.append(json.dumps({"user": "eva" if hit else "ana", "pad": "x" * (i * 37 % 501)}))
            if hit:
                wanted.append(i)
        events = folder / "events.ndjson"
        events.write_text("\n".join(lines))
        out, said = run("match", "--rules", rules, events)
        found = [json.loads(line) for line in out.splitlines()]
        expect([hit["event"] for hit in found] == wanted, "the numbers of the lines")
        expect(found[0] == {"event": 7, "rule": "6a0c0c2e-8f4e-4f0e-9f5a-0c9b7b1f2d11", "title": "Eva was here", "level": "high"}, found[0])
        expect(said.startswith(f"30000 events, {len(wanted)} matches, "), said)
        piped, _ = run("match", "--rules", rules, stdin=events.read_bytes())
        expect(piped == out, "standard input gives the same lines")

        # Who follows a log sees a hit while the log goes on.
        with subprocess.Popen([binary, "match", "--rules", rules, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as live:
            live.stdin.write(b'{"user":"eva"}\n')
            live.stdin.flush()
            expect(json.loads(live.stdout.readline())["event"] == 1, "a hit comes before the end of the input")
            live.stdin.write(b'{"user":"eva"}')
            live.stdin.close()
            expect(json.loads(live.stdout.readline())["event"] == 2, "the last line needs no break")
            expect(live.wait(30) == 0, "it ends with its input")

        # A full disk is told, and a reader that goes away ends it.
        if os.path.exists("/dev/full"):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([binary, "match", "--rules", rules, events], stdout=full, stderr=subprocess.PIPE, check=False)
            expect(done.returncode == 6 and b"takes nothing more" in done.stderr, f"a full disk: {done.returncode} {done.stderr}")
        with subprocess.Popen([binary, "match", "--rules", rules, events], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as gone:
            gone.stdout.close()
            expect(gone.wait(30) != 0, "nobody reads: it ends")

        tree, _ = run("explain", "--rules", rules, "--rule", "6a0c0c2e-8f4e-4f0e-9f5a-0c9b7b1f2d11", "--event", 7, events, "-o", "json")
        expect(json.loads(tree)["holds"] is True, tree)
        counted, _ = run("backtest", "--rules", rules, events, "-o", "json")
        expect(json.loads(counted)["rules"][0]["hits"] == len(wanted), counted)
        run("rules", "lint", "--rules", rules, "--deny", "warnings")
        run("test", "--rules", rules, "--require-both")
        rules.write_text(RULES.replace("user: EVA", "user: ana"))
        _, _ = run("test", "--rules", rules, code=1)
        run("rules", "lint", "--rules", ROOT / "rules", "--shipped")
        print(f"{len(wanted)} hits in {len(lines)} lines, by file, pipe and stream")


scripted(main)
