"""Cache: one folder a model and version in the user's cache, whole or not there.

`<user cache>/callreasons/models/<name>-<fingerprint>/`. A stamp beside the files holds their sizes and times, so that
a load costs no hashing; a file whose size or time is another is hashed again.
"""

import hashlib
import json
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

from pipeline.models.pins import FilePin, ModelPin

STAMP_FILE = ".callreasons.json"
LEFTOVER_AGE_S = 86_400.0  # a temporary folder older than this belongs to a run that was killed


def find_cache() -> Path:
    """Find the folder that holds every cached model of this user."""
    return user_cache_path("callreasons") / "models"


def find_folder(pin: ModelPin) -> Path:
    """Find the folder that a pinned model has, or would have, in the cache."""
    return find_cache() / f"{pin.name}-{pin.fingerprint}"


def hash_file(path: Path) -> str:
    """Compute the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find_mismatches(folder: Path, files: Iterable[FilePin]) -> list[str]:
    """Hash the files and tell in a sentence each what is missing or differs from its pin."""
    return [sentence for file in files if (sentence := _find_mismatch(folder / file.path, file))]


def _find_mismatch(path: Path, file: FilePin) -> str:
    if not path.is_file():
        return f"'{file.path}' is missing."
    got = hash_file(path)
    return "" if got == file.sha256 else f"'{file.path}' should have SHA-256 {file.sha256}, got {got}."


def is_intact(folder: Path, pin: ModelPin) -> bool:
    """Say whether the cached files are the pinned ones: by the stamp, and by hash where the stamp does not fit."""
    if not folder.is_dir():
        return False
    if _read_stamp(folder) == _stat_files(folder, pin):
        return True
    if find_mismatches(folder, pin.files):
        return False
    write_stamp(folder, pin)
    return True


def write_stamp(folder: Path, pin: ModelPin) -> None:
    """Note the sizes and times of files that were just hashed."""
    temporary = folder / f"{STAMP_FILE}.{uuid.uuid4().hex[:8]}"
    try:
        temporary.write_text(json.dumps(_stat_files(folder, pin)))
        temporary.replace(folder / STAMP_FILE)
    except OSError:  # a cache that this user may only read: hash again next time
        temporary.unlink(missing_ok=True)


def forget_stamp(folder: Path) -> None:
    """Make the next load hash the files again."""
    (folder / STAMP_FILE).unlink(missing_ok=True)


def _read_stamp(folder: Path) -> object:
    try:
        return json.loads((folder / STAMP_FILE).read_text())
    except (OSError, ValueError):
        return None


def _stat_files(folder: Path, pin: ModelPin) -> dict[str, list[int]]:
    stats = {file.path: (folder / file.path) for file in pin.files}
    return {
        path: [file.stat().st_size, file.stat().st_mtime_ns] if file.is_file() else [] for path, file in stats.items()
    }


@contextmanager
def open_temporary(folder: Path) -> Iterator[Path]:
    """Make a temporary folder beside the folder it may become; remove what is left of it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(folder.parent)
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}")
    temporary.mkdir()
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def place(temporary: Path, folder: Path, pin: ModelPin) -> None:
    """Rename a temporary folder to its place; where another process was faster, its files stay."""
    write_stamp(temporary, pin)
    try:
        temporary.rename(folder)
    except OSError:
        if is_intact(folder, pin):
            return
        damaged = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}")
        folder.rename(damaged)
        temporary.rename(folder)
        shutil.rmtree(damaged, ignore_errors=True)


def _remove_leftovers(cache: Path) -> None:
    for path in cache.glob(".*-*"):
        if path.is_dir() and time.time() - path.stat().st_mtime > LEFTOVER_AGE_S:
            shutil.rmtree(path, ignore_errors=True)
