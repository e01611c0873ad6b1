#!/usr/bin/python3
"""company_day.py: yesterday in a small company, from a seed: access events, contacts, and what must be found in them."""
import argparse
import csv
import datetime
import json
import random
import zlib
from pathlib import Path

ZONE = datetime.timezone(datetime.timedelta(hours=8))
OFFICE = (8.5 * 3600, 18 * 3600)
THIEF, PARTNER, MARKETER = "emp-1027", "svc-parcel-express", "emp-1033"
THIEF_READS, PARTNER_READS, MARKETER_READS = 1600, 24, 6
ROLES = ["customer_service", "claims", "billing", "compliance"]
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"
GIVEN = ["伟", "芳", "娜", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "艳", "勇", "杰", "娟", "涛", "明", "超", "欣怡", "子涵"]
FIRST = ["Ada", "Brian", "Carla", "Dora", "Edwin", "Fiona", "Gustav", "Hanna", "Ivan", "Judith"]
LAST = ["Marsh", "Keller", "Novak", "Olsen", "Porter", "Quist", "Rowan", "Stone", "Tanner", "Ude"]
CITIES = ["上海市浦东新区", "北京市海淀区", "广州市天河区", "成都市武侯区", "杭州市西湖区"]


class Company:
    """Customers with their contacts. Every clear value of a person is a canary: it may stand in a notice and nowhere else."""

    def __init__(self, rng, customers):
        self.people = []
        for number in range(1, customers + 1):
            chinese = rng.random() < 0.8
            if chinese:
                name = rng.choice(FAMILY) + rng.choice(GIVEN) + f"样{number:05d}"
            else:
                name = f"{rng.choice(FIRST)} {rng.choice(LAST)}-{number:05d}"
            person = {"id": f"C{number:07d}", "name": name, "locale": "zh-CN" if chinese else "en", "guardian_id": "", "minor": False,
                      "address": f"{rng.choice(CITIES)}样本路{number}号", "email": "", "phone": "", "push_token": ""}
            way = rng.random()
            if way < 0.40:
                person["push_token"] = f"fcm-{number:07d}-{rng.getrandbits(64):016x}"
            if way < 0.15 or 0.40 <= way < 0.70:
                person["phone"] = f"+861380{number:07d}"
            if way < 0.10 or 0.60 <= way < 0.96:
                person["email"] = f"customer.{number:07d}@mail.example"
            self.people.append(person)  # The last four of a hundred have no way to be reached.
        for person in self.people[::97]:  # A few minors, each with an adult of the list as guardian.
            guardian = self.people[(int(person["id"][1:]) + 5) % len(self.people)]
            if not guardian["minor"] and guardian is not person:
                person["minor"], person["guardian_id"] = True, guardian["id"]
                guardian["email"] = guardian["email"] or f"guardian.{guardian['id'][1:]}@mail.example"

    def write_contacts(self, path):
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "id_type", "locale", "email", "phone", "push_token", "guardian_id"])
            for person in self.people:
                if person["email"] or person["phone"] or person["push_token"] or person["guardian_id"]:
                    writer.writerow([person["id"], "customer", person["locale"], person["email"], person["phone"], person["push_token"], person["guardian_id"]])


