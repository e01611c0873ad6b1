#!/usr/bin/python3
"""smtp_receiver.py: a real mail server for tests and the demo, which stores every mail and misbehaves on request."""
import argparse
import asyncio
import json
import os
import re
import signal
import ssl
import sys
import tempfile
import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from certificate import make_certificate

MAILS_MAX = 200_000  # Bounded, so that a runaway sender cannot fill the disk.


class Mailbox:
    """Stores each accepted mail as <n>-<message id>.eml and one line of index.ndjson."""

    def __init__(self, folder, modes):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.modes = modes
        self.count = len(list(self.folder.glob("*.eml")))
        self.offers = 0
        self.index = open(self.folder / "index.ndjson", "a", encoding="utf-8")
        self.lock = threading.Lock()

    async def handle_MAIL(self, server, session, envelope, address, options):
        if "refuse-mail" in self.modes:
            return "550 5.7.1 sender not allowed"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if "refuse-rcpt" in self.modes:
            return f"550 5.1.1 <{address}>: no such user"
        if "defer-rcpt" in self.modes:
            return f"451 4.7.1 <{address}>: greylisted, try again later"
        if match := re.search(r"\+(refuse|defer)@", address):  # A single bad address among good ones.
            return f"550 5.1.1 <{address}>: no such user" if match[1] == "refuse" else f"451 4.7.1 <{address}>: try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        self.offers += 1
        if "slow" in self.modes:
            await asyncio.sleep(float(self.modes["slow"] or 30))
        if "defer-data" in self.modes:
            return "452 4.3.1 insufficient storage"
        if "refuse-data" in self.modes:
            return f"554 5.7.1 message for {envelope.rcpt_tos[0]} rejected"
        if "drop-before-store" in self.modes:
            server.transport.abort()
            return "421 4.3.2 closing"
        number = self.store(envelope)
        if "drop-after-store" in self.modes:  # The mail arrived, the answer does not.
            server.transport.abort()
            return "421 4.3.2 closing"
        if every := self.modes.get("drop-every"):  # Every n-th answer is lost.
            if self.offers % int(every) == 0:
                server.transport.abort()
                return "421 4.3.2 closing"
        return f"250 2.0.0 OK: queued as TEST{number:06d}"

    def store(self, envelope):
        with self.lock:
            if self.count >= MAILS_MAX:
                raise RuntimeError("the mailbox is full")
            self.count += 1
            content = envelope.content if isinstance(envelope.content, bytes) else envelope.content.encode()
            head = content.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace")
            match = re.search(r"^message-id:\s*<([^>@]+)@", head, re.I | re.M)
            notice = match[1] if match else "none"
            name = f"{self.count:06d}-{re.sub(r'[^0-9a-zA-Z]', '', notice)[:40]}.eml"
            scratch = self.folder / f".{name}"
            scratch.write_bytes(content)
            os.rename(scratch, self.folder / name)
            self.index.write(json.dumps({"file": name, "notice_id": notice, "from": envelope.mail_from, "to": envelope.rcpt_tos}) + "\n")
            self.index.flush()
            return self.count


class Listener(Controller):
    """Controller that accepts port 0 and says which port it got."""

    def __init__(self, handler, arguments, context):
        self.smtp_context = context if arguments.security == "starttls" else None
        self.arguments = arguments
        super().__init__(handler, hostname=arguments.host, port=arguments.port, ssl_context=context if arguments.security == "tls" else None)

    def factory(self):
        options = dict(data_size_limit=32 << 20, enable_SMTPUTF8=True, hostname="receiver.test", tls_context=self.smtp_context, require_starttls=self.smtp_context is not None)
        if self.arguments.username:
            options.update(authenticator=self.check, auth_required=True, auth_require_tls=self.arguments.security == "starttls")
        return SMTP(self.handler, **options)

    def check(self, server, session, envelope, mechanism, login):
        good = isinstance(login, LoginPassword) and login.login.decode() == self.arguments.username and login.password.decode() == self.arguments.password
        return AuthResult(success=good, handled=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True, help="where mails are stored")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--security", choices=["none", "starttls", "tls"], default="none")
    parser.add_argument("--cert-dir", help="where cert.pem (also the CA file of clients) and key.pem are made; default: a temporary folder")
    parser.add_argument("--username", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--mode", action="append", default=[], metavar="NAME[=VALUE]",
                        help="refuse-mail refuse-rcpt defer-rcpt defer-data refuse-data drop-before-store drop-after-store drop-every=N slow=SECONDS")
    arguments = parser.parse_args()
    modes = dict(mode.split("=", 1) if "=" in mode else (mode, "") for mode in arguments.mode)

    context = None
    if arguments.security != "none":
        certificate, key = make_certificate(arguments.cert_dir or tempfile.mkdtemp(prefix="smtp-receiver-"))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)

    asyncio.set_event_loop(asyncio.new_event_loop())
    loop = asyncio.get_event_loop()
    handler = Mailbox(arguments.folder, modes)
    listener = Listener(handler, arguments, context)
    tls = context if arguments.security == "tls" else None
    server = loop.run_until_complete(loop.create_server(listener.factory, host=arguments.host, port=arguments.port, ssl=tls))
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, loop.stop)
    # The test changes the manners of the running server by a line on standard input: `mode drop-after-store`, `mode` (good again).
    watch_orders(loop, handler.modes)
    print(f"ready {server.sockets[0].getsockname()[1]}", flush=True)
    loop.run_forever()
    server.close()


def watch_orders(loop, modes):
    def listen():
        for line in sys.stdin:
            words = line.split()
            if words[:1] == ["mode"]:
                modes.clear()
                modes.update(word.split("=", 1) if "=" in word else (word, "") for word in words[1:])
                print("ok", flush=True)
    threading.Thread(target=listen, daemon=True).start()


if __name__ == "__main__":
    main()
