"""Built programs and libraries, kept between runs under a hash of everything that went into them."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

KEPT_SECONDS = 24 * 3600  # entries that nobody used for so long are removed


def cache_root() -> Path:
    """The variable EMBEDC_CACHE, else the user's cache folder, else a private temporary one."""
    chosen = os.environ.get("EMBEDC_CACHE")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    root = Path(chosen) if chosen else base / "embedc"
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return _private()
    return root if os.access(root, os.W_OK) else _private()


@cache
def _private() -> Path:
    return Path(tempfile.mkdtemp(prefix="embedc-"))


def cached(key: str, name: str, make: Callable[[Path], None]) -> Path:
    """The file `name` under `key`; `make` fills a fresh folder with it where it does not exist yet."""
    root = cache_root()
    entry = root / key
    if not (entry / name).is_file():
        _expire(root)
        work = Path(tempfile.mkdtemp(prefix="new-", dir=root))
        try:
            make(work)
            os.replace(work, entry)
        except OSError:
            if not (entry / name).is_file():  # else another process was faster
                raise
        finally:
            shutil.rmtree(work, ignore_errors=True)
    os.utime(entry)
    return entry / name


def _expire(root: Path) -> None:
    limit = time.time() - KEPT_SECONDS
    for entry in root.iterdir():
        try:
            if entry.stat().st_mtime < limit:
                shutil.rmtree(entry)
        except OSError:
            continue
