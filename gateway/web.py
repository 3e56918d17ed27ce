"""The HTTP side: a threaded server and the shapes of requests and answers."""

import json
import socket
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

#: The largest request that is read.
LARGEST = 20 * 1024 * 1024
WORDS = {200: "OK", 201: "Created", 202: "Accepted", 404: "Not Found"}


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status, body):
        super().__init__(status)
        self.status, self.body = status, body


class Answer(NamedTuple):
    """What is answered. With `lost`, nothing is, and the connection ends."""

    body: object = b""
    status: int = 200
    headers: dict = {}
    lost: bool = False


class Request:
    """A request, read."""

    def __init__(self, method, target, headers, body, origin):
        parts = urllib.parse.urlsplit(target)
        self.method, self.path, self.headers, self.body = (
            method,
            urllib.parse.unquote(parts.path),
            headers,
            body,
        )
        self.query = dict(urllib.parse.parse_qsl(parts.query))
        self.parts = [part for part in self.path.split("/") if part]
        self.origin = origin

    def values(self):
        """The body as a dictionary, from JSON or a form.

        :raises Refused: it is neither
        """
        kind = self.headers.get("Content-Type", "")
        try:
            if "form-urlencoded" in kind:
                pairs = urllib.parse.parse_qsl(self.body.decode())
                return dict(pairs)
            values = json.loads(self.body or b"{}")
        except ValueError:
            values = None
        if not isinstance(values, dict):
            raise Refused(400, {"error": {"code": "bad_request", "message": "no JSON"}})
        return values

    def bearer(self):
        """The key shown in the Authorization header."""
        kind, _space, key = self.headers.get("Authorization", "").partition(" ")
        return key.strip() if kind.lower() == "bearer" else ""


class Handler(BaseHTTPRequestHandler):
    """Reads a request, asks the gateway, writes one piece back."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120

    def handle_any(self):
        # A page of another site must not reach the gateway by a name of its own.
        host = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        if host not in ("127.0.0.1", "localhost", "[::1]"):
            return self.reply(Answer({"error": "unknown host"}, 403))
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= LARGEST:
            self.close_connection = True
            return self.reply(Answer({"error": "too large"}, 413))
        body = self.rfile.read(length) if length else b""
        origin = f"http://{self.headers.get('Host')}"
        request = Request(self.command, self.path, self.headers, body, origin)
        try:
            answer = self.server.gateway.answer(request)
        except Refused as refused:
            answer = Answer(refused.body, refused.status)
        except (ValueError, TypeError, KeyError) as error:
            answer = Answer(
                {"error": {"code": "bad_request", "message": str(error)}}, 400
            )
        if callable(answer):
            return self.stream(answer)
        if answer.lost:
            self.close_connection = True
            return None
        return self.reply(answer)

    do_GET = do_POST = do_DELETE = do_PUT = handle_any  # noqa: N815

    def reply(self, answer):
        """Write status, headers and body at once, so that no packet waits."""
        body, headers = answer.body, dict(answer.headers)
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        elif isinstance(body, str):
            body = body.encode()
            headers.setdefault("Content-Type", "text/plain; charset=utf-8")
        words = (
            WORDS.get(answer.status) or self.responses.get(answer.status, ("", ""))[0]
        )
        lines = [f"HTTP/1.1 {answer.status} {words}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self.close_connection:
            lines.append("Connection: close")
        self.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def stream(self, pieces):
        """Server-sent events: what `pieces()` yields, until the page goes away."""
        self.close_connection = True
        self.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Cache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        for piece in pieces():
            self.wfile.write(f"data: {json.dumps(piece)}\n\n".encode())
            self.wfile.flush()

    def handle(self):
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            pass

    def log_message(self, *_arguments):
        """Numbers and texts are nobody's business, a log's neither."""


class Server(ThreadingHTTPServer):
    """A thread for each connection; connections are kept open."""

    daemon_threads = True
    request_queue_size = 512
    allow_reuse_address = True

    def __init__(self, port, gateway):
        self.gateway = gateway
        super().__init__(("127.0.0.1", port), Handler)

    def server_bind(self):
        # Without the look-up of the host's name, which may take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address


def pause(milliseconds):
    """Wait as a slow provider does."""
    if milliseconds > 0:
        time.sleep(milliseconds / 1000)
