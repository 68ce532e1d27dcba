"""Load on the service over HTTP: prints a line of JSON for each job.

    python load.py COMMAND [JOB …]

Starts `tierwise serve --demo` in a folder of its own, with a store on disk, and has wrk ask it
over loopback: both share the machine's cores. Jobs: `quick`, the start, and single durable sends,
lists of accounts and trades of refresh tokens over 32 connections; sends over twice as many
connections as it has places, which all ask again at once, where the excess stands in line
(`overload`) and where it is answered 503 (`refused`): everything that was accepted is stored;
`crowd`, sends over almost all connections that it takes; `large`, what the process holds in memory
beside 100,000 accounts and 1,000,000 messages.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from e2e.service import Service

CONNECTIONS = 32
SECONDS = 8
#: Places in work in the job of overload, and as many connections keep it busy.
PLACES = 256
#: Almost all connections that it takes by default.
CROWD = 4000
ACCOUNTS, MESSAGES = 100_000, 1_000_000
#: Connections whose answers are logged, where there are many.
SAMPLED = 16
ANSWERED = re.compile(r'^tierwise_requests_total\{status="(\d+)"\} (\d+)$', re.MULTILINE)
SCRIPT = Path(__file__).with_name("load.lua")
TEXT = "a message of some forty characters, as most"


class Loaded(Service):
    """A service, somebody who is signed in, and what asks it."""

    def __init__(self, command: str, folder: Path, *settings: str) -> None:
        begun = time.monotonic()
        super().__init__(command, "--demo", "--data", str(folder), *settings)
        self.ask("GET", "/health")
        self.start_ms = (time.monotonic() - begun) * 1000
        self.sign_in()
        self.folder = folder
        self.accounts = folder / "accounts.txt"
        self.accounts.write_text("none\n")

    def create(self, count: int) -> None:
        """So many closed accounts, whose messages wait."""
        body = {"type": "mock", "tier": "unlimited_msg_no_chat_history"}
        ids = [self.ask("POST", "/im/accounts", body)["accountId"] for _ in range(count)]
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

    def sends(self, connections: int) -> dict[str, Any]:
        """Single sends over so many connections that ask again as soon as they have an answer: how
        many a second were answered good, and by status the time that answers took, of a sample.

        Some of the connections are h2load's, which logs each answer. It would not do for all: its
        connections go through the accounts in step, and many sends to the same account at a time
        cost the store less than to many. wrk's all take the next account.
        """
        uris, body, log = self.folder / "uris", self.folder / "body", self.folder / "log"
        ids = self.accounts.read_text().split()
        uris.write_text("".join(f"{self.origin}/im/messages/{one}/chat-1\n" for one in ids))
        body.write_text(json.dumps({"text": TEXT}))
        log.unlink(missing_ok=True)
        call = ["h2load", "--h1", "--duration", str(SECONDS), "--clients", str(SAMPLED)]
        call += ["--input-file", str(uris), "--data", str(body), "--log-file", str(log)]
        for header in (f"authorization: Bearer {self.token}", "content-type: application/json"):
            call += ["--header", header]
        before = self.answered()
        with subprocess.Popen(call, stdout=subprocess.DEVNULL) as sampler:
            found = self.load("enqueue", connections - SAMPLED)
            assert sampler.wait(timeout=60) == 0
        sample: dict[str, list[float]] = {}
        for line in log.read_text().splitlines():
            _, status, micros = line.split("\t")
            sample.setdefault(status, []).append(int(micros) / 1000)
        sampled = sample.setdefault("200", [])
        after = self.answered()
        return {
            "good": found["good"] + len(sampled),
            "aSecond": found["aSecond"] + len(sampled) / SECONDS,
            "answered": {status: after[status] - before.get(status, 0) for status in after},
            "p99Ms": {status: share(sorted(times), 0.99) for status, times in sample.items()},
        }

    def answered(self) -> dict[str, int]:
        """Answers so far, by status, as the service counts them."""
        with urllib.request.urlopen(f"{self.origin}/metrics", timeout=30) as answer:
            return {
                status: int(count) for status, count in ANSWERED.findall(answer.read().decode())
            }

    def waiting(self) -> int:
        """Messages that wait, of all accounts."""
        return self.ask("GET", "/im/queue")["waiting"]

    def resident_mb(self) -> float:
        """What the process holds in memory."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        line = next(line for line in lines if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024


