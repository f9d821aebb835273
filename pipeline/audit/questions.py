"""Questions: what a person sees of a call: when it was and what the customer said, never the machine's answer.

Which sentences the machine took for reasons is part of its answer, so all of the customer's words are shown.

Errors: MissingTableError when the calls' turns were never made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from pipeline.audit.answers import Round, list_drawn, list_open
from pipeline.config import Project
from pipeline.tables.database import open_database, show_table

TURNS = """
select a.call_id, c.started_at, t.language,
       list({'role': u.role, 'start_s': u.start_s, 'text': u.text} order by u.turn_index)
           filter (u.role in ('customer', 'unknown')) as turns
from asked a
left join calls c using (call_id)
left join transcripts t using (call_id)
left join turns u using (call_id)
group by all
"""


@dataclass(frozen=True)
class Turn:
    """What the customer, or someone whose role is not known, said at a time; null seconds in written contacts."""

    start_s: float | None
    text: str


@dataclass(frozen=True)
class Question:
    """One call to answer; the words are redacted ones."""

    call_id: str
    started_at: datetime | None
    language: str
    turns: tuple[Turn, ...]


def list_questions(project: Project, drawn: Round, who: str = "") -> list[Question]:
    """List a round's calls in their order: all, or those that a person has not answered."""
    asked = list_open(project, drawn, who) if who else [one.call_id for one in list_drawn(project, drawn)]
    found = _read_words(project, asked)
    return [found[call_id] for call_id in asked]


def find_question(project: Project, call_id: str) -> Question:
    """Find one call's words."""
    return _read_words(project, [call_id])[call_id]


def _read_words(project: Project, call_ids: Sequence[str]) -> dict[str, Question]:
    with open_database(project.store) as connection:
        for name in ("calls", "transcripts", "turns"):
            show_table(connection, project.store, name)
        connection.register("asked", pa.table({"call_id": pa.array(call_ids, pa.string())}))
        rows = connection.sql(TURNS).to_arrow_table().to_pylist()
    return {
        row["call_id"]: Question(
            row["call_id"],
            row["started_at"],
            row["language"] or "",
            tuple(Turn(turn["start_s"], turn["text"]) for turn in row["turns"] or ()),
        )
        for row in rows
    }
