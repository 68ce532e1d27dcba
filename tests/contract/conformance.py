"""Asks the service thousands of things that nobody thought of: requests made from the contract.

Starts `tierwise serve --demo` in a folder of its own on a free port, signs in, and has
schemathesis ask every operation, with good and with spoilt input, and in sequences in which one
request uses what another gave. Fails on an answer 5xx, on a status, body, header or content type
that the contract does not have, and if fewer requests were made than promised.

    python conformance.py COMMAND [--seed N] [--examples N]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

LEAST_REQUESTS = 5_000
CHECKS = ",".join(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)


def start(command: str, folder: str) -> tuple[subprocess.Popen[str], dict[str, object]]:
    """The service, and what it says as soon as it is ready."""
    arguments = ["serve", "--demo", "--json", "--data", folder, "--listen", "127.0.0.1:0"]
    # Nobody is to wait for messages that are out, and a thousand requests a second are no attack.
    service = subprocess.Popen([command, *arguments], stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    line = service.stdout.readline()
    if not line:
        raise SystemExit(f"`{command} serve` ended before it was ready: {service.wait()}")
    return service, json.loads(line)


def post(url: str, body: object) -> dict[str, object]:
    """The JSON that an address answers to some."""
    data = json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def conform(origin: str, token: str, examples: int, seed: int | None, report: Path) -> int:
    """Runs schemathesis; its exit code."""
    tool = Path(sys.executable).with_name("schemathesis")
    arguments = [str(tool), "run", f"{origin}/openapi.json", "--url", origin]
    arguments += ["--header", f"Authorization: Bearer {token}", "--checks", CHECKS]
    arguments += ["--max-examples", str(examples), "--no-color"]
    arguments += ["--generation-database", "none", "--warnings", "off"]
    arguments += ["--suppress-health-check", "all", "--request-timeout", "10"]
    arguments += ["--report", "ndjson", "--report-ndjson-path", str(report)]
    if seed is not None:
        arguments += ["--seed", str(seed)]
    # It leaves notes of its own where it runs.
    return subprocess.run(arguments, check=False, cwd=report.parent).returncode


def count(report: Path) -> tuple[int, int]:
    """How many requests a report tells of, and how many of them were answered 5xx."""
    asked = failed = 0
    with report.open() as lines:
        for line in lines:
            event = json.loads(line)
            for status in statuses(event):
                asked += 1
                failed += status >= 500
    return asked, failed


def statuses(event: object) -> list[int]:
    """The statuses of the answers within an event, however deep."""
    if isinstance(event, dict):
        status = event.get("status_code")
        own = [status] if isinstance(status, int) else []
        return own + [found for value in event.values() for found in statuses(value)]
    if isinstance(event, list):
        return [found for value in event for found in statuses(value)]
    return []


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--examples", type=int, default=140)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service, ready = start(asked.command, f"{folder}/data")
        try:
            origin = str(ready["origin"])
            demo = ready["demo"]
            assert isinstance(demo, dict)
            token = str(post(f"{origin}/auth/token", demo)["access_token"])
            report = Path(folder) / "report.ndjson"
            code = conform(origin, token, asked.examples, asked.seed, report)
            requests, failed = count(report)
        finally:
            service.terminate()
            ended = service.wait(timeout=60)
    print(f"contract: {requests} requests, {failed} answered 5xx, the service ended with {ended}")
    if requests < LEAST_REQUESTS:
        print(f"at least {LEAST_REQUESTS} were promised")
        return 1
    return code or failed or ended


if __name__ == "__main__":
    sys.exit(main())
