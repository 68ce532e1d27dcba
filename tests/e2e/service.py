"""The command as a service on loopback, and somebody who asks it: for tests and benches."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from typing import Any

PATIENCE_S = 120


class Service:
    """`tierwise serve`, ready to answer. Ended by `end`, also after a fault."""

    def __init__(
        self, command: str, *arguments: str, environment: dict[str, str] | None = None
    ) -> None:
        self.process = subprocess.Popen(
            [command, "serve", "--json", "--listen", "127.0.0.1:0", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self.process.stdout is not None
        ready = json.loads(self.process.stdout.readline())
        self.origin: str = ready["origin"]
        #: With `--demo`: the team, and a refresh token of it.
        self.demo: dict[str, str] = ready.get("demo") or {}
        self.token = ""

    def sign_in(self) -> None:
        """A new access token of the demo's team: it lasts for an hour."""
        self.token = self.ask("POST", "/auth/token", self.demo)["access_token"]

    def answer(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        sent = {"content-type": "application/json"}
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.origin + path, data, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as good:
                text = good.read()
                return good.status, json.loads(text) if text else None
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """The JSON of a success."""
        status, answer = self.answer(method, path, body, **headers)
        assert status < 300, (method, path, status, answer)
        return answer

    def refused(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """The status and the code of a refusal."""
        status, answer = self.answer(method, path, body)
        return status, answer["data"]["code"] if status >= 300 else ""

    def end(self) -> None:
        """Ends it in order, if it has not ended."""
        if self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(timeout=PATIENCE_S) == 0
