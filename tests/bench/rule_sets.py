#!/usr/bin/env python3
"""rule_sets.py: folders of a wanted number of Sigma rules, for benchmarks.

  rule_sets.py --out DIR --count N [--from DIR]

With --from the rules come from that folder: evenly chosen where it has more, and where it has fewer repeated with changed
literals (letters moved along the alphabet, so that lengths, wildcards and modifiers stay as they are) and new ids. Without it
they are made up, which is easier on an engine than people's rules; say so where you show figures.
"""
import argparse
import pathlib
import random
import re
import uuid

KEY = re.compile(r"""^\s*(?:-\s+)*['"]?([^'":|{}\[\]]*)((?:\|[a-z0-9]+)*)['"]?:(?:\s|$)""")
# Their values are no words.
FIXED = {"re", "cidr", "expand", "fieldref", "exists", "base64", "base64offset", "gt", "gte", "lt", "lte"}
WORDS = ["account", "archive", "backup", "config", "domain", "export", "install", "kernel", "ledger", "network", "policy", "report", "secret", "service", "token", "update"]


def moved(text, by):
    turn = {"A": 65, "a": 97}
    return "".join(chr((ord(c) - turn[base] + by) % 26 + turn[base]) if (base := "A" if "A" <= c <= "Z" else "a" if "a" <= c <= "z" else "") else c for c in text)


def changed(text, by):
    """The same rule for other words. A value stands in single quotes, or bare where it is neither number nor constant."""
    out, inside, modifiers, condition = [], False, set(), -1   # condition: how far in it stands, while its lines go on.
    for line in text.splitlines():
        bare = line.strip()
        if not line.startswith((" ", "-", "#")) and bare:
            inside = bare.startswith("detection:")
        indent = len(line) - len(line.lstrip())
        if bare and indent <= condition:
            condition = -1
        if inside and bare.startswith("condition:"):
            condition = indent
        if line.startswith("id:"):
            line = f"id: {uuid.uuid5(uuid.NAMESPACE_URL, f'{by} {line}')}"
        elif line.startswith("title:"):
            line = f"{line} ({by})"
        elif line.startswith("name:"):
            line = f"{line}_{by}"
        elif inside and bare and condition < 0 and not bare.startswith(("#", "timeframe:")):
            key = KEY.match(line)
            if key:
                modifiers = set(key.group(2).split("|")[1:])
            at = key.end() if key else len(line) - len(line.lstrip(" -"))
            value = line[at:].strip()
            if not value.startswith("'"):
                value = value.split(" #")[0].strip()
            constant = re.fullmatch(r"[-+0-9.eEx]*|null|~|true|false|[|>][-+]?", value, re.IGNORECASE)
            if not modifiers & FIXED and value and not constant and value[0] not in '"{[&*!':
                line = line[:at] + moved(value, by)
        out.append(line)
    return "\n".join(out) + "\n"


def people_wrote(folder, count):
    files = sorted(pathlib.Path(folder).rglob("*.yml"))
    if not files:
        raise SystemExit(f"{folder}: no rules")
    if count <= len(files):
        return [files[i * len(files) // count].read_text(encoding="utf-8") for i in range(count)]
    out = [path.read_text(encoding="utf-8") for path in files]
    for by in range(1, 26):
        for path in files:
            if len(out) == count:
                return out
            out.append(changed(path.read_text(encoding="utf-8"), by))
    raise SystemExit(f"{folder}: too few rules for {count}")


def made_up(count):
    rng = random.Random("rules")
    word = lambda: rng.choice(WORDS) + rng.choice(WORDS) + str(rng.randrange(10_000))  # noqa: E731
    out = []
    for i in range(count):
        source, fields = rng.choice([("{product: windows, category: process_creation}", ["CommandLine", "Image", "ParentImage"]), ("{product: windows, category: file_event}", ["TargetFilename", "Image"]),
                                     ("{product: aws, service: cloudtrail}", ["eventName", "eventSource"]), ("{product: windows, category: registry_set}", ["TargetObject", "Details"])])
        lines = [f"title: Made up {i}", f"id: {uuid.uuid5(uuid.NAMESPACE_URL, str(i))}", f"logsource: {source}", "level: low", "detection:"]
        for name in ("selection_a", "selection_b")[: rng.randrange(1, 3)]:
            field, modifier = rng.choice(fields), rng.choice(["|contains", "|endswith", "|startswith", "|contains|all", ""])
            lines += [f"  {name}:", f"    {field}{modifier}:"] + [f"      - '\\{word()}.exe'" for _ in range(rng.randrange(2, 9))]
        lines.append(f"  condition: {rng.choice(['all', '1'])} of selection_*")
        out.append("\n".join(lines) + "\n")
    return out


def write(out, count, source=None):
    out.mkdir(parents=True, exist_ok=True)
    for i, text in enumerate(people_wrote(source, count) if source else made_up(count)):
        (out / f"{i:05}.yml").write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--from", dest="source", type=pathlib.Path)
    arguments = parser.parse_args()
    write(arguments.out, arguments.count, arguments.source)


if __name__ == "__main__":
    main()
