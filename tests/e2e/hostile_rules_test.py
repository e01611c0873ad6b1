#!/usr/bin/python3
"""hostile_rules_test.py: rules and events that want to exhaust us end in bounded time and memory, with an error that says where."""
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support" / "demo"))
from world import ROOT, expect, scratch, scripted  # noqa: E402

MEMORY = 1 << 30        # Of address space: what the libraries map counts as well.
SECONDS = 60            # Of processor time, in a build without optimisation. Honest rules take less than one.
BINARY = os.environ.get("TOCSIN") or str(ROOT / "build" / "dev" / "tocsin")

GOOD_ID = "11111111-1111-4111-8111-111111111111"
GOOD = f"""title: Good
id: {GOOD_ID}
logsource: {{product: windows}}
detection:
  selection: {{Image|endswith: '\\cmd.exe'}}
  condition: selection
"""


def rule(selection, condition="selection", identity="22222222-2222-4222-8222-222222222222"):
    return f"title: Hostile\nid: {identity}\nlogsource: {{product: windows}}\ndetection:\n  selection:\n{selection}\n  condition: {condition}\n"


def pattern(text):
    return rule(f"    CommandLine|re: '{text}'")


def many(count, width):
    return rule("    CommandLine|contains:\n" + "".join(f"      - 'w{i:0{width}}'\n" for i in range(count)))


def alias_bomb():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]" for i in range(1, 12)]
    return "\n".join(lines) + "\n" + GOOD


def documents(texts):
    return "---\n".join(texts)


def many_rules(count):
    return [rule("    Image: x", identity=f"r{i}") for i in range(count)]


def correlation(rules, words, more=""):
    return f"title: Hostile\nid: c\ncorrelation:\n  type: temporal\n{rules}  timespan: 1m\n{words}{more}"


def filters(count, values):
    """Of every rule: they would be copied into each."""
    words = ", ".join(f"w{i}" for i in range(values))
    return [f"title: F\nid: f{i}\nlogsource: {{product: windows}}\nfilter: {{rules: any, f: {{user: [{words}]}}, condition: not f}}\n" for i in range(count)]


def nested_anchors():
    """Every anchor keeps a copy of all that stands within."""
    return "bomb: " + "".join(f"&a{i} [" for i in range(60)) + "x, " * 150_000 + "]" * 60 + "\n" + GOOD


def bounded():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(*words):
    started = time.monotonic()
    done = subprocess.run([BINARY, *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=bounded, check=False)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), time.monotonic() - started


# name → (rule file, words its error must hold; None: it is a rule, and must match the hostile event in bounded time)
RULES = {
    "alias_bomb": (alias_bomb(), "nodes"),
    "all_modifiers": (rule("    ? CommandLine" + "|contains" * 100_000 + "\n    : [" + "x," * 50_000 + "]"), "modifiers"),
    "all_wildcards": (rule("    CommandLine: '" + "*a" * 2000 + "*b'"), None),
    "back_reference": (pattern("(a+)\\\\1+$".replace("\\\\", "\\")), "CommandLine|re"),
    "big_collection": (documents(["action: global\ndescription: " + "x" * 5_000_000 + "\n", *many_rules(100)]), "collection"),
    "big_expressions": (rule("    CommandLine|re: [" + ", ".join(f"'{i}(a{{90}}){{10}}'" for i in range(20_000)) + "]"), "steps"),
    "big_expressions_apart": (documents(rule("    CommandLine|re: [" + ", ".join(f"'{i}(a{{90}}){{10}}'" for i in range(500)) + "]", identity=f"r{j}") for j in range(60)), "steps"),
    "bytes_of_nothing": ("title: T\0\0\0\n", ""),
    "counts_names": (documents([*many_rules(2), correlation("  rules: [r0, r1]\n", "  condition: " + " or ".join(f"x{i}" for i in range(20_000)) + "\n")]), "among the `rules`"),
    "counts_unknown": (documents([*many_rules(2_000), correlation("", "  condition: " + " or ".join(f"r{i}x" for i in range(100_000)) + "\n")]), "condition"),
    "dashes": (documents(rule(f"    CommandLine|windash: '-a -b -c -d -e {'x' * 1_000}'", identity=f"r{i}") for i in range(200)), "bytes together"),
    "dashes_of_megabytes": (rule(f"    CommandLine|windash: '-a -b -c -d -e {'x' * 9_000_000}'"), "at most 16384"),
    "deep_brackets": ("title: " + "[" * 100_000, ""),
    "deep_condition": (rule("    Image: x", "(" * 100_000 + "selection" + ")" * 100_000), "condition"),
    "deep_maps": ("".join(" " * i + "a:\n" for i in range(3_000)), ""),
    "double_units": (rule("    CommandLine" + "|wide" * 14 + f": '{'?' * 16_000}'"), "bytes together"),
    "double_widths": (rule("    CommandLine" + "|wide" * 14 + f": '{'a' * 16_000}'"), "bytes together"),
    "endless_not": (rule("    Image: x", "not " * 100_000 + "selection"), "condition"),
    "filters_of_all": (documents([*many_rules(3_000), *filters(50, 2_000)]), "filters"),
    "filters_of_one": (documents([*many_rules(1), *filters(300, 1)]), "filters"),
    "filters_of_unknown": (documents([*many_rules(2_000), "title: F\nid: f\nlogsource: {product: windows}\nfilter: {rules: [" + ", ".join(f"r{i}x" for i in range(150_000)) + "], f: {user: x}, condition: not f}\n"]), "no rule has the id"),
    "groups": (documents([*many_rules(2), correlation("  rules: [r0, r1]\n", "  group-by: [" + ", ".join(f"x{i}" for i in range(150_000)) + "]\n")]), "group-by"),
    "long_literal": (rule(f"    CommandLine|contains: '{'x' * 1_000_000}'"), ""),
    "look_behind": (pattern("(?<=a)b"), "CommandLine|re"),
    "many_literals": (many(100_000, 12), None),
    "nested_anchors": (nested_anchors(), "nodes"),
    "nested_counts": (pattern("((x{1,100}){1,100}){1,100}"), "CommandLine|re"),
    "nested_plus": (pattern("^(a+)+$"), None),
    "nested_stars": (pattern("^(((a*)*)*)*b$"), None),
    "overlapping_choice": (pattern("^(a|a|aa)+$"), None),
    "same_key_twice": (GOOD + "title: Again\n", "title"),
    "ten_megabytes": (many(600_000, 12), ""),
}


