"""Two services on one PostgreSQL, as behind a proxy: either answers anything, each account's
messages go one at a time over both, and one that is killed is taken over.

    TIERWISE_POSTGRES=postgres://… python3 e2e/runners.py COMMAND        (from the folder `tests`)

Messages go to an endpoint of this program, which verifies their signatures and judges their order.
Requests go to the two by turns, and to the other one where a connection breaks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import secrets
import sys
import tempfile
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from e2e.service import Service

ACCOUNTS, MESSAGES = 12, 100
#: A lease of two seconds more than an attempt, and what the machine takes.
TAKEN_OVER_S = 10
PATIENCE_S = 60
TIER = "unlimited_msg_no_chat_history"
KEY = secrets.token_bytes(32)


class Endpoint(ThreadingHTTPServer):
    """What takes messages in, and sees what is wrong with them."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.lock = threading.Lock()
        self.open: set[str] = set()
        self.taken: dict[str, list[str]] = defaultdict(list)
        self.last_number: dict[str, int] = defaultdict(int)
        self.last_fence: dict[str, int] = defaultdict(int)
        self.faults: list[str] = []
        self.last_at = time.monotonic()
        self.longest_gap_s = 0.0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """A runner that was killed reads no answer."""

    def begin(self, event: dict[str, Any]) -> None:
        """A message arrives."""
        account, number, fence = event["account"], event["number"], event["fence"]
        now = time.monotonic()
        with self.lock:
            self.longest_gap_s = max(self.longest_gap_s, now - self.last_at)
            self.last_at = now
            if account in self.open:
                self.faults.append(f"{account}: {number} beside another")
            if number <= self.last_number[account] or fence <= self.last_fence[account]:
                self.faults.append(f"{account}: {number} after {self.last_number[account]}")
            self.open.add(account)
            self.last_number[account] = number
            self.last_fence[account] = fence
            self.taken[account].append(event["id"])

    def end(self, account: str) -> None:
        """It is answered."""
        with self.lock:
            self.open.discard(account)


class Taking(BaseHTTPRequestHandler):
    """A request to the endpoint."""

    protocol_version = "HTTP/1.1"
    server: Endpoint

    def do_POST(self) -> None:
        """Takes a message, or an account that is opened."""
        body = self.rfile.read(int(self.headers["content-length"]))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode()
        made = b"v1," + base64.b64encode(hmac.digest(KEY, signed + body, hashlib.sha256))
        if not hmac.compare_digest(made, self.headers["webhook-signature"].encode()):
            self.server.faults.append("a signature that is none")
        event = json.loads(body)
        answer: dict[str, Any] = {}
        if event["type"] == "account.open":
            answer = {"events": [{"type": "open", "login": True}]}
        elif event["type"] == "message.send":
            self.server.begin(event)
            # Long enough that another of the account would be seen beside it.
            time.sleep(0.002)
            self.server.end(event["account"])
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def serve(command: str, folder: Path, name: str, *more: str) -> Service:
    """One of the two."""
    arguments = ["--config", str(folder / "tierwise.toml")]
    return Service(command, *arguments, "--control", str(folder / f"{name}.sock"), *more)


class Client:
    """Asks the two by turns. A connection that breaks is an error where a repeat is not safe."""

    def __init__(self, services: list[Service], demo: dict[str, Any]) -> None:
        self.services = services
        self.turn = 0
        self.demo = demo
        self.token = ""
        self.token = self.ask("POST", "/auth/token", demo)["access_token"]

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """The JSON of a success."""
        status, answer = self.answer(method, path, body, **headers)
        assert status < 300, (method, path, status, answer)
        return answer

    def answer(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, Any]:
        """Status and JSON, of the one whose turn it is or, if it is gone, of the other."""
        sent = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        text = None if body is None else json.dumps(body)
        self.turn += 1
        for service in (self.services[self.turn % 2], self.services[(self.turn + 1) % 2]):
            connection = http.client.HTTPConnection(
                service.origin.removeprefix("http://"), timeout=30
            )
            try:
                connection.request(method, path, text, sent)
                answer = connection.getresponse()
                read = answer.read()
                return answer.status, json.loads(read) if read else None
            except (OSError, http.client.HTTPException):
                continue
            finally:
                connection.close()
        raise AssertionError("neither answers")

    def until(self, what: str, path: str, holds: Any) -> Any:
        """Waits until an answer is as it should be."""
        begun = time.monotonic()
        while not holds(now := self.ask("GET", path)):
            assert time.monotonic() - begun < PATIENCE_S, (what, now)
            time.sleep(0.01)
        return now


