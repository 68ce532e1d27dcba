"""A small HTTP server on loopback: what networks do, and nothing of the service."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tierwise.client import Client


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Reply:
    """An answer; `None` in its place ends the connection without one."""

    status: int = 200
    body: object = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


Answer = Callable[[int, Asked], "Reply | bytes | None"]


class Server:
    """Keeps each request, and answers as a test says, which is told how many came before."""

    def __init__(self, answer: Answer) -> None:
        """Listens at once."""
        self.answer = answer
        self.asked: list[Asked] = []
        self.connections = 0
        lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                with lock:
                    outer.connections += 1

            def do_GET(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, headers, body)
                with lock:
                    before = len(outer.asked)
                    outer.asked.append(asked)
                reply = outer.answer(before, asked)
                if isinstance(reply, Reply):
                    text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
                    data = b"" if reply.status == 204 else text.encode()
                    self.send_response(reply.status)
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    if reply.status != 204:
                        self.send_header("content-length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                    return
                if reply is not None:
                    self.wfile.write(reply)
                self.close_connection = True

            do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815

            def log_message(self, format: str, *words: object) -> None:
                """Nothing: requests are kept."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        # How often the server looks whether it shall end.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def listening(answer: Answer) -> Iterator[Server]:
    """A server."""
    server = Server(answer)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def client_of(answer: Answer, **options: Any) -> Iterator[tuple[Client, Server]]:
    """A server and a client of it that does not wait long."""
    with listening(answer) as server:
        defaults: dict[str, Any] = {"token": "given", "pause": 0.001}
        with Client(server.origin, **{**defaults, **options}) as client:
            yield client, server


def refused(status: int, code: str, **headers: str) -> Reply:
    """The service's envelope of a refusal."""
    body = {"statusCode": status, "message": f"refused: {code}", "data": {"code": code}}
    return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def access_token(seconds: int = 3600, id: str = "") -> str:
    """An access token of so many seconds."""
    claims = {"iat": 1_000, "exp": 1_000 + seconds, "id": id}
    parts = (json.dumps(part).encode() for part in ({"alg": "ES256"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "s"])


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