# Files in which good rules stand as well: those are loaded.
BESIDE = {"big_collection", "big_expressions_apart", "counts_names", "counts_unknown", "dashes", "filters_of_all", "filters_of_one", "filters_of_unknown", "groups"}


def check_rules(folder):
    """Each alone; then beside a good rule, which must not go down with it."""
    event = {"product": "windows", "Image": "C:\\cmd.exe", "CommandLine": "a" * 100_000 + "!"}
    events = folder / "events.ndjson"
    events.write_text(json.dumps(event) + "\n")
    for name, (text, words) in RULES.items():
        path = folder / name / f"{name}.yml"
        path.parent.mkdir()
        path.write_text(text)
        code, out, err, seconds = run("match", "--rules", path, events)
        told = f"{name}: exit {code} after {seconds:.1f} s: {(err or out)[:1500]}"
        expect(code >= 0 and "bad_alloc" not in err and "promise" not in err, told)
        if words is None:
            expect(code == 0, told)
        else:
            expect(code == (0 if name in BESIDE else 3), told)
            expect(f"{name}.yml:" in err and words in err and len(err) < 100_000, told)
        print(f"{name:20} exit {code} after {seconds:5.1f} s", flush=True)


def check_events(folder):
    rules = folder / "good.yml"
    rules.write_text(GOOD)
    good = '{"product":"windows","Image":"C:\\\\cmd.exe"}'
    hostile = {
        "deep_arrays": '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
        "deep_objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
        "endless_number": '{"a":' + "9" * 500_000 + "}",
        "lone_surrogate": '{"a":"\\ud800"}',
        "long_line": '{"a":"' + "x" * 20_000_000 + '"}',
        "many_keys": "{" + ",".join(f'"k{i}":{i}' for i in range(100_001)) + "}",
        "open_brackets": "[" * 1_000_000,
        "same_key": '{"product":"windows","Image":"C:\\\\cmd.exe","Image":"C:\\\\calc.exe"}',
        "same_key_100k": "{" + ",".join('"k":1' for _ in range(100_000)) + "}",
    }
    for name, line in hostile.items():
        path = folder / f"{name}.ndjson"
        path.write_text(f"{good}\n{line}\n{good}\n")
        code, out, err, seconds = run("match", "--rules", rules, path)
        told = f"{name}: exit {code} after {seconds:.1f} s: {out[:500]} {err[:1000]}"
        hits = [json.loads(hit)["event"] for hit in out.splitlines()]
        expect(code in (0, 1) and hits == [1, 3], told)
        print(f"{name:20} exit {code} after {seconds:5.1f} s", flush=True)


def check_neighbours(folder):
    """`tocsin check` tells of every file at once, beside the shipped rules."""
    shutil.copytree(ROOT / "rules", folder / "rules")
    pack = folder / "rules" / "detections" / "hostile"
    pack.mkdir()
    for name, (text, words) in RULES.items():
        if words is not None and name != "ten_megabytes":
            (pack / f"{name}.yml").write_text(text)
    (pack / "good.yml").write_text(GOOD)
    code, out, err, seconds = run("check", "--rules", folder / "rules")
    told = f"check: exit {code} after {seconds:.1f} s: {(out + err)[:3000]}"
    expect(code == 3, told)
    expect("good.yml" not in out + err, f"the good neighbour is named among the faults; {told}")
    missing = [name for name, (_, words) in RULES.items() if words is not None and name != "ten_megabytes" and f"{name}.yml:" not in out + err]
    expect(not missing, f"not told of {missing}; {told}")
    events = folder / "good.ndjson"
    events.write_text(json.dumps({"product": "windows", "Image": "C:\\cmd.exe"}) + "\n")
    code, out, err, seconds = run("match", "--rules", pack, events)
    hits = [json.loads(hit)["rule"] for hit in out.splitlines()]
    expect(code == 0 and hits == [GOOD_ID], f"the good neighbour is not loaded: exit {code} after {seconds:.1f} s: {out[:500]} {err[:1000]}")


def main():
    with scratch() as folder:
        check_rules(folder)
        check_events(folder)
        check_neighbours(folder)
        print(f"{len(RULES)} hostile rules and 9 hostile events, each within {MEMORY >> 20} MiB and {SECONDS} s of processor time")


scripted(main)
