#!/usr/bin/python3
"""hold_test.py: a fresh installation sends nothing to anyone, nobody approves alone, and an edited audit row is found."""
import datetime
import json
import sqlite3
import subprocess
import time
import urllib.request
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support" / "demo"))
from world import World, expect, make_day, scratch, scripted, wait_for  # noqa: E402


def refused(world, who, *words):
    done = world.ask(*words, who=who, check=False)
    expect(done["returncode"] in (4, 7), f"tocsin {' '.join(words)} as {who} is refused, not {done}")
    return done["err"].strip()


def main():
    with scratch() as folder, World(folder) as world:
        story = make_day(folder / "day", "--events", 4_000, "--partitions", 2)
        world.start_broker(2)
        world.start_receivers()
        world.write_config()  # Not a word about delivery.
        world.start_daemon()
        expect(world.ask("status")["delivery_mode"].lower() == "hold", "the default is hold")
        world.send(folder / "day" / "records.framed")
        world.wait_until_read(story["records"])
        incident = wait_for("an incident", lambda: max(world.incidents(), key=lambda i: int(i.get("affected_count", 0)), default=None))["incident_id"]

        security, privacy = world.PEOPLE
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        expect(world.ask("incident", "confirm", incident, "--aware-at", now, "--evidence", "", who=security, check=False)["returncode"] != 0, "no confirmation without evidence")
        world.ask("incident", "confirm", incident, "--aware-at", now, "--evidence", "seen in the log", who=security)
        binding = world.ask("notice", "preview", incident, who=privacy)["binding"]
        print("the same person:", refused(world, security, "incident", "approve", incident, "--binding", binding))
        print("another text:", refused(world, privacy, "incident", "approve", incident, "--binding", "0" * len(binding)))
        world.ask("incident", "approve", incident, "--binding", binding, who=privacy)

        notices = world.notices_by_state()
        expect(notices.get("QUEUED", 0) > 1000, f"notices wait: {notices}")
        # Long enough for many turns of the courier, which in hold has nothing to claim.
        until = time.monotonic() + 5
        wait_for("five seconds of hold", lambda: time.monotonic() > until, 10)
        expect(world.notices_by_state() == notices, f"nothing moved: {world.notices_by_state()} after {notices}")
        stats = json.loads(urllib.request.urlopen(f"http://127.0.0.1:{world.http.port}/stats").read())
        expect(stats.get("accepted", 0) == 0 and not any(world.received(kind) for kind in ("mail", "sms", "push", "webhook")), f"nothing arrived anywhere: {stats}")
        expect(not list((world.state / "announcements").glob("**/*.html")), "nothing was published")
        expect(world.ask("verify")["intact"], "the audit chain is whole")

        world.kill_daemon(15)
        expect(json.loads(world.run("verify", "--state-dir", world.state, "--tenant", "demo", "--output", "json"))["intact"], "… also read from the folder")
        store = next(path for path in world.state.glob("**/*") if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3")
        database = sqlite3.connect(store)
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")  # Somebody who edits the file is not stopped by triggers.
        changed = database.execute("UPDATE audit SET principal = 'somebody else' WHERE seq = (SELECT max(seq) - 1 FROM audit)").rowcount
        database.commit()
        database.close()
        expect(changed == 1, "one audit row was edited")
        done = subprocess.run([world.binary, "verify", "--state-dir", world.state, "--tenant", "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        expect(done.returncode == 1, f"verify finds the edit: {done}")
        print("verify:", " ".join(done.stdout.decode().split()))
        print(f"{notices['QUEUED']} notices wait, none left")


scripted(main)
