"""The wheel that is tested, and a throw-away environment that it is installed in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the wheel's path."""
    parser.addoption("--wheel", required=True, type=Path, help="the wheel to install")


@pytest.fixture(scope="session")
def wheel(request: pytest.FixtureRequest) -> Path:
    """The wheel."""
    path: Path = request.config.getoption("--wheel")
    return path.resolve()


@pytest.fixture(scope="session")
def user_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel, and nothing of this repository."""
    folder = tmp_path_factory.mktemp("user") / "environment"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "--no-index", "--no-deps", str(wheel)], check=True)
    subprocess.run([*install, f"pytest=={pytest.__version__}"], check=True)
    return python
