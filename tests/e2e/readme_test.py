#!/usr/bin/python3
"""readme_test.py: the first file that people read tells the truth: its configuration is taken, its commands and exit codes are there."""
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support" / "demo"))
from world import ROOT, World, expect, scratch, scripted  # noqa: E402


def said(*words):
    done = subprocess.run(list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=ROOT, check=False)
    return done.returncode, done.stdout.decode()


def blocks(text, language):
    return [body for name, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.S | re.M) if name == language]


def check_verbs(text, binary):
    """Every `tocsin verb --option` is a verb, and its options are options of it."""
    commands = [line.split("   ")[0].strip() for block in blocks(text, "") for line in block.splitlines()]
    commands = [command for command in commands if re.match(r"(\S*/)?tocsin ", command)]
    expect(len(commands) > 12, f"commands are found: {commands}")
    for command in commands:
        words = command.split()
        verbs = [word for word in words[1:3] if re.fullmatch(r"[a-z]+", word)]
        code, help_text = said(binary, *verbs, "--help")
        expect(code == 0 and "Usage" in help_text, f"`{command}`: {help_text[:300]}")
        for option in re.findall(r"--[a-z-]+", command):
            expect(option in help_text or option in said(binary, "--help")[1], f"`{command}`: {option} is no option of it")
    return len(commands)


def check_dev(text):
    verbs = set(re.findall(r"\./dev ([a-z]+)", text))
    code, help_text = said("./dev", "help")
    expect(code == 0 and all(re.search(rf"^  {verb}\b", help_text, re.M) for verb in verbs), f"./dev knows {verbs}")


def main():
    with scratch() as folder:
        binary = World(folder).binary
        text = (ROOT / "README.md").read_text()
        config = next(block for block in blocks(text, "yaml") if "state_dir" in block)
        (folder / "contacts.csv").write_text("id,id_type,locale,email,phone,push_token,guardian_id\n")
        (folder / "smtp-password").write_text("secret\n")
        (folder / "tocsin.yml").write_text(config.replace("/var/lib/tocsin", str(folder / "state")).replace("/etc/tocsin", str(folder)) + f"rules: [{ROOT / 'rules'}]\n")
        code, answer = said(binary, "check", "--config", folder / "tocsin.yml")
        expect(code == 0, f"the README's configuration: {answer}")
        commands = check_verbs(text, binary)
        check_dev(text + (ROOT / "tests" / "README.md").read_text())
        table = dict(re.findall(r"^\| (\d+) \| (.+) \|$", text, re.M))
        real = dict(re.findall(r"^ +(\d+)  (.+)$", said(binary, "--help")[1], re.M))
        expect(table == {code: meaning.strip() for code, meaning in real.items()}, f"exit codes: {table} in the README, {real} in the program")
        code, answer = said(binary, "test", "--rules", ROOT / "rules")
        expect(code == 0, f"`tocsin test --rules rules`: {answer[-500:]}")
        print(f"{commands} commands, {len(table)} exit codes")


scripted(main)
