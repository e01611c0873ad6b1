"""world.py: one running Tocsin with a real broker and real receivers around it, for the demo and the end-to-end tests."""
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SUPPORT = Path(__file__).resolve().parent.parent
ROOT = SUPPORT.parent.parent
BROKER = SUPPORT / "kafka" / "broker"
PYTHON = "/usr/bin/python3"  # Debian's: the receivers' libraries are Debian packages.


class Failure(Exception):
    """Something that the demo or a test expected did not come true."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(what, condition, seconds=60.0, every=0.1):
    """Returns the first true value of condition(); Failure after the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"not within {seconds:.0f} s: {what}")
        time.sleep(every)


class Server:
    """A child that prints `ready PORT` when it takes connections; ended by its pid."""

    def __init__(self, log, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(log, "ab"), start_new_session=True)
        line = self.process.stdout.readline().decode()
        if not line.startswith("ready "):
            raise Failure(f"{command[1]} did not start: see {log}")
        self.port = int(line.split()[1])

    def order(self, line):
        """Changes the manners of a receiver: `mode lost-ack`, `mode` alone makes it good again."""
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        self.process.stdout.readline()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)


def canonical_alert(alert):
    group = "; ".join(f"{value['field']}={value['value']}" for value in alert.get("group", []))
    return f"{alert['alert_id']} {alert['rule_id']} {group} {alert.get('bucket_start', '')} {alert.get('bucket_end', '')}"


def canonical_text(alert_lines, groups):
    return "\n".join(sorted(alert_lines) + [f"{group}: {' '.join(sorted(refs))}" for group, refs in sorted(groups.items())]) + "\n"


