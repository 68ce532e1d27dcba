"""Runs the examples of `docs/api/guide.md`, read from the page, and holds them to what it shows.

    python3 tests/e2e/guide.py COMMAND

Blocks of `sh` and `python` are run in their order; the block of `text` or `json` that follows one
is what it prints. The page says in its last section what `…` stands for.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import types
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from threading import Timer
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
GUIDE = REPOSITORY / "docs" / "api" / "guide.md"
CLIENT = REPOSITORY / "bindings" / "python" / "python" / "tierwise"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = {"sh", "python"}
SHOWN = {"text", "json"}
ANYTHING = "…"
END = "the-block-has-ended"
PATIENCE_S = 60


@dataclass
class Example:
    """What is run, and what it prints."""

    line: int
    language: str
    code: str
    kind: str = ""
    shown: str = ""


def examples(page: str) -> Iterator[Example]:
    """The examples of a page, in order."""
    example: Example | None = None
    for block in BLOCK.finditer(page):
        language, text = block.groups()
        line = page.count("\n", 0, block.start()) + 1
        if language in SHOWN:
            assert example is not None, f"line {line}: nothing before it prints this"
            example.kind, example.shown = language, text
            yield example
            example = None
            continue
        if example is not None:
            yield example
        # Those of another language are run with the tests of its package.
        example = Example(line, language, text)
    if example is not None:
        yield example


class Shell:
    """One shell for the whole page: what a block sets is there in those after it."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        """It runs from now on, within a folder."""
        self.log = folder / "shell"
        self.process = subprocess.Popen(
            ["bash", "-eu"],
            cwd=folder,
            env=dict(os.environ, **variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log.open("w"),
            text=True,
        )
        # What waits for something that never comes ends with it.
        self.patience = Timer(PATIENCE_S, self.process.kill)
        self.patience.daemon = True
        self.patience.start()

    def run(self, code: str) -> str:
        """What a block prints."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{code}\necho {END}\n")
        self.process.stdin.flush()
        printed = ""
        while not printed.endswith(f"{END}\n"):
            line = self.process.stdout.readline()
            assert line, f"it ended: {self.log.read_text()}"
            printed += line
        return printed.removesuffix(f"{END}\n")

    def end(self) -> None:
        """Ends it."""
        self.patience.cancel()
        self.process.kill()
        self.process.communicate()


def is_text(shown: str, found: str) -> bool:
    """Whether a text is as it is shown."""
    parts = [re.escape(part) for part in shown.split(ANYTHING)]
    return re.fullmatch(".*".join(parts), found, re.DOTALL) is not None


def differs(shown: Any, found: Any, path: str = "$") -> str:
    """Where a value is not as it is shown; empty if it is."""
    if shown == ANYTHING:
        return ""
    if isinstance(shown, dict) and isinstance(found, dict):
        named = shown.keys() - {ANYTHING}
        if not named <= found.keys() or (ANYTHING not in shown and named != found.keys()):
            return f"{path} has the fields {sorted(found)}"
        parts = [differs(shown[name], found[name], f"{path}.{name}") for name in sorted(named)]
        return next(filter(None, parts), "")
    if isinstance(shown, list) and isinstance(found, list) and len(shown) == len(found):
        pairs = enumerate(zip(shown, found, strict=True))
        parts = [differs(one, other, f"{path}[{place}]") for place, (one, other) in pairs]
        return next(filter(None, parts), "")
    is_same = (
        is_text(shown, found)
        if isinstance(shown, str) and isinstance(found, str)
        else type(shown) is type(found) and shown == found
    )
    return "" if is_same else f"{path} is {json.dumps(found)}, not {json.dumps(shown)}"


def values(text: str) -> list[Any]:
    """The JSON values of a text, one after the other: answers and statuses."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while rest := text[at:].lstrip():
        at = len(text) - len(rest)
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found


def start(command: Path, example: Example, folder: Path) -> subprocess.Popen[str]:
    """The service, by the words of the page."""
    (folder / "bin").mkdir()
    (folder / "bin" / "tierwise").symlink_to(command)
    words = example.code.split()
    assert words[:2] == ["tierwise", "serve"], example.code
    environment = dict(os.environ, PATH=f"{folder / 'bin'}:{os.environ['PATH']}")
    # Any port, as another service may be running.
    environment["TIERWISE_LISTEN"] = "127.0.0.1:0"
    log = (folder / "log").open("w")
    return subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
    )


def said(service: subprocess.Popen[str], folder: Path) -> str:
    """What the service says until it is ready."""
    assert service.stdout is not None
    lines: list[str] = []
    for line in service.stdout:
        lines.append(line)
        if line.startswith("ready in "):
            return "".join(lines)
    raise AssertionError((folder / "log").read_text())


def python(code: str, variables: dict[str, str]) -> str:
    """What a block of Python prints, with the client alone: it needs no engine."""
    package = types.ModuleType("tierwise")
    package.__path__ = [str(CLIENT)]
    sys.modules["tierwise"] = package
    os.environ |= variables
    printed = StringIO()
    with redirect_stdout(printed):
        exec(compile(code, str(GUIDE), "exec"), {"__name__": "guide"})
    return printed.getvalue()


def check(example: Example, printed: str, shell: Shell) -> None:
    """Fails unless a block printed what is shown below it."""
    if example.kind == "json":
        account = shell.run('printf %s "${ACCOUNT:-}"')
        shown = values(example.shown.replace("$ACCOUNT", account))
        wrong = differs(shown, values(printed))
    else:
        shown_text = example.shown.rstrip("\n")
        wrong = "" if is_text(shown_text, printed.rstrip("\n")) else f"it printed {printed!r}"
    assert not wrong, f"guide.md, line {example.line}: {wrong}"


def follow(page: list[Example], shell: Shell, variables: dict[str, str]) -> int:
    """Runs blocks in their order; how many those were."""
    count = 0
    for example in page:
        if example.language not in RUN:
            continue
        code = example.code
        if code.startswith("API="):
            # What is copied from what the service printed.
            assert code.split("\n")[1] == f"REFRESH_TOKEN=twr_{ANYTHING}", code
            code = ":"
        is_shell = example.language == "sh"
        check(example, shell.run(code) if is_shell else python(code, variables), shell)
        count += 1
    return count


def tell(command: Path, folder: Path) -> int:
    """Runs the page to its end; how many blocks that were."""
    first, *others = examples(GUIDE.read_text("utf-8"))
    service = start(command, first, folder)
    try:
        ready = said(service, folder)
        origin = re.search(r"^API +(\S+)$", ready, re.MULTILINE)
        token = re.search(r"^refresh token +(\S+) ", ready, re.MULTILINE)
        assert origin is not None, ready
        assert token is not None, ready
        shell = Shell(folder, {"API": origin[1], "REFRESH_TOKEN": token[1]})
        check(first, ready.replace(origin[1], "http://127.0.0.1:8080"), shell)
        count = 1 + follow(others, shell, {"API": origin[1], "REFRESH_TOKEN": token[1]})
        shell.end()
    finally:
        service.terminate()
        ended = service.wait(timeout=PATIENCE_S)
    assert ended == 0, (folder / "log").read_text()
    return count


def main() -> int:
    """The exit code."""
    with tempfile.TemporaryDirectory() as folder:
        count = tell(Path(sys.argv[1]).resolve(), Path(folder))
    print(f"guide: {count} blocks do what the page shows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
