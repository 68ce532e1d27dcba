"""The examples of the documentation run, and give what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest
import tierwise

REPOSITORY = Path(__file__).resolve().parents[3]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = doctest.NORMALIZE_WHITESPACE


def examples(file: Path) -> str:
    """The examples of a page, as one."""
    return "\n".join(block for block in BLOCK.findall(file.read_text("utf-8")) if ">>>" in block)


PAGES = [
    page
    for page in (
        REPOSITORY / "README.md",
        REPOSITORY / "bindings" / "python" / "README.md",
        *sorted((REPOSITORY / "docs").glob("*.md")),
    )
    if examples(page)
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_a_page_says_what_happens(page: Path) -> None:
    test = doctest.DocTestParser().get_doctest(examples(page), {}, page.name, str(page), 0)
    result = doctest.DocTestRunner(optionflags=OPTIONS).run(test)
    assert result.attempted > 0
    assert result.failed == 0


def test_the_page_of_this_package_is_among_them() -> None:
    assert REPOSITORY / "docs" / "python.md" in PAGES


def test_every_operation_is_on_the_page() -> None:
    page = (REPOSITORY / "docs" / "python.md").read_text("utf-8")
    for operation in tierwise.OPERATIONS:
        assert f"| `{operation}(" in page
        assert f"catalog.{operation}(" in page


def test_docstrings_say_what_happens() -> None:
    attempted = 0
    for module in pkgutil.iter_modules(tierwise.__path__, "tierwise."):
        result = doctest.testmod(importlib.import_module(module.name), optionflags=OPTIONS)
        assert result.failed == 0, module.name
        attempted += result.attempted
    assert attempted > 0
    assert doctest.testmod(tierwise, optionflags=OPTIONS).failed == 0


def test_every_code_of_this_host_is_documented() -> None:
    page = (REPOSITORY / "docs" / "errors.md").read_text("utf-8")
    source = (REPOSITORY / "bindings" / "python" / "src" / "failure.rs").read_text("utf-8")
    codes = re.findall(r'=> "(\w+)"', source)
    assert len(codes) > 3
    for code in codes:
        assert f"| `{code}` |" in page
