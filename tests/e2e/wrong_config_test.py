#!/usr/bin/python3
"""wrong_config_test.py: every kind of mistake is shown with its place and a caret, and ends with 3."""
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support" / "demo"))
from world import ROOT, World, expect, scratch, scripted  # noqa: E402

GOOD = f"""state_dir: state
rules: [{ROOT / "rules"}]
sources:
  - name: access
    type: kafka
    brokers: ["127.0.0.1:9092"]
    topics: [access]
    start: earliest
delivery: {{mode: hold, max_recipients: 100}}
detect: {{lateness: 5m}}
"""
# What is wrong, what is put in its place, a word of the explanation, and whether a caret points at it.
WRONG = {
    "unknown key": ("delivery: {mode", "delivery: {mod", "did you mean", True),
    "unknown key at the top": ("delivery:", "delivry:", "did you mean", True),
    "wrong type": ("max_recipients: 100", "max_recipients: many", "expected", True),
    "wrong enum": ("mode: hold", "mode: holdd", "hold", True),
    "out of range": ("max_recipients: 100", "max_recipients: 0", "max_recipients", True),
    "missing": ("    topics: [access]\n", "", "`topics` is missing", True),
    "duplicate key": ("state_dir: state\n", "state_dir: state\nstate_dir: other\n", "state_dir", True),
    "unset variable": ("state_dir: state", "state_dir: ${env:TOCSIN_NOT_SET}", "TOCSIN_NOT_SET", True),
    "bad duration": ("lateness: 5m", "lateness: 5 parsecs", "duration", True),
    "unknown type": ("type: kafka", "type: kafko", "kafka", True),
}
RULE = """title: x
id: 3e0c0c2e-8f4e-4f0e-9f5a-0c9b7b1f2d1{}
logsource: {{product: tocsin, category: access}}
detection:
  bait: {{time|{}: {}}}
  condition: bait
"""


def main():
    with scratch() as folder:
        world = World(folder)

        def check(text, *more):
            (folder / "tocsin.yml").write_text(text)
            done = subprocess.run([world.binary, "check", "--config", folder / "tocsin.yml", *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            return done.returncode, done.stdout.decode()

        code, said = check(GOOD)
        expect(code == 0, f"the good file is good: exit {code}: {said}")
        for what, (old, new, word, caret) in WRONG.items():
            expect(old in GOOD, f"{what}: the case is written right")
            code, said = check(GOOD.replace(old, new))
            expect(code == 3, f"{what}: exit {code}, not 3: {said}")
            expect("tocsin.yml:" in said and word in said, f"{what}: `{word}` and the place are named: {said}")
            expect(not caret or "^" in said, f"{what}: a caret points at it: {said}")
        # Modifiers that take times apart: a number that the part can have is taken, any other is shown, and so is a misspelt modifier.
        for number, (modifier, beyond) in enumerate({"minute": 60, "hour": 24, "day": 32, "week": 54, "month": 13, "year": 10000}.items()):
            for value, name, good in [(3, modifier, True), (beyond, modifier, False), (3, f"{modifier}z", False)]:
                (folder / "rule.yml").write_text(RULE.format(number, name, value))
                code, said = check(GOOD, "--rules", ROOT / "rules", "--rules", folder / "rule.yml")
                expect(code == (0 if good else 3), f"{name}: {value}: exit {code}: {said}")
                expect(good or (modifier in said and "rule.yml:" in said and "^" in said), f"{name}: {value}: {said}")
        print(f"{len(WRONG)} mistakes, each with its place")


scripted(main)
