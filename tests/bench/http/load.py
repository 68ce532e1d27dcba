"""Load on the service over HTTP: prints a line of JSON for each job.

    python load.py COMMAND

Starts `tierwise serve --demo` in a folder of its own, with a store on disk, and has wrk ask it
over loopback: both share the machine's cores. Jobs: the start; single durable sends, lists of
accounts and trades of refresh tokens over 32 connections; sends over twice as many connections as
it has places, which all ask again at once, where the excess stands in line and where it is answered
503: everything that was accepted is stored; sends over almost all connections that it takes; and
what the process holds in memory beside 100,000 accounts and 1,000,000 messages.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

CONNECTIONS = 32
SECONDS = 8
#: Places in work in the job of overload, and as many connections keep it busy.
PLACES = 256
#: Almost all connections that it takes by default.
CROWD = 4000
ACCOUNTS, MESSAGES = 100_000, 1_000_000
SCRIPT = Path(__file__).with_name("load.lua")
TEXT = "a message of some forty characters, as most"


class Service:
    """A running service, and somebody who is signed in."""

    def __init__(self, command: str, folder: Path, settings: list[str]) -> None:
        arguments = ["serve", "--demo", "--json", "--data", str(folder), "--listen", "127.0.0.1:0"]
        begun = time.monotonic()
        self.process = subprocess.Popen(
            [command, *arguments, *settings], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        ready = json.loads(self.process.stdout.readline())
        self.origin, self.demo = ready["origin"], ready["demo"]
        self.ask("/health")
        self.start_ms = (time.monotonic() - begun) * 1000
        self.token = self.ask("/auth/token", self.demo)["access_token"]
        self.accounts = folder / "accounts.txt"
        self.accounts.write_text("none\n")

    def ask(self, path: str, body: object = None) -> dict:
        """The JSON of an answer."""
        headers = {"content-type": "application/json"}
        if hasattr(self, "token"):
            headers["authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.origin + path, data, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def create(self, count: int) -> None:
        """So many closed accounts, whose messages wait."""
        body = {"type": "mock", "tier": "unlimited_msg_no_chat_history"}
        ids = [self.ask("/im/accounts", body)["accountId"] for _ in range(count)]
        self.accounts.write_text("".join(f"{one}\n" for one in ids))

    def load(self, job: str, connections: int, seconds: int = SECONDS) -> dict:
        """What wrk found."""
        environment = dict(os.environ, JOB=job, TOKEN=self.token, ACCOUNTS=str(self.accounts))
        environment |= {"REFRESH": self.demo["refreshToken"], "TEAM": self.demo["teamId"]}
        wrk = ["wrk", "--threads", "1", "--connections", str(connections)]
        wrk += ["--duration", f"{seconds}s", "--timeout", "10s", "--latency"]
        wrk += ["--script", str(SCRIPT), self.origin]
        out = subprocess.run(wrk, env=environment, check=True, capture_output=True, text=True)
        found = json.loads(out.stdout.strip().splitlines()[-1])
        found["good"] = found["requests"] - found["status"]
        found["aSecond"] = found["good"] / found["seconds"]
        return found

    def crowd(self, connections: int, folder: Path) -> dict[str, list[float]]:
        """Single sends over so many connections that ask again as soon as they have an answer: by
        status, how long answers took in milliseconds, in order. By h2load, which logs each."""
        uris, body, log = folder / "uris", folder / "body", folder / "log"
        ids = self.accounts.read_text().split()
        uris.write_text("".join(f"{self.origin}/im/messages/{one}/chat-1\n" for one in ids))
        body.write_text(json.dumps({"text": TEXT}))
        log.unlink(missing_ok=True)
        call = ["h2load", "--h1", "--duration", str(SECONDS), "--clients", str(connections)]
        call += ["--input-file", str(uris), "--data", str(body), "--log-file", str(log)]
        for header in (f"authorization: Bearer {self.token}", "content-type: application/json"):
            call += ["--header", header]
        subprocess.run(call, check=True, capture_output=True)
        took: dict[str, list[float]] = {}
        for line in log.read_text().splitlines():
            _, status, micros = line.split("\t")
            took.setdefault(status, []).append(int(micros) / 1000)
        return {status: sorted(times) for status, times in took.items()}

    def waiting(self) -> int:
        """Messages that wait, of all accounts."""
        return self.ask("/im/queue")["waiting"]

    def resident_mb(self) -> float:
        """What the process holds in memory."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        line = next(line for line in lines if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def end(self) -> None:
        """Ends it in order."""
        self.process.terminate()
        assert self.process.wait(timeout=120) == 0


