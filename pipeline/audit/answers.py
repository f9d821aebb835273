"""Answers: the rounds that were drawn and what people said, in `state/callreasons.db`.

Two people may answer the same call; who changes an answer keeps their place.

Errors: InputError for a round, a call, a code or a kind that there is not, and for who has seen the score.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.audit.seen import list_seen
from pipeline.config import Project
from pipeline.errors import InputError
from pipeline.state import open_state
from pipeline.tables import NO_CODES
from pipeline.taxonomy import TAXONOMY_FILE, read_taxonomy

SCHEMA = """
create table if not exists audit_rounds (
    round_id integer primary key, drawn_at text, seed integer, first_day text, last_day text, n_calls integer,
    scored_at text);
create table if not exists audit_calls (
    round_id integer, call_id text, place integer, chance real, stratum text, primary key (round_id, call_id));
create table if not exists audit_answers (
    round_id integer, call_id text, who text, is_resolved integer, codes text, no_code text,
    answered_at text, changed_at text, primary key (round_id, call_id, who, is_resolved));
"""


@dataclass(frozen=True)
class Round:
    """One draw: from how many calls of which days; `scored_at` is empty until somebody asks for its score."""

    round_id: int
    drawn_at: str
    seed: int
    first_day: date
    last_day: date
    n_calls: int
    scored_at: str = ""


@dataclass(frozen=True)
class DrawnCall:
    """One call of a round; `chance` is how likely it was to be drawn, above 0 and at most 1."""

    call_id: str
    chance: float
    stratum: str


@dataclass(frozen=True)
class Said:
    """What a person says of a call: codes in the order in which the customer gave them, or a kind of no-code."""

    codes: tuple[str, ...] = ()
    no_code: str = ""


@dataclass(frozen=True)
class Answer:
    """Who said what of a call; times are UTC, `changed_at` is when it was last written."""

    call_id: str
    who: str
    said: Said
    is_resolved: bool
    answered_at: str
    changed_at: str


def keep_round(project: Project, drawn: Round, calls: Sequence[DrawnCall]) -> Round:
    """Keep a new round under the next number.

    Args:
        project: The project.
        drawn: The round; its number is not looked at.
        calls: In the order in which people will see them.
    """
    with _open(project) as connection:
        (last,) = connection.execute("select coalesce(max(round_id), 0) from audit_rounds").fetchone()
        kept = Round(last + 1, drawn.drawn_at, drawn.seed, drawn.first_day, drawn.last_day, drawn.n_calls)
        row = (kept.round_id, kept.drawn_at, kept.seed, str(kept.first_day), str(kept.last_day), kept.n_calls)
        connection.execute("insert into audit_rounds values (?, ?, ?, ?, ?, ?, '')", row)
        rows = [(kept.round_id, one.call_id, at, one.chance, one.stratum) for at, one in enumerate(calls)]
        connection.executemany("insert into audit_calls values (?, ?, ?, ?, ?)", rows)
    return kept


def list_rounds(project: Project) -> list[Round]:
    """List every round, first one first."""
    if not (project.state / "callreasons.db").exists():
        return []
    with _open(project) as connection:
        rows = connection.execute("select * from audit_rounds order by round_id").fetchall()
    return [
        Round(round_id, drawn_at, seed, date.fromisoformat(first), date.fromisoformat(last), n_calls, scored_at)
        for round_id, drawn_at, seed, first, last, n_calls, scored_at in rows
    ]


def mark_scored(project: Project, drawn: Round, now: datetime) -> None:
    """Mark a round as one whose score somebody asked for."""
    with _open(project) as connection:
        moment = now.isoformat(timespec="microseconds")
        connection.execute("update audit_rounds set scored_at = ? where round_id = ?", (moment, drawn.round_id))


def find_scored_round(project: Project) -> Round | None:
    """Find the round that counts are corrected by: the one that was made to count, or answered whole, last."""
    since = {drawn: _find_counting_since(project, drawn) for drawn in list_rounds(project)}
    return max(
        (drawn for drawn in since if since[drawn]), key=lambda drawn: (since[drawn], drawn.round_id), default=None
    )


def _find_counting_since(project: Project, drawn: Round) -> str:
    """Find when a round began to count; '' where it does not."""
    first: dict[str, str] = {}
    for one in list_answers(project, drawn):
        first[one.call_id] = min(first.get(one.call_id, one.answered_at), one.answered_at)
    if not first:
        return ""
    is_whole = len(first) == len(list_drawn(project, drawn))
    return max(drawn.scored_at, max(first.values()) if is_whole else "")


def find_round(project: Project, round_id: int | None = None) -> Round:
    """Find a round by its number, or the last one.

    Raises:
        InputError: There is none.
    """
    rounds = list_rounds(project)
    if not rounds:
        raise InputError("No calls were drawn yet. Run `callreasons audit sample` first.")
    if round_id is None:
        return rounds[-1]
    for one in rounds:
        if one.round_id == round_id:
            return one
    raise InputError(f"There is no round {round_id}. The last one is {rounds[-1].round_id}.")


def list_drawn(project: Project, drawn: Round) -> list[DrawnCall]:
    """List a round's calls in the order in which people see them."""
    with _open(project) as connection:
        rows = connection.execute(
            "select call_id, chance, stratum from audit_calls where round_id = ? order by place", (drawn.round_id,)
        )
        return [DrawnCall(*row) for row in rows]


