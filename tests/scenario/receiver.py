"""A webhook's receiver as docs/how-to/receive-webhooks.md tells to write one, and a reader of the event stream."""
import hashlib
import hmac
import http.client
import http.server
import json
import threading
import time


def is_genuine(header, body, secret, now, tolerance=300):
    """Whether this body was signed with the secret, and not long ago."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    expected = hmac.new(secret, parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(parts["v1"], expected) and abs(now - int(parts["t"])) <= tolerance


class Receiver:
    """Takes what is genuine; `notices` are (time it came, object). stop() and start() keep the port."""

    def __init__(self, secret, port=0):
        self.secret, self.port, self.notices, self.forged, self.server = secret, port, [], 0, None
        self.start()

    def start(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.server is not self.server:  # stopped: an old connection dies without an answer
                    self.close_connection = True
                    return
                genuine = is_genuine(self.headers["Tocsin-Signature"], body, receiver.secret, time.time())
                if genuine:
                    receiver.notices.append((time.time(), json.loads(body)))
                else:
                    receiver.forged += 1
                self.send_response(204 if genuine else 401)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        server, self.server = self.server, None
        server.shutdown()
        server.server_close()

    def find(self, kind, device, after=0.0):
        return next(((at, notice) for at, notice in list(self.notices)
                     if at >= after and notice["kind"] == kind and notice["alarm"]["device"] == device), None)


class Stream:
    """Reads /api/v1/events/stream; `events` are (time it came, id, name, object)."""

    def __init__(self, port, token, last_event_id=None):
        self.events = []
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {token}"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        self.connection.request("GET", "/api/v1/events/stream", headers=headers)
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.status
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        fields = {}
        try:
            for raw in self.answer:
                line = raw.decode().rstrip("\n")
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif "data" in fields:
                    self.events.append((time.time(), fields.get("id"), fields.get("event"), json.loads(fields["data"])))
                    fields = {}
        except (OSError, AttributeError, ValueError, http.client.HTTPException):
            pass  # the cloud or this test has ended it

    def find(self, device):
        return next((event for event in list(self.events) if event[2] == "alarm" and event[3]["device"] == device), None)