def either_answers(client: Client) -> None:
    """What one has done the other knows at once."""
    body = {"type": "mock", "tier": "unlimited_msg_chat_history"}
    path = f"/im/accounts/{client.ask('POST', '/im/accounts', body)['accountId']}"
    # Three requests each time: an odd number, so that each kind meets either of them.
    for nickname in ("one", "two"):
        client.ask("PATCH", path, {"nickname": nickname})
        assert client.ask("GET", path)["nickname"] == nickname
        assert client.ask("GET", path)["nickname"] == nickname
    report = client.ask("POST", f"{path}/change-report", {"tier": TIER})
    done = client.ask("PATCH", path, {"tier": TIER}, If_Report_Match=report["reportHash"])
    assert done["effects"] == report["effects"]
    totals = {client.ask("GET", "/payments/usage")["total"] for _ in range(2)}
    assert len(totals) == 1, totals
    key = secrets.token_hex(8)
    made = [
        client.ask("POST", "/im/accounts", {"type": "mock"}, Idempotency_Key=key)["accountId"]
        for _ in range(2)
    ]
    assert made[0] == made[1], made
    client.ask("DELETE", path)
    assert [client.answer("GET", path)[0] for _ in range(2)] == [404, 404]


def send_all(client: Client, accounts: list[str], kill: Any) -> None:
    """Sends to all accounts at once, over both; halfway through one of the two is killed."""
    halfway = threading.Semaphore(0)

    def send(account: str) -> None:
        sender = Client(client.services, client.demo)
        for number in range(MESSAGES):
            # A repeat is safe by the id.
            body = {"id": f"{account}-{number:04}", "text": f"message {number}"}
            sender.ask("POST", f"/im/messages/{account}/chat-{number % 3}", body)
            if number == MESSAGES // 2:
                halfway.release()

    with ThreadPoolExecutor(len(accounts)) as pool:
        sent = [pool.submit(send, account) for account in accounts]
        halfway.acquire()
        kill()
        for one in sent:
            one.result()


def judge(client: Client, endpoint: Endpoint, accounts: list[str]) -> int:
    """All that was accepted was taken once, or is marked as of unknown outcome. How many are."""
    unknown = 0
    for account in accounts:
        idle = {"waiting": 0, "out": 0}
        path = f"/im/accounts/{account}"
        client.until("all are sent", path, lambda now: now["queue"] | idle == now["queue"])
        found: dict[str, str] = {}
        for chat in ("chat-0", "chat-1", "chat-2"):
            page = client.ask("GET", f"/im/messages/{account}/{chat}?count=100")
            found |= {one["id"]: one["status"] for one in page["messages"]}
        assert len(found) == MESSAGES, (account, len(found))
        taken = endpoint.taken[account]
        assert len(set(taken)) == len(taken), "one came twice"
        for message, status in found.items():
            if status == "sent":
                assert message in taken, (message, "is said to be sent")
            else:
                assert status == "error", (message, status)
                unknown += 1
    # Of each account one may have been out, or about to go, as the runner died.
    assert unknown <= len(accounts), unknown
    return unknown


def tell(client: Client, command: str, folder: Path, endpoint: Endpoint) -> None:
    """The whole of it."""
    either_answers(client)
    accounts = []
    for _ in range(ACCOUNTS):
        account = client.ask("POST", "/im/accounts", {"type": "wa", "tier": TIER})["accountId"]
        client.ask("POST", f"/im/accounts/{account}/open")
        client.until("it opens", f"/im/accounts/{account}", lambda now: now["state"] == "open")
        accounts.append(account)
    endpoint.last_at, endpoint.longest_gap_s = time.monotonic(), 0.0
    victim = client.services[0].process

    def kill() -> None:
        victim.kill()
        victim.wait()

    begun = time.monotonic()
    send_all(client, accounts, kill)
    unknown = judge(client, endpoint, accounts)
    assert endpoint.faults == [], endpoint.faults[:10]
    assert endpoint.longest_gap_s < TAKEN_OVER_S, endpoint.longest_gap_s
    print(
        f"runners: {ACCOUNTS * MESSAGES} messages in {time.monotonic() - begun:.1f} s over two, "
        f"one killed: {unknown} of unknown outcome, none out of order, none twice; "
        f"{endpoint.longest_gap_s:.1f} s without any at the most"
    )
    # It comes back, and takes its part again.
    client.services[0] = serve(command, folder, "one")
    either_answers(client)


def main() -> int:
    """The exit code."""
    command = str(Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        endpoint = Endpoint()
        os.environ["GATEWAY_KEY"] = "whsec_" + base64.b64encode(KEY).decode()
        (folder / "tierwise.toml").write_text(f"""
            keys = "{folder}/keys"
            attempt_ms = 1000
            lease_ms = 3000
            [store]
            postgres = {{ schema = "runners_{os.getpid()}" }}
            [transports.mock]
            kind = "mock"
            [transports.wa]
            kind = "webhook"
            url = "http://127.0.0.1:{endpoint.server_address[1]}/"
            keys.env = "GATEWAY_KEY"
        """)
        services = [serve(command, folder, "one", "--demo"), serve(command, folder, "two")]
        try:
            tell(Client(services, services[0].demo), command, folder, endpoint)
        finally:
            for service in services:
                service.end()
    print("runners: told to its end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
