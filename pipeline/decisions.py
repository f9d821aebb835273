"""Decisions: each act of a curator, a line of `taxonomy/decisions.jsonl`, never changed and never taken out.

A line says who did what and when, and for every code that changed the fields as they were and as they became. Read
backwards, the lines lead to every earlier taxonomy; read forwards, they say which sentences people put where.

    {"decision_id": "4f…", "at": "2026-11-22T09:30:00+00:00", "who": "li", "what": "move",
     "before": {"101": {"examples": ["a", "b"]}, "102": {"examples": ["c"]}},
     "after": {"101": {"examples": ["a"]}, "102": {"examples": ["c", "b"]}}}

A code that was not there before is null there; a field that was or is empty is null. An act that changes no code, but
what counts beside the codes, names the file in `about`; an undo or a redo names the decision that it takes back or
makes again in `decision`. A code that an undo or a hand took out of the file has null in every field afterwards. What
people wrote into the file by hand is an `edit` by `file`; `seen` keeps the fields as they were first read, unchanged.

Errors: TaxonomyError names the file and the line that is no whole decision.
"""

import fcntl
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.errors import TaxonomyError

DECISIONS_FILE = "decisions.jsonl"
ACTS = (
    "import", "add", "edit", "move", "merge", "split", "rename", "retire", "reinstate", "set_apart", "examples", "seen",
    "undo", "redo", "activate", "deactivate",
)  # fmt: skip
ID_LENGTH = 16  # hex digits
KEYS = ("decision_id", "at", "who", "what", "before", "after")

Fields = Mapping[str, Any]  # fields of a code as the taxonomy file writes them


@dataclass(frozen=True)
class Decision:
    """One act: `before` and `after` hold what changed, by code number; `about` names the file where no code did.

    `decision` is the id of the decision that an undo takes back, or that a redo makes again.
    """

    decision_id: str
    at: datetime
    who: str
    what: str
    before: Mapping[str, Fields | None]
    after: Mapping[str, Fields]
    about: str = ""
    decision: str = ""


@dataclass(frozen=True)
class Move:
    """A sentence that people took from one code and gave to another."""

    text: str
    from_code: str
    to_code: str


def make_decision(
    what: str, old: Mapping[str, Fields], new: Mapping[str, Fields], *, who: str, now: datetime, about: str = ""
) -> Decision:
    """Make the record of an act.

    Args:
        what: One of `ACTS`.
        old: The fields of every code before, by number.
        new: The same afterwards; no code is gone.
        who: Who decided.
        now: When.
        about: The file that the act was about, where no code changes.
    """
    if what not in ACTS:
        raise ValueError(f"what should be one of {ACTS}, got {what!r}")
    if gone := old.keys() - new.keys():
        raise ValueError(f"codes are retired, never deleted, got none for {sorted(gone)}")
    before: dict[str, Fields | None] = {}
    after: dict[str, Fields] = {}
    for number, fields in new.items():
        was = old.get(number)
        changed = sorted(name for name in {**(was or {}), **fields} if (was or {}).get(name) != fields.get(name))
        if was is None or changed:
            before[number] = None if was is None else {name: was.get(name) for name in changed}
            after[number] = {name: fields.get(name) for name in changed}
    return Decision(uuid.uuid4().hex[:ID_LENGTH], now.astimezone(UTC), who, what, before, after, about)


def make_correction(
    what: str, old: Mapping[str, Fields], new: Mapping[str, Fields], *, who: str, now: datetime, decision: str = ""
) -> Decision:
    """Make the record of an undo, of a redo or of what was done by hand: unlike an act it may take a code out.

    Args:
        what: undo, redo or edit.
        old: The fields of every code before, by number.
        new: The same afterwards.
        who: Who did it.
        now: When.
        decision: The id of the decision that is taken back or made again.
    """
    gone = {number: fields for number, fields in old.items() if number not in new}
    made = make_decision(what, {n: f for n, f in old.items() if n in new}, new, who=who, now=now)
    before = {**made.before, **gone}
    after = {**made.after, **{number: dict.fromkeys(fields) for number, fields in gone.items()}}
    return replace(made, before=before, after=after, decision=decision)


def step_back(codes: Mapping[str, Fields], decision: Decision) -> dict[str, Fields]:
    """Say what the codes were before a decision, given what they were after it."""
    return _put(codes, decision.before)