def is_drawn(project: Project, call_id: str) -> bool:
    """Say whether a call was drawn in any round."""
    if not (project.state / "callreasons.db").exists():
        return False
    with _open(project) as connection:
        return bool(connection.execute("select 1 from audit_calls where call_id = ?", (call_id,)).fetchone())


def list_open(project: Project, drawn: Round, who: str) -> list[str]:
    """List the calls that a person has not answered yet, in their order.

    It is by chance: who stops half way has answered a sample too.
    """
    name = who.strip()
    answered = {one.call_id for one in list_answers(project, drawn) if one.who == name and not one.is_resolved}
    return [one.call_id for one in list_drawn(project, drawn) if one.call_id not in answered]


def list_answers(project: Project, drawn: Round) -> list[Answer]:
    """List what was said of a round's calls, each call's first answer first."""
    with _open(project) as connection:
        rows = connection.execute(
            "select call_id, who, codes, no_code, is_resolved, answered_at, changed_at from audit_answers "
            "where round_id = ? order by call_id, answered_at, rowid",
            (drawn.round_id,),
        ).fetchall()
    return [Answer(row[0], row[1], Said(tuple(json.loads(row[2])), row[3]), bool(row[4]), *row[5:]) for row in rows]


def record_answer(project: Project, drawn: Round, call_id: str, said: Said, *, who: str, now: datetime) -> None:
    """Record what a person says of a call, in place of what they said of it before.

    Raises:
        InputError: The call was not drawn, or the answer is none.
    """
    record_answers(project, drawn, {call_id: said}, who=who, now=now)


def record_answers(project: Project, drawn: Round, said: dict[str, Said], *, who: str, now: datetime) -> None:
    """Record a person's answers by call, all or none of them.

    Raises:
        InputError: As `record_answer`, or the person has seen the round's score.
    """
    if who.strip() in list_seen(project, drawn.round_id):
        raise InputError(
            f"{who.strip()} has seen the score of round {drawn.round_id}, so no answer of theirs is blind any more. "
            "Let somebody else answer, or resolve the call."
        )
    _write(project, drawn, said, who=who, now=now, is_resolved=False)


def resolve_answer(project: Project, drawn: Round, call_id: str, said: Said, *, who: str, now: datetime) -> None:
    """Record what is true of a call that people answered differently; the last such answer counts.

    Raises:
        InputError: As `record_answer`.
    """
    _write(project, drawn, {call_id: said}, who=who, now=now, is_resolved=True)


def _write(
    project: Project, drawn: Round, said: dict[str, Said], *, who: str, now: datetime, is_resolved: bool
) -> None:
    _check_answers(project, drawn, said, who)
    moment = now.isoformat(timespec="microseconds")
    rows = [
        (drawn.round_id, call_id, who.strip(), is_resolved, json.dumps(one.codes), one.no_code, moment, moment)
        for call_id, one in said.items()
    ]
    with _open(project) as connection:
        connection.executemany(
            "insert into audit_answers values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do update set "
            "codes = excluded.codes, no_code = excluded.no_code, changed_at = excluded.changed_at",
            rows,
        )


def _check_answers(project: Project, drawn: Round, said: dict[str, Said], who: str) -> None:
    if not who.strip():
        raise InputError("Nobody is named. Say whose answers these are.")
    calls = {one.call_id for one in list_drawn(project, drawn)}
    known = {code.number for code in read_taxonomy(project.taxonomy / TAXONOMY_FILE).active}
    for call_id, one in said.items():
        if call_id not in calls:
            raise InputError(f"Call '{call_id}' is not in round {drawn.round_id}. Answer the calls that were drawn.")
        check_said(call_id, one, known)


def check_said(call_id: str, said: Said, known: set[str]) -> None:
    """Check that an answer is one: different active codes, or one kind of no-code.

    Raises:
        InputError: It is not.
    """
    if bool(said.codes) == bool(said.no_code):
        raise InputError(f"Call '{call_id}' should have codes or a kind of no-code, one of both.")
    if said.no_code and said.no_code not in NO_CODES:
        raise InputError(f"Call '{call_id}': a kind of no-code should be one of {', '.join(NO_CODES)}.")
    unknown = [code for code in said.codes if code not in known]
    if unknown:
        raise InputError(
            f"Call '{call_id}': the taxonomy has no active code {', '.join(unknown)}. "
            "`callreasons taxonomy card` lists them."
        )
    if len(set(said.codes)) < len(said.codes):
        raise InputError(f"Call '{call_id}' has the same code twice. Give each once.")


@contextmanager
def _open(project: Project) -> Iterator[sqlite3.Connection]:
    with open_state(project) as connection:
        connection.executescript(SCHEMA)
        yield connection
