#!/usr/bin/env python3
"""A small receiver of webhooks that checks the signature of every dialect. Python 3.8 or newer, nothing to install.

    FONDACO_WEBHOOK_SECRET=whsec_... python3 receiver.py --dialect sellf --port 3000

Then create an endpoint with the URL of this program, or have events brought here from any server:

    fondaco listen --key fo_live_... --forward-to http://127.0.0.1:3000/ --secret "$FONDACO_WEBHOOK_SECRET"

Every delivery also carries the headers of Standard Webhooks, so `--dialect standard` takes all of them.
"""
import argparse
import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# How far the sender's clock may be off, in seconds. Without a window, whoever saw a delivery once could send it for ever.
WINDOW = 300


def check_t_v1(headers, body, secret, name):
    """`<name>: t=1790000000,v1=<hex>[,v1=<hex>]`; several v1 while a secret is being changed."""
    parts = [part.strip().split("=", 1) for part in headers.get(name, "").split(",") if "=" in part]
    moment = next((value for key, value in parts if key == "t"), "")
    return fresh(moment) and any(key == "v1" and same(value, digest(secret, moment, body)) for key, value in parts)


def check_two_headers(headers, body, secret, signature, timestamp):
    """The digest in one header, the moment in another."""
    moment = headers.get(timestamp, "")
    return fresh(moment) and same(headers.get(signature, ""), digest(secret, moment, body))


def check_standard(headers, body, secret):
    """Standard Webhooks: the key is what follows `whsec_`, decoded; the id is signed too."""
    identity, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    key = base64.b64decode(secret.removeprefix("whsec_") if hasattr(secret, "removeprefix") else secret[6:])
    signed = f"{identity}.{moment}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return fresh(moment) and any(same(given, wanted) for given in headers.get("webhook-signature", "").split())


def digest(secret, moment, body):
    """Over the moment, a full stop and the body exactly as it came: parse it afterwards, never before."""
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def same(given, wanted):
    """In a time that tells nothing about where they differ."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def fresh(moment):
    return moment.isdigit() and abs(time.time() - int(moment)) <= WINDOW


CHECKS = {
    "fondaco": lambda h, b, s: check_t_v1(h, b, s, "X-Fondaco-Signature"),
    "sellf": lambda h, b, s: check_t_v1(h, b, s, "X-Sellf-Signature"),
    "bigclass": lambda h, b, s: check_t_v1(h, b, s, "X-TBC-Signature"),
    "openclaw": lambda h, b, s: check_two_headers(h, b, s, "X-OCB-Signature", "X-OCB-Timestamp"),
    "licentric": lambda h, b, s: check_two_headers(h, b, s, "X-Licentric-Signature", "X-Licentric-Timestamp"),
    "cgls": check_standard,
    "standard": check_standard,
}


def serve(check, secret, port):
    seen = set()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if not check(self.headers, body, secret):
                return self.answer(401)
            # A delivery may come more than once; its id stays the same. A real receiver keeps ids in its database.
            identity = self.headers.get("webhook-id", "")
            if identity not in seen:
                seen.add(identity)
                print(json.dumps(json.loads(body), indent=2), flush=True)
            # Answer at once and work later: an answer that takes longer than ten seconds counts as none.
            self.answer(204)

        def answer(self, status):
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Receiver) as server:
        print(f"listening on http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--dialect", choices=sorted(CHECKS), default="standard")
    asked.add_argument("--port", type=int, default=3000)
    asked = asked.parse_args()
    serve(CHECKS[asked.dialect], os.environ["FONDACO_WEBHOOK_SECRET"], asked.port)
