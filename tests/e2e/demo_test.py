#!/usr/bin/python3
"""demo_test.py: the demo as people run it: every path it prints is there, people were told, and nothing clear leaks."""
import email
import email.policy
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support" / "demo"))
from world import ROOT, expect, scratch, scripted, wait_for  # noqa: E402

# What /metrics must offer; tests/house compares it with the table of metrics.
METRICS = """
tocsin_alerts_total
tocsin_build_info
tocsin_commit_seconds
tocsin_contacts
tocsin_correlation_groups
tocsin_deliveries_total
tocsin_delivery_live
tocsin_events_total
tocsin_incidents
tocsin_invariant_breaches_total
tocsin_match_log_bytes
tocsin_notices
tocsin_notices_in_doubt_total
tocsin_partition_balanced
tocsin_partition_next_offset
tocsin_partition_start_offset
tocsin_ready
tocsin_records_total
tocsin_rules
tocsin_rules_reloads_total
tocsin_source_errors_total
tocsin_source_running
"""

# A family shows once it has counted something; these count what must not happen on a good day.
TROUBLES = {"tocsin_invariant_breaches_total", "tocsin_notices_in_doubt_total", "tocsin_source_errors_total"}


def check_mails(out):
    mails = sorted((out / "received" / "mail").glob("*.eml"))
    expect(len(mails) > 50, f"mails arrived: {len(mails)}")
    languages = set()
    for file in mails:
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        for header in ("Message-ID", "Date", "From", "Auto-Submitted", "Content-Language", "Subject"):
            expect(message[header], f"{file}: {header}")
        expect(message["Auto-Submitted"] == "auto-generated", f"{file}: Auto-Submitted")
        expect(message.get_body(("plain",)) and message.get_body(("html",)), f"{file}: text and HTML")
        languages.add(message["Content-Language"])
    expect(languages == {"zh-CN", "en"}, f"both languages: {languages}")
    return mails


def check_links(mail):
    """Every link of a mail answers 200."""
    message = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)
    links = set(re.findall(r'href="(https?://[^"]+)"', message.get_body(("html",)).get_content())) | set(re.findall(r"https?://[^\s<>\"]+[^\s<>\".,。，;；)]", message.get_body(("plain",)).get_content()))
    expect(links, f"{mail} has links")
    for link in links:
        expect(urllib.request.urlopen(link, timeout=10).status == 200, link)
    return len(links)


def main():
    with scratch() as folder:
        out = folder / "demo"
        process = subprocess.Popen([ROOT / "tests" / "support" / "demo" / "run", "--keep", "--events", "8000", "--out", out], stdout=open(folder / "said", "wb"), stderr=subprocess.STDOUT)
        try:
            wait_for("the demo is done", lambda: process.poll() is not None or "It stays up" in (folder / "said").read_text(errors="replace"), 180, 0.5)
            said = (folder / "said").read_text(errors="replace")
            expect(process.poll() is None, f"the demo ended: {said[-3000:]}")
            check_world(folder, out, said)
        finally:
            if process.poll() is None:
                process.terminate()
            code = process.wait(timeout=60)
        expect(code == 0, f"Ctrl-C ends the demo with 0, not {code}: {(folder / 'said').read_text(errors='replace')[-1000:]}")
        left = [pid for pid in filter(str.isdigit, os.listdir("/proc")) if str(out).encode() in read(f"/proc/{pid}/cmdline")]
        expect(not left, f"processes are left: {left}")


def read(path):
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def check_world(folder, out, said):
    paths = [line for line in said.splitlines() if line.startswith("/")]
    expect(len(paths) >= 15 and all(Path(path).exists() for path in paths), f"every path is there: {paths}")
    for ending, least in {".ndjson": 1, ".json": 7, ".pdf": 4, ".png": 6, ".html": 1}.items():
        expect(sum(path.endswith(ending) for path in paths) >= least, f"{least} × {ending} among {paths}")
    for path in paths:
        if path.endswith(".png"):
            expect(Path(path).stat().st_size > 8_000, f"{path} shows something")
    story = json.loads((out / "day" / "story.json").read_text())
    incidents = [json.loads(path.read_text()) for path in (out / "incidents").glob("*.json")]
    found = {incident["group"][0]["value"]: int(incident["affected_count"]) for incident in incidents}
    expect(found == {actor: len(facts["people"]) for actor, facts in story["actors"].items()}, f"three incidents with exactly their people: {found}")

    evidence = [len(json.loads(line).get("evidence", [])) for line in (out / "alerts.ndjson").read_text().splitlines()]
    expect(max(evidence) == 20, f"an alert shows limits::kEvidenceEventsMax events, however many it counts: {max(evidence)}")

    mails = check_mails(out)
    links = sum(check_links(mail) for mail in mails[:2])
    for kind in ("sms", "push", "webhook"):
        expect(list((out / "received" / kind).glob("*.json")), f"{kind} arrived")
    numbers = urllib.request.urlopen(next(re.finditer(r"http://127\.0\.0\.1:\d+/metrics", said))[0]).read().decode()
    offered = set(re.findall(r"^# TYPE (\S+)", numbers, re.M))
    missing = set(METRICS.split()) - offered - TROUBLES
    expect(not missing and offered <= set(METRICS.split()), f"/metrics: missing {missing}, unknown {offered - set(METRICS.split())}")
    reports = sorted((out / "reports").glob("*.pdf"))
    for report in reports:
        done = subprocess.run([ROOT / "tests" / "support" / "verapdf" / "verapdf", report, "3a", "ua1"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        expect(done.returncode == 0, f"veraPDF on {report}: {done.stdout.decode(errors='replace')[-1000:]}")
    check_privacy(out, story, numbers)
    print(f"{len(paths)} paths, {len(mails)} mails, {links} links answer 200, {len(reports)} reports pass veraPDF as 3a and ua1")


def check_privacy(out, story, numbers):
    """Names, addresses, mails and phones of subjects and of actors occur nowhere but in notices and the source of contacts."""
    canaries = [canary.encode() for canary in story["canaries"]]
    expect(len(canaries) > 1000, "there are canaries")
    pattern = re.compile(b"|".join(re.escape(canary) for canary in canaries))
    texts = {"metrics": numbers.encode(), "log": read(out / "tocsin.log"), "alerts": read(out / "alerts.ndjson")}
    for path in [*(out / "incidents").iterdir(), *(out / "reports").glob("*.json"), *(out / "state" / "announcements").glob("**/*"), *(out / "received" / "webhook").glob("*.json")]:
        if path.is_file():
            texts[str(path)] = read(path)
    for path in (out / "reports").glob("*.pdf"):
        with tempfile.NamedTemporaryFile(suffix=".pdf") as flat:
            subprocess.run(["qpdf", "--stream-data=uncompress", path, flat.name], check=True)
            texts[str(path)] = read(flat.name) + subprocess.run(["pdftotext", path, "-"], stdout=subprocess.PIPE, check=True).stdout
    for path in (out / "state").glob("**/*"):
        if path.is_file():
            texts[str(path)] = read(path)
    for name, text in texts.items():
        leak = pattern.search(text)
        expect(not leak, f"{name} holds {leak and leak[0].decode(errors='replace')} in clear")


scripted(main)