class Day:
    """Builds events in order of time; `events` holds (seconds since local midnight, actor, event)."""

    def __init__(self, rng, company, day):
        self.rng, self.company, self.day, self.events = rng, company, day, []

    def event(self, second, actor, person, verb="Read", fields=("name", "phone"), **more):
        rng = self.rng
        time = datetime.datetime.combine(self.day, datetime.time(), ZONE) + datetime.timedelta(milliseconds=round(second * 1000))
        made = {
            "uid": f"{rng.getrandbits(96):024x}",
            "time": time.isoformat(timespec="milliseconds"),
            "actor": actor,
            "action": {"verb": verb, "operation": f"GET /customers/{person['id']}", "service": "crm"},
            "resource": {"id": person["id"], "type": "customer", "name": person["name"], "store": "crm-db", "table": "customers",
                         "classifications": ["personal", "minor"] if person["minor"] else ["personal"],
                         "min_age_band": "under_14" if person["minor"] else "adult", "subject_region": "CN"},
            "subjects": [{"id": person["id"], "id_type": "customer"}],
            "record_count": 1,
            "byte_count": rng.randrange(400, 4000),
            "src": {"ip": f"10.20.{rng.randrange(1, 8)}.{rng.randrange(2, 250)}", "country": "CN", "tls": "1.3"},
            "purpose": "service",
            "outcome": "success",
            "fields": list(fields),
            **more,
        }
        if person["minor"] and actor["type"] == "employee":
            made["approval_id"] = "MIN-2026-04"  # The law asks for one; this company approved its roles once and for all.
        self.events.append((second, actor["id"], made))

    def employee(self, number, role):
        return {"id": f"emp-{number}", "type": "employee", "name": f"员工金丝雀{number}", "roles": [role], "dept": role, "status": "active",
                "mfa": True, "session": f"s-{self.rng.getrandbits(32):08x}"}

    def any_person(self):
        return self.rng.choice(self.company.people)

    def office(self, count):
        """Normal work: nobody opens fifty different people within ten minutes, however many events are asked for."""
        staff = [self.employee(1100 + i, ROLES[i % len(ROLES)]) for i in range(max(40, count // 600))]
        for index in range(count):
            verb = "Read" if self.rng.random() < 0.9 else "Update"
            self.event(self.rng.uniform(*OFFICE), staff[index % len(staff)], self.any_person(), verb)

    def partner_within_contract(self, count):
        for _ in range(count):
            self.partner(self.rng.uniform(*OFFICE), self.any_person(), ["name", "address"])

    def partner(self, second, person, fields):
        actor = {"id": PARTNER, "type": "partner", "name": "Parcel Express 金丝雀", "org": "parcel-express", "status": "active"}
        contract = {"id": "parcel-express", "contract_id": "PX-2024-7", "allowed_fields": ["name", "address"], "status": "active"}
        self.event(second, actor, person, fields=fields, partner=contract)

    def crimes(self):
        """Three stories. Returns the people of each."""
        rng, people = self.rng, self.company.people
        thief = self.employee(int(THIEF[4:]), "customer_service")
        stolen = rng.sample(people, min(THIEF_READS, len(people)))
        for index, person in enumerate(stolen):  # 02:10 to 03:40, a steady hand.
            self.event(2 * 3600 + 600 + index * 5400 / len(stolen), thief, person, fields=("name", "phone", "address", "id_number"))
        passed_on = rng.sample(people, PARTNER_READS)
        for index, person in enumerate(passed_on):
            self.partner(11 * 3600 + index * 60 + rng.uniform(0, 30), person, ["name", "address", "id_number", "phone"])
        marketer = self.employee(int(MARKETER[4:]), "marketing")
        looked_at = rng.sample(people, MARKETER_READS)
        for index, person in enumerate(looked_at):
            self.event(15 * 3600 + index * 240, marketer, person)
        return {THIEF: stolen, PARTNER: passed_on, MARKETER: looked_at}


def spoiled(rng, event, kind):
    """One record of a bad (or merely odd) class: its bytes, and the expected disposition and reason."""
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    if kind == "truncated":
        return text.encode()[: rng.randrange(20, 200)].decode(errors="ignore").rstrip("}").encode(), "dead", "truncated"
    if kind == "empty":
        return b"", "dead", "empty"
    if kind == "tombstone":
        return None, "dead", "tombstone"
    if kind == "two_documents":
        return (text + text).encode(), "dead", "two_documents"
    if kind == "brackets":
        return b"[" * 900_000, "dead", "too_deep"
    if kind == "large_valid":
        return json.dumps(dict(event, labels={"note": "x" * (900_000 - len(text.encode()) - 40)}), ensure_ascii=False).encode(), "applied", ""
    if kind == "duplicate_key":
        return ('{"outcome":"denied",' + text[1:]).encode(), "dead", "duplicate_key"
    if kind == "long_number":
        return (text[:-1] + ',"serial":123456789012345678901234567890}').encode(), "applied", ""
    if kind == "lone_surrogate":
        return (text[:-1] + ',"note":"\\ud800"}').encode(), "dead", "lone_surrogate"
    if kind == "wrong_type":
        return json.dumps(dict(event, record_count="x"), ensure_ascii=False).encode(), "dead", "wrong_type"
    if kind == "no_time":
        return json.dumps({k: v for k, v in event.items() if k != "time"}, ensure_ascii=False).encode(), "dead", "no_time"
    raise ValueError(kind)


SMALL = ["truncated", "empty", "tombstone", "two_documents", "duplicate_key", "long_number", "lone_surrogate", "wrong_type", "no_time"]
LARGE = ["brackets", "large_valid"]  # 900 kB each: a few are enough.


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, help="folder: events.ndjson records.framed contacts.csv story.json manifest.ndjson")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--events", type=int, default=20_000, help="about so many, the three stories among them")
    parser.add_argument("--day", help="YYYY-MM-DD, company time; default: yesterday")
    parser.add_argument("--customers", type=int, default=8_000)
    parser.add_argument("--garbage", type=float, default=0, help="percent of records that are spoiled")
    parser.add_argument("--duplicates", type=float, default=0, help="percent of records that come a second time")
    parser.add_argument("--shuffle-within", type=float, default=0, help="seconds by which an event may come late")
    parser.add_argument("--partitions", type=int, default=6)
    parser.add_argument("--random-keys", action="store_true", help="spread every actor over all partitions")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    day = datetime.date.fromisoformat(arguments.day) if arguments.day else (datetime.datetime.now(ZONE) - datetime.timedelta(days=1)).date()

    company = Company(rng, arguments.customers)
    company.write_contacts(out / "contacts.csv")
    built = Day(rng, company, day)
    people = built.crimes()
    office = max(0, arguments.events - len(built.events))
    partner = min(300, office // 20)
    built.partner_within_contract(partner)
    built.office(office - partner)
    built.events.sort(key=lambda entry: entry[0])

    # What is drawn from here on must not change the events themselves: two runs of one seed differ only in order and repeats.
    rng = random.Random(f"{arguments.seed}/records")
    spoil = random.Random(f"{arguments.seed}/garbage")
    records = []  # (arrival, actor, bytes or None, class, disposition, reason)
    large = 0
    for second, actor, event in built.events:
        value, kind, disposition, reason = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode(), "good", "applied", ""
        records.append((second + rng.uniform(0, arguments.shuffle_within), actor, value, kind, disposition, reason))
        if rng.uniform(0, 100) < arguments.duplicates:
            records.append((second + rng.uniform(0, arguments.shuffle_within), actor, value, "repeat", disposition, reason))
        if spoil.uniform(0, 100) < arguments.garbage:
            kind = spoil.choice(SMALL)
            if large < 8 and spoil.random() < 0.05:
                kind, large = LARGE[large % 2], large + 1
            value, disposition, reason = spoiled(spoil, dict(event, uid=f"odd-{len(records)}"), kind)
            records.append((second + spoil.uniform(0, arguments.shuffle_within), actor, value, kind, disposition, reason))
    records.sort(key=lambda record: record[0])

    offsets = [0] * arguments.partitions
    with open(out / "records.framed", "wb") as to_broker, open(out / "events.ndjson", "wb") as as_file, \
            open(out / "manifest.ndjson", "w", encoding="utf-8") as manifest:
        for _, actor, value, kind, disposition, reason in records:
            key = f"{rng.getrandbits(64):016x}" if arguments.random_keys else actor
            partition = zlib.crc32(key.encode()) % arguments.partitions
            to_broker.write(f"{partition} {-1 if value is None else len(value)}\n".encode() + (value or b"") + b"\n")  # `tocsin send --framed`
            if kind in ("good", "repeat"):
                as_file.write(value + b"\n")
            else:
                manifest.write(json.dumps({"partition": partition, "offset": offsets[partition], "class": kind, "disposition": disposition, "reason": reason}) + "\n")
            offsets[partition] += 1
    touched = {person["id"]: person for group in people.values() for person in group}
    story = {
        "day": day.isoformat(), "events": len(built.events), "records": len(records), "offsets": offsets,
        "actors": {actor: {"people": sorted(person["id"] for person in group), "without_contact": sum(1 for p in group if not (p["email"] or p["phone"] or p["push_token"]))} for actor, group in people.items()},
        "canaries": sorted({value for person in touched.values() for value in (person["name"], person["address"], person["email"], person["phone"]) if value}
                           | {f"员工金丝雀{THIEF[4:]}", f"员工金丝雀{MARKETER[4:]}", "Parcel Express 金丝雀"}),
    }
    (out / "story.json").write_text(json.dumps(story, ensure_ascii=False, indent=1), encoding="utf-8")
    print(f"{len(built.events)} events in {len(records)} records of {day}, {len(company.people)} customers, in {out}")


if __name__ == "__main__":
    main()