def step_forward(codes: Mapping[str, Fields], decision: Decision) -> dict[str, Fields]:
    """Say what the codes were after a decision, given what they were before it."""
    return _put(codes, decision.after)


def _put(codes: Mapping[str, Fields], changed: Mapping[str, Fields | None]) -> dict[str, Fields]:
    """Put fields into codes; an empty field goes, and so does a code without any."""
    kept = dict(codes)
    for number, fields in changed.items():
        whole = {} if fields is None else {**kept.get(number, {}), **fields}
        kept[number] = {name: value for name, value in whole.items() if value is not None}
        if not kept[number]:
            del kept[number]
    return kept


def to_plain(codes: Mapping[str, Fields]) -> dict[str, Fields]:
    """Write codes' fields as a decision that was read holds them: days are texts."""
    plain: dict[str, Fields] = json.loads(json.dumps(codes, default=_to_json))
    return plain


def find_moves(decision: Decision) -> list[Move]:
    """Find which sentences a decision took from one code and gave to another.

    A sentence leaves a code when it is no example of it any more, or is now one of its `not_examples`.
    """
    left: dict[str, list[str]] = {}
    for number, after in decision.after.items():
        before = decision.before.get(number) or {}
        gone = set(_read_texts(before, "examples")) - set(_read_texts(after, "examples"))
        refused = set(_read_texts(after, "not_examples")) - set(_read_texts(before, "not_examples"))
        for text in gone | refused:
            left.setdefault(text, []).append(number)
    return [
        Move(text, from_code, number)
        for number, after in decision.after.items()
        for text in _read_texts(after, "examples")
        if text not in _read_texts(decision.before.get(number) or {}, "examples")
        for from_code in left.get(text, ())
        if from_code != number
    ]


def read_decisions(path: Path) -> list[Decision]:
    """Read every decision, first one first; a project without the file has none.

    Raises:
        TaxonomyError: A line is no decision, or a crash cut off the last one.
    """
    if not path.exists():
        return []
    return _parse(path.read_bytes(), path)


@contextmanager
def hold_decisions(path: Path) -> Iterator[BinaryIO]:
    """Hold the file, so that one act ends before the next begins; waits for whoever holds it.

    Raises:
        TaxonomyError: As `read_decisions`; a file that is not whole is not written to.
    """
    with path.open("a+b") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        log.seek(0)
        _parse(log.read(), path)
        yield log


def append_decision(log: BinaryIO, decision: Decision) -> None:
    """Add a decision to a held file, whole or not at all."""
    size = log.seek(0, os.SEEK_END)
    try:
        log.write(_starts_a_line(log, size) + _to_line(decision))
        log.flush()
        os.fsync(log.fileno())
    except OSError:
        log.truncate(size)
        raise


def _starts_a_line(log: BinaryIO, size: int) -> bytes:
    """Say what is missing before a new line: an editor may have taken the last line's end."""
    if not size:
        return b""
    log.seek(size - 1)
    return b"" if log.read(1) == b"\n" else b"\n"


def _to_line(decision: Decision) -> bytes:
    tree = {**vars(decision), "at": decision.at.isoformat(timespec="seconds")}
    for name in ("about", "decision"):
        if not tree[name]:
            del tree[name]
    return (json.dumps(tree, ensure_ascii=False, default=_to_json) + "\n").encode()


def _to_json(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a decision holds texts, numbers and days, got {type(value).__name__}")


def _parse(content: bytes, path: Path) -> list[Decision]:
    lines = content.split(b"\n")
    return [
        _parse_line(line, f"{path}, line {n_line}", is_last=n_line == len(lines))
        for n_line, line in enumerate(lines, start=1)
        if line.strip()
    ]


def _parse_line(line: bytes, where: str, *, is_last: bool) -> Decision:
    try:
        tree = json.loads(line)
        read = {key: tree[key] for key in KEYS} | {"at": datetime.fromisoformat(tree["at"])}
        return Decision(**read, about=tree.get("about", ""), decision=tree.get("decision", ""))
    except (ValueError, KeyError, TypeError):
        pass
    if is_last:
        raise TaxonomyError(
            f"{where} was cut off while it was written, and what it speaks of was not done. Delete that line."
        )
    raise TaxonomyError(f"{where} is no decision. Restore the file from your backup; its lines are never edited.")


def _read_texts(fields: Fields, name: str) -> list[str]:
    return [str(one["text"]) if isinstance(one, Mapping) else str(one) for one in fields.get(name) or ()]