def tell(name: str, **figures: float) -> None:
    """A line of JSON."""
    print(json.dumps({"name": name, **figures}), flush=True)


def quick(command: str, folder: Path) -> None:
    """Jobs on an almost empty store."""
    service = Loaded(command, folder)
    tell("start", ms=service.start_ms)
    service.create(200)
    for job in ("enqueue", "list", "token"):
        found = service.load(job, CONNECTIONS)
        tell(job, **{key: value for key, value in found.items() if key != "job"})
    service.end()


def share(values: list[float], part: float) -> float:
    """The value, of some in order, that so large a part of them does not exceed."""
    return values[min(int(len(values) * part), len(values) - 1)] if values else 0.0


def others(found: dict[str, Any]) -> int:
    """Answers that are neither good nor 503."""
    return sum(count for status, count in found["answered"].items() if status not in {"200", "503"})


def twice(command: str, folder: Path, name: str, *settings: str) -> None:
    """As many sends as there are places for, twice as many, as many again, three times by turns;
    the round in the middle. What is stored grows meanwhile, and costs more, above all in the
    beginning: so a first round is not counted, and there is a measure of the best on both sides."""
    service = Loaded(command, folder, "--set", f"limits.requests={PLACES}", *settings)
    service.create(200)
    service.sends(PLACES)
    rounds = []
    before = service.sends(PLACES)
    for _ in range(3):
        stored = service.waiting()
        found = service.sends(2 * PLACES)
        # What was answered good is stored by now; so may others be, whose answer nobody waited for
        # any more as the load ended.
        stored = service.waiting() - stored
        after = service.sends(PLACES)
        best, before = (before["aSecond"] + after["aSecond"]) / 2, after
        rounds.append(
            {
                "best": best,
                "ratio": found["aSecond"] / best,
                "good": found["good"],
                "stored": stored,
                "goodP99Ms": found["p99Ms"]["200"],
                "shed": found["answered"].get("503", 0),
                "shedP99Ms": found["p99Ms"].get("503", 0.0),
                "other": others(found),
            }
        )
    service.end()
    rounds.sort(key=lambda one: one["ratio"])
    tell(
        name,
        **rounds[1],
        ratios=[round(one["ratio"], 3) for one in rounds],
        lost=max(one["good"] - one["stored"] for one in rounds),
    )


def overload(command: str, folder: Path) -> None:
    """Twice the load, where those without a place stand in line."""
    twice(command, folder, "overload")


def refused(command: str, folder: Path) -> None:
    """Twice the load, where there is no line."""
    twice(command, folder, "refused", "--set", "limits.waiting=1")


def crowd(command: str, folder: Path) -> None:
    """Almost all connections that it takes by default, which ask again at once."""
    # All of them come from this address.
    service = Loaded(command, folder, "--set", "limits.connections_per_address=4096")
    service.create(200)
    found = service.sends(CROWD)
    tell(
        "crowd",
        connections=CROWD,
        aSecond=found["aSecond"],
        p99Ms=found["p99Ms"]["200"],
        shed=found["answered"].get("503", 0),
        other=others(found),
    )
    service.end()


def large(command: str, folder: Path) -> None:
    """Many accounts and messages."""
    service = Loaded(command, folder)
    made = 0
    while made < ACCOUNTS:
        made += service.load("create", CONNECTIONS, 10)["good"]
    ids, page = [], 1
    while len(ids) < ACCOUNTS:
        listed = service.ask("GET", f"/im/accounts?count=100&page={page}&state=close")["accounts"]
        ids += [one["accountId"] for one in listed]
        page += 1
    service.accounts.write_text("".join(f"{one}\n" for one in ids))
    while service.waiting() < MESSAGES:
        service.load("fill", CONNECTIONS, 10)
    service.load("list", CONNECTIONS, 5)
    tell("memory", mb=service.resident_mb(), accounts=made, messages=service.waiting())
    service.end()


JOBS = {job.__name__: job for job in (quick, overload, refused, crowd, large)}


def main() -> None:
    """All jobs, or those that are named."""
    command, *named = sys.argv[1:]
    command = str(Path(command).resolve())
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for job in named or JOBS:
        with tempfile.TemporaryDirectory(dir=Path(command).parent) as folder:
            JOBS[job](command, Path(folder))


if __name__ == "__main__":
    main()
