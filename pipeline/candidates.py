"""Candidates: what is known of them from run to run, in `state/`: their members, names, and when they came and went.

Errors: none of its own.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields

from pipeline.config import Project
from pipeline.state import open_state

Member = tuple[str, int]

SCHEMA = """
create table if not exists candidate_members (
    call_id text, utterance_index integer, cluster_id text, sub_cluster_id text, text_id text, is_settled integer,
    primary key (call_id, utterance_index));
create table if not exists candidate_names (
    cluster_id text primary key, name text, named_by text, other_name text default '');
create table if not exists candidate_changes (
    changed_at text, cluster_id text, change text, name text, n_calls integer, went_to text,
    primary key (changed_at, cluster_id, change));
create table if not exists given_names (
    key text primary key, name text);
create table if not exists grouping (
    grouped_with text, n_utterances integer);
"""


@dataclass(frozen=True)
class Membership:
    """Where one reason utterance was when candidates were last made.

    Both ids are empty where it was in none. `text_id` names what it said; `is_settled` is false where it was put for
    the time being.
    """

    cluster_id: str
    sub_cluster_id: str
    text_id: str
    is_settled: bool


@dataclass(frozen=True)
class Named:
    """What a candidate is called, what made that name, and what those call it who speak its other language, if any."""

    name: str
    named_by: str
    other_name: str = ""


@dataclass(frozen=True)
class Change:
    """A candidate that came or went; `went_to` is the code or candidate that most of its calls are in now."""

    changed_at: str
    cluster_id: str
    change: str  # new or gone
    name: str
    n_calls: int
    went_to: str = ""


@dataclass(frozen=True)
class Grouping:
    """What utterances were last grouped with from nothing, and how many they were."""

    grouped_with: str
    n_utterances: int


@dataclass(frozen=True)
class Known:
    """All that is known of the candidates; `names` are by candidate."""

    members: Mapping[Member, Membership]
    names: Mapping[str, Named]
    grouping: Grouping | None


def read_candidates(project: Project) -> Known:
    """Read what the last run left."""
    with _open(project) as connection:
        rows = connection.execute(
            "select call_id, utterance_index, cluster_id, sub_cluster_id, text_id, is_settled from candidate_members"
        )
        members = {(row[0], row[1]): Membership(row[2], row[3], row[4], bool(row[5])) for row in rows}
        kept = connection.execute("select cluster_id, name, named_by, other_name from candidate_names")
        names = {row[0]: Named(*row[1:]) for row in kept}
        grouping = connection.execute("select grouped_with, n_utterances from grouping").fetchone()
    return Known(members, names, Grouping(*grouping) if grouping else None)


def write_candidates(project: Project, known: Known, changes: Sequence[Change] = ()) -> None:
    """Replace what is known, and add what changed."""
    members = [
        (*member, one.cluster_id, one.sub_cluster_id, one.text_id, one.is_settled)
        for member, one in sorted(known.members.items())
    ]
    with _open(project) as connection:
        for table in ("candidate_members", "candidate_names", "grouping"):
            connection.execute(f"delete from {table}")  # noqa: S608 - our own names
        connection.executemany("insert into candidate_members values (?, ?, ?, ?, ?, ?)", members)
        names = [(cluster_id, *astuple(named)) for cluster_id, named in known.names.items()]
        connection.executemany("insert into candidate_names values (?, ?, ?, ?)", names)
        if known.grouping:
            connection.execute(
                "insert into grouping values (?, ?)", (known.grouping.grouped_with, known.grouping.n_utterances)
            )
        told = [tuple(getattr(change, one.name) for one in fields(Change)) for change in changes]
        connection.executemany("insert or replace into candidate_changes values (?, ?, ?, ?, ?, ?)", told)


def read_changes(project: Project) -> list[Change]:
    """Read every candidate that ever came or went, in the order in which they did."""
    with _open(project) as connection:
        rows = connection.execute("select * from candidate_changes order by changed_at, change, cluster_id")
        return [Change(*row) for row in rows]


@dataclass(frozen=True)
class GivenNames:
    """Names that a model elsewhere gave to exemplars, kept so that none are sent twice."""

    project: Project

    def find(self, key: str) -> str | None:
        """Find the name that was given to something, if it was."""
        with _open(self.project) as connection:
            row = connection.execute("select name from given_names where key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def keep(self, key: str, name: str) -> None:
        """Keep a name."""
        with _open(self.project) as connection:
            connection.execute("insert or replace into given_names values (?, ?)", (key, name))


@contextmanager
def _open(project: Project) -> Iterator[sqlite3.Connection]:
    with open_state(project) as connection:
        connection.executescript(SCHEMA)
        _take_over(connection)
        yield connection


def _take_over(connection: sqlite3.Connection) -> None:
    """Take over what older versions kept: names in one language, members without texts and sub-reasons."""
    if not connection.execute(
        "select 1 from pragma_table_info('candidate_names') where name = 'other_name'"
    ).fetchone():
        connection.execute("alter table candidate_names add column other_name text default ''")
    if connection.execute("select 1 from sqlite_master where name = 'candidates'").fetchone():
        connection.execute(
            "insert or ignore into candidate_members "
            "select call_id, utterance_index, cluster_id, '', '', 1 from candidates"
        )
        connection.execute("drop table candidates")
