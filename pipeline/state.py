"""State: what can be derived from nothing else, in `state/`: failures, the key and the lock; `candidates` adds its own.

`callreasons.db` is SQLite in WAL mode; the key that hashes people's ids lies beside it, for its owner alone.

Errors: LockedError when another run holds the project's lock.
"""

import fcntl
import hashlib
import hmac
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.config import Project
from pipeline.errors import LockedError
from pipeline.work import Failure

KEY_BYTES = 32
LOCK_FILE = "run.lock"
BUSY_TIMEOUT_MS = 10_000
SCHEMA = """
create table if not exists failures (
    stage text, item text, recording text, error text, n_attempts integer, first_at text, last_at text,
    said integer not null default 0, primary key (stage, item));
create table if not exists files (
    path text primary key, n_bytes integer, modified_ns integer, sha256 text);
"""

# Failures kept before there was the mark count as said.
SAID_BEFORE = "alter table failures add column said integer not null default 1"


@dataclass(frozen=True)
class KnownFailure:
    """A failure as `callreasons show failures` lists it; times are UTC."""

    stage: str
    item: str
    recording: str
    error: str
    n_attempts: int
    first_at: str
    last_at: str


@contextmanager
def open_state(project: Project) -> Iterator[sqlite3.Connection]:
    """Open the project's database; what is done inside is kept whole or not at all."""
    project.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(sqlite3.connect(project.state / "callreasons.db")) as connection:
        connection.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("pragma journal_mode = wal")
        connection.executescript(SCHEMA)
        _add_said(connection)
        with connection:
            yield connection


def _add_said(connection: sqlite3.Connection) -> None:
    """Add the mark where it is missing; of two processes that find it so at once the second waits, then finds it."""
    if _has_said(connection):
        return
    with connection:
        connection.execute("begin immediate")
        if not _has_said(connection):
            connection.execute(SAID_BEFORE)


def _has_said(connection: sqlite3.Connection) -> bool:
    return "said" in {column[1] for column in connection.execute("pragma table_info(failures)")}


@contextmanager
def hold_lock(project: Project) -> Iterator[None]:
    """Hold the project for one run; the lock goes with the process, however it ends.

    Raises:
        LockedError: Another run holds it.
    """
    project.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (project.state / LOCK_FILE).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise LockedError(
                f"Another run (process {holder}) is working on this project. Wait until it ends, then try again."
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def is_running(project: Project) -> bool:
    """Say whether another process holds the project for a run, without touching its lock."""
    path = project.state / LOCK_FILE
    holder = path.read_text().strip() if path.exists() else ""
    return holder.isdecimal() and Path("/proc", holder).exists() and int(holder) != os.getpid()


def read_key(project: Project) -> bytes:
    """Read the key that hashes people's ids; the first call makes it."""
    path = project.state / "key"
    if not path.exists():
        project.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_key(path)
    return path.read_bytes()


def hash_id(value: str, key: bytes) -> str:
    """Hash a person's id with the project's key, to 16 hex digits."""
    return hmac.new(key, value.strip().encode(), hashlib.sha256).hexdigest()[:16]


def _make_key(path: Path) -> None:
    temporary = path.with_name(f".key.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
    try:
        os.link(temporary, path)  # fails where another process was first; its key counts
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def read_failures(project: Project) -> list[KnownFailure]:
    """List what failed and has not succeeded since, by stage and item."""
    if not (project.state / "callreasons.db").exists():
        return []
    with open_state(project) as connection:
        rows = connection.execute(
            "select stage, item, recording, error, n_attempts, first_at, last_at from failures order by stage, item"
        )
        return [KnownFailure(*row) for row in rows]


def write_failures(
    project: Project, stage: str, failures: Sequence[Failure], *, still: Mapping[str, int], now: datetime
) -> list[Failure]:
    """Keep a stage's failures and forget those that did not fail this time.

    Args:
        project: The project.
        stage: The stage that ran.
        failures: What failed in this run.
        still: Known failures that the run did not try again, with their attempts.
        now: The time of the run.

    Returns:
        Those of the stage that no run has said yet: of this run, or of one that was killed.
    """
    moment = now.isoformat(timespec="seconds")
    with open_state(project) as connection:
        known = dict(connection.execute("select item, n_attempts from failures where stage = ?", (stage,)).fetchall())
        failed = {failure.item for failure in failures}
        for item in known.keys() - failed - still.keys():
            connection.execute("delete from failures where stage = ? and item = ?", (stage, item))
        for failure in failures:
            connection.execute(
                "insert into failures values (?, ?, ?, ?, 1, ?, ?, 0) on conflict (stage, item) do update set "
                "recording = excluded.recording, error = excluded.error, n_attempts = n_attempts + 1, "
                "last_at = excluded.last_at",
                (stage, failure.item, failure.recording, failure.error, moment, moment),
            )
        new = connection.execute(
            "select stage, item, error, recording from failures where stage = ? and not said order by rowid", (stage,)
        )
        return [Failure(*row) for row in new]


def write_said(project: Project, failures: Sequence[Failure]) -> None:
    """Keep that a run has said these failures; the next one knows them."""
    with open_state(project) as connection:
        connection.executemany(
            "update failures set said = 1 where stage = ? and item = ?",
            [(failure.stage, failure.item) for failure in failures],
        )


def hash_file(path: Path, connection: sqlite3.Connection) -> str:
    """Hash a file's content with SHA-256; a file whose size and time are known is not read again."""
    status = path.stat()
    known = connection.execute(
        "select sha256 from files where path = ? and n_bytes = ? and modified_ns = ?",
        (str(path), status.st_size, status.st_mtime_ns),
    ).fetchone()
    if known:
        return str(known[0])
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    connection.execute(
        "insert or replace into files values (?, ?, ?, ?)", (str(path), status.st_size, status.st_mtime_ns, sha256)
    )
    return sha256
