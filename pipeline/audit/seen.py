"""Seen: who has looked at a round's score, and so can no longer answer it blind; in `state/callreasons.db`.

Errors: none of its own.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from pipeline.config import Project
from pipeline.state import open_state

SCHEMA = "create table if not exists audit_seen (round_id integer, who text, seen_at text, primary key (round_id, who))"


def mark_seen(project: Project, round_id: int, who: str, now: datetime) -> None:
    """Mark that somebody looks at a round's score; the first time is kept."""
    with _open(project) as connection:
        row = (round_id, who.strip(), now.isoformat(timespec="seconds"))
        connection.execute("insert into audit_seen values (?, ?, ?) on conflict do nothing", row)


def list_seen(project: Project, round_id: int) -> set[str]:
    """List who has looked at a round's score."""
    with _open(project) as connection:
        return {who for (who,) in connection.execute("select who from audit_seen where round_id = ?", (round_id,))}


@contextmanager
def _open(project: Project) -> Iterator[sqlite3.Connection]:
    with open_state(project) as connection:
        connection.execute(SCHEMA)
        yield connection
