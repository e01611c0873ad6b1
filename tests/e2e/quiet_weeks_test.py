#!/usr/bin/python3
"""quiet_weeks_test.py: four ordinary weeks of a company, with all that only looks like a breach, and the shipped pack keeps quiet."""
import datetime
import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support" / "demo"))
from world import ROOT, World, expect, scratch, scripted  # noqa: E402

ZONE = datetime.timezone(datetime.timedelta(hours=8))
FIRST_DAY = datetime.datetime(2026, 10, 26, tzinfo=ZONE)   # A Monday.
DAYS = 28
HOUR = 3600
PERSONAL = ["personal"]


class Weeks:
    """Ordinary events. Whatever is drawn comes from one seed."""

    def __init__(self, seed):
        self.rng, self.events, self.day = random.Random(seed), [], 0

    def add(self, second, actor, verb, classes=PERSONAL, people=(), **more):
        at = FIRST_DAY + datetime.timedelta(days=self.day, seconds=second)
        event = {"uid": f"q-{len(self.events)}", "time": at.isoformat(timespec="milliseconds"), "actor": actor, "action": {"verb": verb, "service": "crm"},
                 "resource": {"classifications": classes, "subject_region": "CN", "min_age_band": "adult"}, "outcome": "success",
                 "src": {"ip": "10.20.1.9", "country": "CN", "zone": "office", "tls": "1.3"}, "subjects": [{"id": person} for person in people]}
        for key, value in more.items():
            event[key] = dict(event[key], **value) if isinstance(event.get(key), dict) else value
        self.events.append((at, event))

    def office_hours(self):
        return self.rng.uniform(8.5 * HOUR, 18 * HOUR)

    def customer(self):
        return f"C{self.rng.randrange(20_000):05d}"

    @staticmethod
    def staff(name, role="customer_service", **more):
        return {"id": name, "type": "employee", "roles": [role], "status": "active", **more}

    @staticmethod
    def service(name):
        return {"id": name, "type": "service", "status": "active"}

    # ── one day ──
    def clerks(self):
        busy = 1.5 if self.day % 7 == 0 else 1.0   # Mondays.
        for number in range(20):
            clerk = self.staff(f"clerk-{number}", ["customer_service", "claims", "billing"][number % 3], device=f"laptop-{number}")
            self.add(8.4 * HOUR + number, clerk, "Logon", [], src={"zone": "vpn"})
            for _ in range(int(self.rng.gauss(45, 12) * busy)):
                self.add(self.office_hours(), clerk, self.rng.choice(["Read"] * 8 + ["Update", "Query"]), people=[self.customer()], purpose="service", record_count=1)
        night = self.staff("clerk-night", "claims")
        for _ in range(10):
            self.add(self.rng.uniform(0, 5 * HOUR), night, "Read", people=[self.customer()], purpose="claim")
        self.add(self.office_hours(), self.staff("clerk-3"), "Read", ["personal", "minor"], [self.customer()], resource={"min_age_band": "under_14"}, approval_id="MIN-2026-04")
        self.add(self.office_hours(), self.staff("clerk-4"), "Download", people=[self.customer()], case_ref="T-81", record_count=1)
        self.add(self.office_hours(), self.staff("clerk-5"), "Unmask", ["personal", "sensitive"], [self.customer()], case_ref="T-82")

    def doors(self):
        """Rights that are missing, forgotten passwords, an old token."""
        lost = self.staff("clerk-7")
        at = self.office_hours()
        for n in range(3):
            self.add(at + 30 * n, lost, "Read", outcome="denied", resource={"id": f"k-{self.day}-{n}"})
        self.add(at + 600, lost, "Read", people=[self.customer()], resource={"id": f"k-{self.day}-0"})
        for n in range(40):
            self.add(3 * HOUR + n, self.service("svc-sync"), "Read", outcome="denied", resource={"id": "k-sync"})
        self.add(3 * HOUR + 60, self.service("svc-sync"), "Read", people=["C00001"], resource={"id": "k-sync"})
        self.add(self.office_hours(), self.staff("admin-1", "dba"), "Assign Privileges", [], resource={"type": "account", "id": f"clerk-{self.day % 20}"}, approval_id=f"IAM-{self.day}")

    def exports(self):
        analyst = self.staff("analyst-1", "compliance", device="laptop-a")
        self.add(self.office_hours(), analyst, "Export", people=[self.customer()], purpose="report", record_count=self.rng.randrange(2, 99))
        self.add(self.office_hours(), analyst, "Export", purpose="report", record_count=2_000, approval_id="EX-7", subjects=[{"count_only": 2000}])
        self.add(self.office_hours(), analyst, "Share", resource={"visibility": "internal"})
        self.add(self.office_hours(), analyst, "Upload", ["public"], resource={"visibility": "public"})
        self.add(self.office_hours(), analyst, "Send", [], open_recipients=self.rng.randrange(1, 7))

    def travel(self):
        seller = self.staff("seller-1", "customer_service", device="laptop-s")
        abroad = 14 <= self.day < 18
        self.add(9 * HOUR, seller, "Logon", [], src={"zone": "internet", "country": "DE" if abroad else "CN"})
        if abroad:
            self.add(10 * HOUR, seller, "Export", people=[self.customer()], purpose="visit", record_count=1, src={"zone": "internet", "country": "DE"})
            for _ in range(5):
                self.add(self.office_hours(), seller, "Read", people=[self.customer()], purpose="visit", src={"zone": "internet", "country": "DE"})
        commuter = self.staff("commuter", "claims", device="phone-2" if self.day > 20 else "phone-1")
        self.add(7.5 * HOUR, commuter, "Logon", [], src={"zone": "internet", "country": "CN"})
        self.add(8.2 * HOUR, commuter, "Download", people=[self.customer()], case_ref="T-9", src={"zone": "internet", "country": "HK"})

    def customers(self):
        for _ in range(80):
            person, second = self.customer(), self.rng.uniform(6 * HOUR, 23 * HOUR)
            actor = {"id": person, "type": "customer", "status": self.rng.choice(["active"] * 9 + ["dormant"]), "session": f"s-{self.rng.getrandbits(40):x}"}
            wire = {"ip": f"203.0.113.{self.rng.randrange(256)}", "zone": "internet", "country": self.rng.choice(["CN"] * 9 + ["FR"]), "tls": self.rng.choice(["1.2", "1.3"]), "protocol": "http"}
            if self.rng.random() < 0.1:
                self.add(second - 20, actor, "Logon", [], outcome="denied", src=wire)
            self.add(second, actor, "Logon", [], [person], src=wire)
            for who in [person] * 3 + [f"{person}-child"]:
                self.add(second + self.rng.uniform(1, 300), actor, "Read", people=[who], src=wire)
            if self.rng.random() < 0.05:
                self.add(second + 310, actor, "Reveal", ["personal", "financial"], [person], src=wire)
                self.add(second + 320, actor, "Export", people=[person], record_count=400, src=wire)
        child = {"resource": {"min_age_band": "under_14"}, "consent_state": "guardian_granted"}
        self.add(self.office_hours(), self.service("svc-app"), "Read", ["personal", "minor"], ["C00042"], **child)
        self.add(self.office_hours(), self.service("svc-privacy"), "Delete", ["personal", "minor"], ["C00043"], resource={"min_age_band": "under_14"}, consent_state="withdrawn")

    def partners(self):
        for name, fields in (("parcel", ["name", "address"]), ("bank", ["name", "account"])):
            contract = {"id": name, "status": "active", "allowed_fields": fields, "daily_records": 100, "over_volume": False}
            for _ in range(40):
                self.add(self.office_hours(), {"id": f"svc-{name}", "type": "partner", "status": "active"}, "Read", people=[self.customer()], fields=fields,
                         partner=contract, src={"zone": "partner"})

    def jobs(self):
        night = self.rng.uniform(1 * HOUR, 2 * HOUR)
        self.add(night, self.service("svc-score"), "Update", record_count=200_000)
        self.add(night, self.service("svc-backup"), "Backup", storage_region="CN", resource={"canary": True})
        self.add(night, self.service("svc-replica"), "Replicate", storage_region="CN")
        self.add(night, self.service("svc-replica"), "Replicate", storage_region="DE", resource={"subject_region": "DE"})
        self.add(night, self.service("svc-group"), "Replicate", storage_region="DE", legal_basis="cn_standard_contract")
        for n in range(30):
            self.add(night + n, self.service("svc-retention"), "Delete", people=[self.customer()], overdue=["retention"], purpose="retention", record_count=500)
        for _ in range(int(self.rng.gauss(150, 15))):
            self.add(self.rng.uniform(0, 24 * HOUR), self.service("svc-pay"), "Decrypt", ["financial"], [self.customer()], purpose="payment", legal_basis="contract", consent_state="none")
        self.add(self.office_hours(), self.staff("auditor", "compliance"), "Read", ["personal", "financial"], [self.customer()], overdue=["retention"], legal_basis="legal_obligation")
        self.add(self.office_hours(), self.staff("dba-1", "dba"), "Update", record_count=5_000, approval_id="CHG-4")
        self.add(self.office_hours(), {"id": "op-1", "type": "service"}, "Read", people=[self.customer()], tenant="platform", resource={"tenant": "demo"}, approval_id="SUP-1")
        self.add(night, self.service("svc-etl"), "Query", dst={"ip": "127.0.0.1", "tls": "none"})

    def checks(self):
        scan = self.service("svc-scan")
        self.add(4 * HOUR, scan, "Scan", [], resource={"type": "log"}, findings=[])
        self.add(4 * HOUR, scan, "Scan", [], resource={"type": "ticket"}, findings=["cn_mobile"])
        self.add(4 * HOUR, scan, "Scan", ["synthetic"], resource={"type": "source_code"}, findings=["payment_card"])
        self.add(4 * HOUR, scan, "Check", findings=["high_entropy_rewrite"], approval_id="CHG-5")
        for hour in range(24):
            self.add(hour * HOUR, {"id": "crm-db"}, "Check", [], kind="audit", findings=[], clock_offset_ms=int(self.rng.gauss(0, 300)))
        if self.day % 7 == 2:
            self.add(self.office_hours(), {"id": "op-1"}, "Update", [], kind="audit", findings=["rules_changed"], approval_id="RULES-4")
        self.add(self.office_hours(), {"id": "tocsin"}, "Report", [], kind="delivery", delivery={"channel": "email", "recipients": 400, "refused_percent": 2, "unreachable_percent": 3})
        self.add(self.office_hours(), {"id": "tocsin"}, "Report", [], kind="delivery", delivery={"channel": "sms", "recipients": 3, "refused_percent": 33})

    def complaints(self):
        hotline = {"id": "hotline"}
        for _ in range(4):
            self.add(self.office_hours(), hotline, "Create", [], [self.customer()], kind="intake", intake={"source": "customer", "topic": "other"})
        if self.day % 3 == 0:
            topic = self.rng.choice(["unwanted_contact", "data_misuse"])
            self.add(self.office_hours(), hotline, "Create", [], [self.customer()], kind="intake", intake={"source": "customer", "topic": topic})
            self.add(self.office_hours(), hotline, "Update", [], [], kind="intake", intake={"source": "customer", "topic": topic, "follow_up": True})

    def pass_by(self):
        for self.day in range(DAYS):
            weekend = self.day % 7 >= 5
            for part in (self.doors, self.customers, self.jobs, self.checks, self.complaints, self.travel, *([] if weekend else [self.clerks, self.exports, self.partners])):
                part()
        self.events.sort(key=lambda entry: entry[0])
        return [event for _, event in self.events]


def alerts_of(world, events, file):
    file.write_text("".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events), encoding="utf-8")
    said = world.run("replay", file, "--rules", ROOT / "rules", "--tenant", "demo", "--source", "access", "--output", "ndjson")
    return [json.loads(line) for line in said.splitlines()]


def main():
    with scratch() as folder:
        world = World(folder)
        events = Weeks(1).pass_by()
        alerts = alerts_of(world, events, folder / "quiet.ndjson")
        expect(not alerts, f"{len(alerts)} false alarms: " + "; ".join(sorted({f"{alert['rule_title']} {alert.get('group')}" for alert in alerts})))
        # The same weeks with one bad minute, so that the silence is not that of a deaf pack.
        bait = dict(events[-1], uid="bait", kind="access", actor={"id": "eva"}, action={"verb": "Read"}, resource={"canary": True})
        found = [alert["rule_title"] for alert in alerts_of(world, events + [bait], folder / "loud.ndjson")]
        expect(found == ["A honeytoken was touched"], f"the bait is found, and only that: {found}")
        print(f"{len(events)} ordinary events of {DAYS} days: no alert")


scripted(main)