def tell(name: str, **figures: float) -> None:
    """A line of JSON."""
    print(json.dumps({"name": name, **figures}), flush=True)


def quick(command: str, folder: Path) -> None:
    """Jobs on an almost empty store."""
    service = Service(command, folder, [])
    tell("start", ms=service.start_ms)
    service.create(200)
    for job in ("enqueue", "list", "token"):
        found = service.load(job, CONNECTIONS)
        tell(job, **{key: value for key, value in found.items() if key != "job"})
    service.end()


def share(values: list[float], part: float) -> float:
    """The value that so large a part of them does not exceed."""
    return values[min(int(len(values) * part), len(values) - 1)] if values else 0.0


def twice(command: str, folder: Path, name: str, settings: list[str]) -> None:
    """As many sends as there are places for, twice as many, as many again, three times by turns;
    the round in the middle. What is stored grows meanwhile, and costs more: so there is a measure
    of the best on both sides."""
    places = ["--set", f"limits.requests={PLACES}"]
    service = Service(command, folder, places + settings)
    service.create(200)
    rounds = []
    before = len(service.crowd(PLACES, folder)["200"])
    for _ in range(3):
        stored = service.waiting()
        found = service.crowd(2 * PLACES, folder)
        good, shed = (found.get(status, []) for status in ("200", "503"))
        # What was answered good is stored by now; so may others be, whose answer nobody waited for
        # any more as the load ended.
        stored = service.waiting() - stored
        after = len(service.crowd(PLACES, folder)["200"])
        best, before = (before + after) / 2, after
        rounds.append({
            "best": best / SECONDS, "ratio": len(good) / best,
            "good": len(good), "stored": stored, "goodP99Ms": share(good, 0.99),
            "shed": len(shed), "shedP99Ms": share(shed, 0.99),
            "other": sum(map(len, found.values())) - len(good) - len(shed),
        })
    service.end()
    rounds.sort(key=lambda one: one["ratio"])
    tell(name, **rounds[1], ratios=[round(one["ratio"], 3) for one in rounds],
         lost=max(one["good"] - one["stored"] for one in rounds))


def overload(command: str, folder: Path) -> None:
    """Twice the load, where those without a place stand in line."""
    twice(command, folder, "overload", [])


def refused(command: str, folder: Path) -> None:
    """Twice the load, where there is no line."""
    twice(command, folder, "refused", ["--set", "limits.waiting=1"])


def crowd(command: str, folder: Path) -> None:
    """Almost all connections that it takes by default, which ask again at once."""
    # All of them come from this address.
    service = Service(command, folder, ["--set", "limits.connections_per_address=4096"])
    service.create(200)
    found = service.crowd(CROWD, folder)
    good, shed = (found.get(status, []) for status in ("200", "503"))
    tell("crowd", connections=CROWD, aSecond=len(good) / SECONDS, p99Ms=share(good, 0.99),
         shed=len(shed), other=sum(map(len, found.values())) - len(good) - len(shed))
    service.end()


def large(command: str, folder: Path) -> None:
    """Many accounts and messages."""
    service = Service(command, folder, [])
    made = 0
    while made < ACCOUNTS:
        made += service.load("create", CONNECTIONS, 10)["good"]
    ids, page = [], 1
    while len(ids) < ACCOUNTS:
        listed = service.ask(f"/im/accounts?count=100&page={page}&state=close")["accounts"]
        ids += [one["accountId"] for one in listed]
        page += 1
    service.accounts.write_text("".join(f"{one}\n" for one in ids))
    while service.waiting() < MESSAGES:
        service.load("fill", CONNECTIONS, 10)
    service.load("list", CONNECTIONS, 5)
    tell("memory", mb=service.resident_mb(), accounts=made, messages=service.waiting())
    service.end()


def main() -> None:
    """All jobs."""
    command = str(Path(sys.argv[1]).resolve())
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for job in (quick, overload, refused, crowd, large):
        with tempfile.TemporaryDirectory(dir=Path(command).parent) as folder:
            job(command, Path(folder))


if __name__ == "__main__":
    main()
