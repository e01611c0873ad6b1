#!/usr/bin/env python3
"""compare_sets.py: do two engines find the same? The (event, rule) pairs of `tocsin match` against those of RSigma, lane by lane.

  compare_sets.py --rules DIR --lanes DIR [--routing off|logsource] [--tocsin PATH] [--rsigma PATH] [--count N] [LANE …]

RSigma does not number its events, so it is asked to write each event beside its match, and the numbers are found again by
walking the file along. Prints per lane how many pairs are equal and, for each rule that differs, how often and the first event
on either side. Exit 0 where at most `--allow` rules differ in all (10), else 1.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile


def of_tocsin(arguments, lane):
    command = [arguments.tocsin, "match", "--rules", arguments.rules, "--routing", arguments.routing, lane]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        pairs = set()
        for line in running.stdout:
            hit = json.loads(line)
            if "rule" in hit:
                pairs.add((hit["event"], hit["rule"]))
    if running.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {running.returncode}")
    return pairs


def of_rsigma(arguments, lane):
    """Matches come in the order of events; equal events stand apart where a rule comes again."""
    command = [arguments.rsigma, "engine", "eval", "-r", arguments.rules, "-e", f"@{lane}", "--include-event", "--output-format", "ndjson", "-q"]
    if arguments.routing == "logsource":
        command.append("--logsource-routing")
    pairs = set()
    with open(lane, "rb") as events, subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        number, current, seen = 0, None, set()
        for line in running.stdout:
            hit = json.loads(line)
            if "event" not in hit:
                continue   # A correlation's.
            if hit["event"] != current or hit["rule_id"] in seen:
                current, seen = hit["event"], set()
                for event in events:
                    number += 1
                    if json.loads(event) == current:
                        break
                else:
                    sys.exit(f"{lane}: RSigma tells of an event that is not in the file")
            seen.add(hit["rule_id"])
            pairs.add((number, hit["rule_id"]))
    if running.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {running.returncode}")
    return pairs


def titles(folder):
    out = {}
    for path in pathlib.Path(folder).rglob("*.yml"):
        identity = title = ""
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("id:"):
                identity = line[3:].strip()
            elif line.startswith("title:"):
                title = line[6:].strip()
        out[identity] = title
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rules", type=pathlib.Path, required=True)
    parser.add_argument("--lanes", type=pathlib.Path, required=True, help="folder of LANE.ndjson")
    parser.add_argument("--routing", choices=["off", "logsource"], default="off")
    parser.add_argument("--tocsin", default="build/release/tocsin")
    parser.add_argument("--rsigma", default="rsigma")
    parser.add_argument("--count", type=int, default=0, help="only the first N events of a lane")
    parser.add_argument("--allow", type=int, default=10, help="rules that may differ")
    parser.add_argument("lane", nargs="*")
    arguments = parser.parse_args()
    lanes = arguments.lane or sorted(path.stem for path in arguments.lanes.glob("*.ndjson"))
    names, differing = titles(arguments.rules), collections.Counter()
    with tempfile.TemporaryDirectory() as scratch:
        for lane in lanes:
            path = arguments.lanes / f"{lane}.ndjson"
            if arguments.count:
                cut = pathlib.Path(scratch) / path.name
                with path.open("rb") as events, cut.open("wb") as out:
                    out.writelines(line for _, line in zip(range(arguments.count), events))
                path = cut
            ours, theirs = of_tocsin(arguments, path), of_rsigma(arguments, path)
            print(f"{lane:20} {arguments.routing:10} {len(ours & theirs):9,} pairs equal, {len(ours - theirs):,} only ours, {len(theirs - ours):,} only RSigma's", flush=True)
            for side, pairs in (("only ours", ours - theirs), ("only RSigma's", theirs - ours)):
                by_rule = collections.defaultdict(list)
                for event, rule in pairs:
                    by_rule[rule].append(event)
                for rule, events in sorted(by_rule.items(), key=lambda each: -len(each[1])):
                    differing[rule] += len(events)
                    print(f"    {side:14} {len(events):7,} × {rule} {names.get(rule, '')!r}, first at line {min(events)}")
    print(f"{len(differing)} rules differ" + (f", {arguments.allow} may" if differing else ""))
    sys.exit(1 if len(differing) > arguments.allow else 0)


if __name__ == "__main__":
    main()
