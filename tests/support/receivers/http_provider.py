#!/usr/bin/python3
"""http_provider.py: the HTTP side of the world: an SMS provider, FCM HTTP v1 with its token endpoint, a webhook receiver."""
import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import signal
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt

from certificate import make_certificate

BODY_MAX = 4 << 20
MESSAGES_MAX = 500_000  # Bounded, so that a runaway sender cannot fill the disk.
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"


class Provider:
    """What is remembered: one JSON file per accepted message under <folder>/<kind>/, repeats in repeats.ndjson."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = Path(arguments.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.modes = dict(mode.split("=", 1) if "=" in mode else (mode, "") for mode in arguments.mode)
        self.lock = threading.Lock()
        self.counts = {"requests": 0, "accepted": 0, "repeats": 0, "refused": 0, "tokens": 0}
        self.tokens = {}
        self.stored = sum(len(list(self.folder.glob(f"{kind}/*.json"))) for kind in ("sms", "push", "webhook"))

    def count(self, what):
        with self.lock:
            self.counts[what] += 1
            return self.counts[what]

    def accept(self, kind, key, content, deduplicate):
        """Stores a message and returns its reference; a known key is counted as a repeat and gets the first reference."""
        with self.lock:
            if self.stored >= MESSAGES_MAX:
                raise RuntimeError("the provider is full")
            folder = self.folder / kind
            folder.mkdir(exist_ok=True)
            name = re.sub(r"[^0-9A-Za-z_-]", "_", key or secrets.token_hex(8))[:80]
            path = folder / f"{name}.json"
            if path.exists():
                self.counts["repeats"] += 1
                with open(self.folder / "repeats.ndjson", "a", encoding="utf-8") as file:
                    file.write(json.dumps({"kind": kind, "key": key, "deduplicated": deduplicate}) + "\n")
                if deduplicate:
                    return json.loads(path.read_text(encoding="utf-8"))["reference"]
                path = folder / f"{name}.{secrets.token_hex(4)}.json"
            reference = f"{kind}-{secrets.token_hex(6)}"
            scratch = folder / f".{path.name}"
            scratch.write_text(json.dumps({"key": key, "reference": reference, "content": content}, ensure_ascii=False, indent=1), encoding="utf-8")
            os.rename(scratch, path)
            self.stored += 1
            self.counts["accepted"] += 1
            return reference


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        content = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def reset(self):
        """Ends the connection with RST, as a crashing peer or a middle box does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.wfile = open(os.devnull, "wb")
        self.rfile = open(os.devnull, "rb")

    def do_GET(self):
        if self.path == "/stats":
            with self.server.provider.lock:
                self.answer(200, dict(self.server.provider.counts))
        else:
            self.answer(404, {"error": "not found"})

    def do_PUT(self):
        self.do_POST()

    def do_POST(self):
        provider, modes = self.server.provider, self.server.provider.modes
        number = provider.count("requests")
        if "reset-before-body" in modes:
            return self.reset()
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_MAX:
            self.close_connection = True
            return self.answer(413, {"error": "too large"})
        body = self.rfile.read(length)
        token_call = self.path == "/token"
        if not token_call:
            if "reset-after-body" in modes:  # Taken off the wire, but not processed.
                return self.reset()
            if "slow" in modes:
                time.sleep(float(modes["slow"] or 30))
            if "status" in modes:
                if "accept-first" in modes:
                    self.route(body)
                headers = [("Retry-After", modes["retry-after"])] if "retry-after" in modes else []
                if modes["status"].startswith("3"):
                    headers.append(("Location", "/elsewhere"))
                return self.answer(int(modes["status"]), json.loads(modes.get("body", '{"error": "as told"}')), headers)
            if "garbage" in modes:
                self.wfile.write(b"this is no HTTP\r\n\r\n")
                self.close_connection = True
                return None
            if "endless" in modes:  # A huge answer; the sender must cap what it keeps.
                self.route(body)
                self.send_response(200)
                self.send_header("Content-Length", str(8 << 20))
                self.end_headers()
                return self.wfile.write(b" " * (8 << 20))
        elif "token-status" in modes:
            return self.answer(int(modes["token-status"]), {"error": "as told"})
        try:
            status, answer, headers = self.route(body)
        except (ValueError, KeyError, TypeError) as fault:
            status, answer, headers = 400, {"error": type(fault).__name__}, []
        if status >= 400:
            provider.count("refused")
        every = int(modes.get("lost-ack-every") or 0)
        if not token_call and ("lost-ack" in modes or (every and number % every == 0)):
            return self.reset()  # Processed; the answer is lost.
        return self.answer(status, answer, headers)

    def route(self, body):
        provider = self.server.provider
        if self.path == "/sms":
            return self.sms(provider, body)
        if self.path == "/token":
            return self.token(provider, body)
        if match := re.fullmatch(r"/v1/projects/([^/]+)/messages:send", self.path):
            return self.push(provider, body, match[1])
        if self.path == "/webhook":
            return self.webhook(provider, body)
        return 404, {"error": "not found"}, []

    def sms(self, provider, body):
        wanted = provider.arguments.bearer
        if wanted and self.headers.get("Authorization") != f"Bearer {wanted}":
            return 401, {"error": "unauthorised"}, []
        content = json.loads(body)
        if not content["to"].startswith("+") or not content["text"]:
            return 400, {"error": "to and text"}, []
        if content["to"].endswith("99999"):  # A number that is not in service, among good ones.
            return 422, {"error": "unknown number"}, []
        reference = provider.accept("sms", self.headers.get("Idempotency-Key", ""), content, not provider.arguments.no_dedupe)
        return 201, {"id": reference}, []

    def token(self, provider, body):
        form = urllib.parse.parse_qs(body.decode())
        if form["grant_type"] != ["urn:ietf:params:oauth:grant-type:jwt-bearer"]:
            return 400, {"error": "unsupported_grant_type"}, []
        account = json.loads(Path(provider.arguments.service_account).read_text(encoding="utf-8"))
        key = Path(provider.arguments.service_account + ".pub").read_text(encoding="utf-8")
        try:
            claims = jwt.decode(form["assertion"][0], key, algorithms=["RS256"], audience=account["token_uri"], issuer=account["client_email"],
                                options={"require": ["exp", "iat", "iss", "aud"]})
            if claims["scope"] != SCOPE or claims["exp"] - claims["iat"] > 3600:
                raise jwt.InvalidTokenError("scope or lifetime")
        except jwt.InvalidTokenError as fault:
            return 400, {"error": "invalid_grant", "error_description": str(fault)}, []
        token = "ya29." + secrets.token_urlsafe(24)
        with provider.lock:
            provider.tokens[token] = time.time() + provider.arguments.token_seconds
            provider.counts["tokens"] += 1
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": provider.arguments.token_seconds}, []

    def push(self, provider, body, project):
        bearer = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if provider.tokens.get(bearer, 0) < time.time():
            return 401, {"error": {"code": 401, "status": "UNAUTHENTICATED"}}, []
        message = json.loads(body)["message"]
        if not message["notification"]["body"]:
            return 400, {"error": {"code": 400, "status": "INVALID_ARGUMENT"}}, []
        if message["token"].startswith("unregistered"):
            return 404, {"error": {"code": 404, "status": "NOT_FOUND", "details": [
                {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "UNREGISTERED"}]}}, []
        if message["token"].startswith("mismatch"):
            return 403, {"error": {"code": 403, "status": "PERMISSION_DENIED", "details": [{"errorCode": "SENDER_ID_MISMATCH"}]}}, []
        reference = provider.accept("push", message["data"]["notice_id"], message, False)  # FCM does not de-duplicate.
        return 200, {"name": f"projects/{project}/messages/{reference}"}, []

    def webhook(self, provider, body):
        key = base64.b64decode(provider.arguments.webhook_key.removeprefix("whsec_"))
        notice, timestamp = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        if abs(time.time() - int(timestamp)) > 300:
            return 400, {"error": "too old or too new"}, []
        wanted = base64.b64encode(hmac.new(key, f"{notice}.{timestamp}.".encode() + body, hashlib.sha256).digest()).decode()
        given = [part.removeprefix("v1,") for part in self.headers["webhook-signature"].split(" ") if part.startswith("v1,")]
        if not any(hmac.compare_digest(wanted, one) for one in given):
            return 401, {"error": "signature"}, []
        provider.accept("webhook", notice, json.loads(body), True)
        return 200, {}, []


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # Peers that vanish are what this server is for.


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True, help="where accepted messages are stored")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--tls-dir", help="serve HTTPS with cert.pem and key.pem of this folder, made where missing")
    parser.add_argument("--bearer", default="", help="the token that /sms demands")
    parser.add_argument("--no-dedupe", action="store_true", help="/sms ignores the key, as many providers do")
    parser.add_argument("--service-account", help="the file of make_service_account.py: /token verifies assertions with <file>.pub")
    parser.add_argument("--token-seconds", type=int, default=3600)
    parser.add_argument("--webhook-key", default="whsec_" + base64.b64encode(b"0" * 32).decode())
    parser.add_argument("--mode", action="append", default=[], metavar="NAME[=VALUE]",
                        help="status=N (accept-first, retry-after=N, body=JSON) reset-before-body reset-after-body lost-ack lost-ack-every=N slow=SECONDS garbage endless token-status=N")
    arguments = parser.parse_args()
    server = Server((arguments.host, arguments.port), Handler)
    server.provider = Provider(arguments)
    if arguments.tls_dir:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*make_certificate(arguments.tls_dir))
        server.socket = context.wrap_socket(server.socket, server_side=True)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    threading.Thread(target=watch_orders, args=(server.provider.modes,), daemon=True).start()
    print(f"ready {server.server_address[1]}", flush=True)
    server.serve_forever()


def watch_orders(modes):
    """A line `mode NAME[=VALUE]…` on standard input changes the manners of the running server; `mode` alone makes it good again."""
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["mode"]:
            modes.clear()
            modes.update(word.split("=", 1) if "=" in word else (word, "") for word in words[1:])
            print("ok", flush=True)


if __name__ == "__main__":
    main()
