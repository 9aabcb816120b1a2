"""CMake run as a user does; an error shows all that it printed."""

import subprocess
from pathlib import Path


def cmake(folder: Path, *arguments: str | Path) -> str:
    """Runs cmake in `folder` and gives what it printed."""
    done = attempt(folder, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def attempt(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The same, whether it succeeds or not."""
    return subprocess.run(["cmake", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def run(program: Path) -> int:
    """The exit code of a program that was built."""
    return subprocess.run([program], check=False).returncode


def ctest(build: Path) -> str:
    """Runs the tests of a build tree and gives what was printed."""
    done = subprocess.run(["ctest", "--output-on-failure"], cwd=build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
