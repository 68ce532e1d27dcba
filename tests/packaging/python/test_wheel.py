"""The wheel as its users get it: complete, typed, small, quick to import."""

from __future__ import annotations

import doctest
import statistics
import subprocess
import sys
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
PACKAGE = REPOSITORY / "bindings" / "python" / "python" / "tierwise"
PROJECT = Path(__file__).parent / "project"

MOST_WHEEL_BYTES = 3_000_000
MOST_IMPORT_MS = 30.0
RUNS = 15


def test_no_file_of_the_package_is_missing(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    files = [file for file in PACKAGE.rglob("*") if file.suffix in {".py", ".pyi", ".typed"}]
    paths = {file.relative_to(PACKAGE.parent).as_posix() for file in files}
    expected = paths | {"tierwise/py.typed", "tierwise/client/types.py"}
    assert expected <= names
    assert "tierwise/_engine.abi3.so" in names
    assert not [name for name in names if "test" in name or name.endswith(".rs")]


def test_the_licences_are_in_it(wheel: Path) -> None:
    files = zipfile.ZipFile(wheel)
    for name in ("LICENSE-MIT", "LICENSE-APACHE"):
        (place,) = [file for file in files.namelist() if file.endswith(f"licenses/{name}")]
        assert files.read(place) == (REPOSITORY / name).read_bytes()


def test_the_wheel_does_not_claim_every_system(wheel: Path) -> None:
    files = zipfile.ZipFile(wheel)
    (place,) = [file for file in files.namelist() if file.endswith("/METADATA")]
    assert b"OS Independent" not in files.read(place)


def test_one_wheel_serves_every_python(wheel: Path) -> None:
    assert wheel.name.startswith("tierwise-")
    assert "-cp310-abi3-" in wheel.name


def test_the_wheel_is_small(wheel: Path) -> None:
    size = wheel.stat().st_size
    print(f"\nwheel: {size:,} bytes, at most {MOST_WHEEL_BYTES:,}")
    assert size <= MOST_WHEEL_BYTES


def run(python: Path, *arguments: str | Path, folder: Path = PROJECT) -> str:
    done = subprocess.run(
        [python, *arguments], cwd=folder, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_a_users_tests_run(user_python: Path, tmp_path: Path) -> None:
    output = run(
        user_python, "-m", "pytest", "-W", "error", "-p", "no:cacheprovider", "--rootdir", PROJECT
    )
    print(f"\n{output.strip().splitlines()[-1]}")
    assert "3 passed" in output


def checked(user_python: Path, file: str, *more: str) -> subprocess.CompletedProcess[str]:
    """What mypy says of a user's file, with the package that the user has installed."""
    options = ["-m", "mypy", "--strict", "--no-incremental"]
    command = [sys.executable, *options, "--python-executable", str(user_python), *more, file]
    return subprocess.run(command, cwd=PROJECT, check=False, capture_output=True, text=True)


def test_a_users_types_are_checked(user_python: Path) -> None:
    done = checked(user_python, "prices.py")
    assert done.returncode == 0, done.stdout


def test_the_types_of_the_guide_are_checked(user_python: Path, tmp_path: Path) -> None:
    page = REPOSITORY / "docs" / "python.md"
    examples = doctest.DocTestParser().get_examples(page.read_text("utf-8"))
    # What is an error there is mostly one for type checkers, too.
    sources = [example.source for example in examples if example.exc_msg is None]
    assert len(sources) > 50
    file = tmp_path / "guide.py"
    file.write_text("".join(sources), "utf-8")
    # The libraries of columns are not in the user's environment.
    done = checked(user_python, str(file), "--ignore-missing-imports")
    assert done.returncode == 0, done.stdout


def test_wrong_types_are_seen(user_python: Path) -> None:
    done = checked(user_python, "mistaken.py")
    source = (PROJECT / "mistaken.py").read_text("utf-8").splitlines()
    wanted = {n for n, line in enumerate(source, 1) if line.endswith("# wrong")}
    found = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    assert found == wanted, done.stdout


def milliseconds(python: Path, code: str) -> float:
    """The middle of what fresh interpreters print."""
    return statistics.median(float(run(python, "-I", "-c", code)) for _ in range(RUNS))


def test_it_is_imported_quickly(user_python: Path) -> None:
    timed = "import time; start = time.perf_counter(); {}; print((time.perf_counter()-start)*1e3)"
    ours = milliseconds(user_python, timed.format("import tierwise"))
    plain = milliseconds(user_python, timed.format("import decimal, datetime"))
    print(f"\nimport: {ours:.1f} ms, at most {MOST_IMPORT_MS:.0f}; decimal alone {plain:.1f} ms")
    assert ours <= MOST_IMPORT_MS


def test_importing_it_imports_no_other_library(user_python: Path) -> None:
    others = "{'numpy', 'pyarrow', 'json', 'tierwise.client'}"
    code = f"import sys, tierwise; print(sorted({others} & set(sys.modules)))"
    assert run(user_python, "-I", "-c", code) == "[]\n"