class World:
    PEOPLE = ("security.lin", "privacy.zhou")

    def __init__(self, folder, tocsin=None):
        self.folder = Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.binary = tocsin or os.environ.get("TOCSIN") or str(ROOT / "build" / "dev" / "tocsin")
        self.state, self.config, self.log = self.folder / "state", self.folder / "tocsin.yml", self.folder / "tocsin.log"
        self.broker_folder, self.topic = self.folder / "broker", "access"
        self.mail = self.http = self.daemon = None
        self.bootstrap = ""
        self.http_port, self.grpc_port = free_port(), free_port()
        self.webhook_key = "whsec_" + "dG9jc2luLWRlbW8td2ViaG9vay1rZXktMzItYnl0ZXM="

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # ── the world around ──
    def start_broker(self, partitions=6):
        done = subprocess.run([BROKER, "start", self.broker_folder], stdout=subprocess.PIPE, check=False)
        if done.returncode:
            raise Failure("the broker did not start")
        self.bootstrap = done.stdout.decode().strip()
        if subprocess.run([BROKER, "topic", self.broker_folder, self.topic, str(partitions)], check=False).returncode:
            raise Failure("the topic could not be made")

    def start_receivers(self):
        log, receivers = self.folder / "receivers.log", SUPPORT / "receivers"
        account = self.folder / "service-account.json"
        self.http = Server(log, PYTHON, str(receivers / "http_provider.py"), "--folder", str(self.folder / "received"), "--service-account", str(account),
                           "--webhook-key", self.webhook_key)
        subprocess.run([PYTHON, receivers / "make_service_account.py", "--out", account, "--token-uri", f"http://127.0.0.1:{self.http.port}/token"], check=True)
        self.mail = Server(log, PYTHON, str(receivers / "smtp_receiver.py"), "--folder", str(self.folder / "received" / "mail"))

    def write_config(self, delivery="", contacts=None, sources=None, more=""):
        """The demo's configuration. Without `delivery` it says nothing about it, so the default (hold) stands."""
        tokens = {name: secrets.token_urlsafe(24) for name in self.PEOPLE}
        (self.folder / "tokens").write_text("".join(f"{name}:{token}\n" for name, token in tokens.items()))
        os.chmod(self.folder / "tokens", 0o600)
        for name, token in tokens.items():
            path = self.folder / f"token-{name}"
            path.write_text(token + "\n")
            os.chmod(path, 0o600)
        source = sources or f"""
  - name: access
    type: kafka
    brokers: [{self.bootstrap}]
    topics: [{self.topic}]
    start: earliest
"""
        text = f"""# tocsin.yml: written by world.py.
tenant: demo
state_dir: {self.state}
rules: [{ROOT / "rules"}]
jurisdictions: [cn, eu-gdpr]
sources:{source}
contacts:
  csv: {contacts or self.folder / "day" / "contacts.csv"}
organisation:
  name: Sample Retail Ltd
  name_zh: 样本零售有限公司
  address: 1 Sample Road, Pudong, Shanghai
  sector: retail
  registration: 91310000SAMPLE0001
  contact_name: Privacy office
  contact_email: privacy@company.example
  contact_phone: "+862150000000"
  dpo: dpo@company.example
  help_url: http://127.0.0.1:{self.http_port}/announcements/
  product: Sample Shop
  time_zone: Asia/Shanghai
serve:
  grpc: {{listen: "127.0.0.1:{self.grpc_port}", token_file: {self.folder / "tokens"}}}
  http: {{listen: "127.0.0.1:{self.http_port}"}}
{delivery}
"""
        if self.http:
            text += f"""channels:
  - name: push
    type: push
    endpoint: http://127.0.0.1:{self.http.port}
    service_account_file: {self.folder / "service-account.json"}
  - name: sms
    type: sms
    url: http://127.0.0.1:{self.http.port}/sms
    body: '{{"to": "{{{{to}}}}", "text": "{{{{text}}}}"}}'
    deduplicates: true
  - name: mail
    type: email
    host: 127.0.0.1
    port: {self.mail.port}
    security: none
    from: "Sample Shop <privacy@company.example>"
  - name: operations
    type: webhook
    url: http://127.0.0.1:{self.http.port}/webhook
    signing_key: "{self.webhook_key}"
  - name: announcement
    type: announcement
    base_url: http://127.0.0.1:{self.http_port}/announcements/
"""
        self.config.write_text(text + more, encoding="utf-8")

    # ── the daemon ──
    def start_daemon(self, failpoints="", wait=True, seconds=60):
        environment = dict(os.environ, TOCSIN_FAILPOINTS=failpoints) if failpoints else {k: v for k, v in os.environ.items() if k != "TOCSIN_FAILPOINTS"}
        self.daemon = subprocess.Popen([self.binary, "run", "--config", str(self.config)], env=environment, stdin=subprocess.DEVNULL,
                                       stdout=open(self.log, "ab"), stderr=subprocess.STDOUT, start_new_session=True)
        if wait:
            wait_for(f"the daemon answers (its log: {self.log})", lambda: self.running() and self.ask("status", check=False)["returncode"] in (0, 1), seconds)

    def running(self):
        code = self.daemon.poll()
        if code is not None:
            raise Failure(f"the daemon ended with {code}: {self.tail()}")
        return True

    def tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:]) if self.log.exists() else "no log"

    def kill_daemon(self, how=signal.SIGKILL):
        if self.daemon and self.daemon.poll() is None:
            os.kill(self.daemon.pid, how)
        return self.daemon.wait(timeout=60) if self.daemon else None

    def stop(self):
        """Ends what was started, by pid, whatever state it is in."""
        if self.daemon and self.daemon.poll() is None:
            self.daemon.terminate()
            try:
                self.daemon.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
                self.daemon.wait()
        for server in (self.mail, self.http):
            if server and server.process.poll() is None:
                server.stop()
        if self.bootstrap:
            subprocess.run([BROKER, "stop", self.broker_folder], check=False)
        self.bootstrap = ""

    # ── the program's verbs ──
    def run(self, *words, check=True, stdin=None):
        """One call of tocsin without a connection. Returns its standard output."""
        done = subprocess.run([self.binary, *map(str, words)], stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if check and done.returncode:
            raise Failure(f"tocsin {' '.join(map(str, words))}: exit {done.returncode}: {done.stderr.decode(errors='replace')}{done.stdout.decode(errors='replace')[-500:]}")
        return done.stdout.decode(errors="replace")

    def ask(self, *words, who=None, check=True):
        """One call of tocsin to the daemon with JSON output: over the socket, or over TCP as one of PEOPLE."""
        door = ["--address", f"127.0.0.1:{self.grpc_port}", "--token-file", self.folder / f"token-{who}"] if who else ["--config", self.config]
        done = subprocess.run([self.binary, *map(str, words), *map(str, door), "--output", "json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if check:
            if done.returncode:
                raise Failure(f"tocsin {' '.join(map(str, words))}: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
            return json.loads(done.stdout)
        return {"returncode": done.returncode, "out": done.stdout.decode(errors="replace"), "err": done.stderr.decode(errors="replace")}

    def send(self, file, framed=True):
        return self.run("send", file, "--topic", self.topic, "--brokers", self.bootstrap, *(["--framed"] if framed else []))

    def wait_until_read(self, records, seconds=120):
        """Until every record of the topic has been committed; returns the partitions."""
        def read():
            self.running()
            answer = self.ask("status", check=False)
            if answer["returncode"] not in (0, 1):
                return None
            partitions = json.loads(answer["out"]).get("partitions", [])
            return partitions if sum(int(p.get("next", 0)) - int(p.get("start", 0)) for p in partitions) >= records else None
        return wait_for(f"{records} records are read", read, seconds, 0.2)

    def incidents(self):
        return self.ask("incident", "list").get("incidents", [])

    def alerts(self):
        return self.ask("alert", "list").get("alerts", [])

    def confirm_and_approve(self, incident, evidence, aware_at):
        """Two people: one confirms, the other looks at the notices and approves what was seen."""
        security, privacy = self.PEOPLE
        self.ask("incident", "confirm", incident, "--aware-at", aware_at, "--evidence", evidence, who=security)
        preview = self.ask("notice", "preview", incident, who=privacy)
        return self.ask("incident", "approve", incident, "--binding", preview["binding"], who=privacy)

    def notices_by_state(self):
        return {state: int(count) for state, count in self.ask("notice", "status", "--limit", 1).get("by_state", {}).items()}

    def wait_until_told(self, seconds=120):
        """Until no notice is on its way any more."""
        def told():
            self.running()
            states = self.notices_by_state()
            moving = sum(states.get(name, 0) for name in ("QUEUED", "CLAIMED", "POINT_OF_NO_RETURN", "RETRY", "IN_DOUBT"))
            return states if states and moving == 0 else None
        return wait_for("every notice is settled", told, seconds, 0.3)

    def canonical(self):
        """Alerts, groups and affected people as text that two runs can be compared by, byte for byte."""
        lines, groups = [], {}
        for alert in self.alerts():
            lines.append(canonical_alert(alert))
        for incident in self.incidents():
            refs = self.ask("incident", "affected", incident["incident_id"]).get("refs", [])
            groups.setdefault(incident["group"][0]["value"], set()).update(refs)
        return canonical_text(lines, groups)

    def balance(self):
        """applied + late + dead + gap = next − start, against a recount from the topic. Returns the sums."""
        dump, sums = dumped_offsets(self.bootstrap, self.topic), {}
        for row in self.ask("status")["partitions"]:
            numbers = {name: int(row.get(name, 0)) for name in ("start", "next", "applied", "late", "dead", "gap", "duplicate")}
            count, end = dump.get(int(row.get("partition", 0)), (0, 0))
            expect(numbers["applied"] + numbers["late"] + numbers["dead"] + numbers["gap"] == numbers["next"] - numbers["start"], f"unbalanced: {row}")
            expect(numbers["next"] == end and numbers["applied"] + numbers["late"] + numbers["dead"] == count, f"the topic holds {count} records up to {end}, the daemon says {row}")
            for name, number in numbers.items():
                sums[name] = sums.get(name, 0) + number
        return sums

    def received(self, kind):
        """Files of one kind that receivers kept: mail, sms, push, webhook."""
        return sorted((self.folder / "received" / kind).glob("*.eml" if kind == "mail" else "*.json"))


def make_day(folder, *words):
    """Runs the generator; returns its story."""
    subprocess.run([str(SUPPORT / "demo" / "company_day.py"), "--out", str(folder), *map(str, words)], check=True, stdout=subprocess.DEVNULL)
    return json.loads((Path(folder) / "story.json").read_text(encoding="utf-8"))


@contextlib.contextmanager
def scratch():
    """A folder of one test, gone when it succeeds and named when it fails."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-e2e-"))
    try:
        yield folder
    except BaseException:
        print(f"left for looking: {folder}", flush=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def expect(truth, what):
    if not truth:
        raise Failure(what)


def dumped_offsets(bootstrap, topic):
    """Recount from the topic itself: partition → number of records, and the last offset + 1."""
    done = subprocess.run(["kcat", "-C", "-q", "-e", "-b", bootstrap, "-t", topic, "-o", "beginning", "-f", "%p %o\\n"], stdout=subprocess.PIPE, check=True)
    counts = {}
    for line in done.stdout.decode().splitlines():
        partition, offset = map(int, line.split())
        count, end = counts.get(partition, (0, 0))
        counts[partition] = (count + 1, max(end, offset + 1))
    return counts


def scripted(main):
    """Runs a test's main(); a Failure is printed and ends with 1."""
    try:
        main()
    except Failure as failure:
        print(f"FAILED: {failure}", flush=True)
        sys.exit(1)
