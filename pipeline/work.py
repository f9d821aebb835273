"""Work: what a stage is told when it runs, and the one way in which per-call tables are brought up to date.

What is left to do is asked of the store: the calls whose rows are missing, or were made from something older.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from pipeline.config import Project
from pipeline.tables import Store, in_batches

BATCH_CALLS = 200  # calls a batch file of a derived table


class Progress(Protocol):
    """Shows how far long work has come."""

    def track(self, items: Iterable[str], *, total: int, label: str) -> Iterator[str]:
        """Pass items through and show how many of `total` are done."""

    def say(self, line: str) -> None:
        """Show one line that a person should read."""

    def note(self, line: str) -> None:
        """Show one line for those who look on; nothing when quiet."""


@dataclass(frozen=True)
class Failure:
    """One thing a stage could not do; `item` names it for a person (a call id), `error` never holds its words."""

    stage: str
    item: str
    error: str
    recording: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a stage did.

    `warnings` are said even when a run is quiet, `notes` are not; `untried` names known failures that it left alone.
    """

    n_done: int = 0
    n_kept: int = 0
    failures: tuple[Failure, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()


@dataclass(frozen=True)
class Work:
    """One run of one stage."""

    project: Project
    stage: str
    fingerprint: str
    progress: Progress
    now: datetime
    only_new: bool = False
    force: bool = False
    shard: tuple[int, int] = (1, 1)
    budget_s: float | None = None
    retry_failed: bool = False
    known_failures: Mapping[str, int] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The derived tables."""
        return self.project.store


def sync_calls(
    work: Work,
    tables: Sequence[str],
    expected: Mapping[str, str],
    make: Callable[[list[str]], Mapping[str, pa.Table]],
    *,
    batch_calls: int = BATCH_CALLS,
) -> Outcome:
    """Bring per-call tables up to date: make what is missing or was made from something older, drop what is gone.

    Args:
        work: The stage's run.
        tables: Names of the tables that `make` fills; the first one decides what is left to do and is written last.
        expected: For each call, the hash of what its rows should be made from.
        make: Given call ids, makes each table's rows for them.
        batch_calls: Calls a batch file; a stage that takes seconds for many calls writes few files.
    """
    store = work.store
    for name in tables:
        store.drop_stale(name, work.fingerprint, expected)
    todo = _find_todo(work, tables, expected)
    covered = {name: store.covers(name, work.fingerprint).keys() & set(todo) for name in tables}
    for batch in in_batches(work.progress.track(todo, total=len(todo), label=work.stage), batch_calls):
        made, covers = make(batch), {call_id: expected[call_id] for call_id in batch}
        for name in reversed(tables):
            write = store.write if not covered[name].isdisjoint(batch) else store.add
            write(name, work.fingerprint, made[name], covers)
    for name in tables:
        store.merge(name, work.fingerprint)
        older = [one for one in store.current(name) if one != work.fingerprint] if work.only_new else []
        store.set_current(name, [work.fingerprint, *older])
    untried = work.known_failures.keys() & (expected.keys() - set(todo))
    return Outcome(n_done=len(todo), n_kept=len(expected) - len(todo), untried=tuple(sorted(untried)))


def _find_todo(work: Work, tables: Sequence[str], expected: Mapping[str, str]) -> list[str]:
    if work.force:
        return sorted(expected)
    done = set(expected)
    for name in tables:
        fingerprints = {work.fingerprint, *(work.store.current(name) if work.only_new else ())}
        done &= {call_id for fingerprint in fingerprints for call_id in work.store.covers(name, fingerprint)}
    return sorted(set(expected) - done)
