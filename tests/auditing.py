"""Auditing: an invented project that was measured, and rounds of calls drawn with chances that a person can add up."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from conftest import NOW, SilentProgress
from invented_calls import CALLS, Invented, make_project

from pipeline import measure
from pipeline.audit.answers import DrawnCall, Round, Said, keep_round, record_answers
from pipeline.config import Project
from pipeline.state import open_state
from pipeline.tables import hash_text, make_table
from pipeline.work import Work

FIRST_DAY, LAST_DAY = date(2026, 11, 2), date(2026, 11, 15)


def make_measured(root: Path, calls: tuple[Invented, ...] = CALLS, **sections: dict[str, object]) -> Project:
    """Make an invented project, its turns too, and measure it."""
    project = make_project(root, calls, **sections)
    rows = [
        {"call_id": call.call_id, "turn_index": 2 * at, "role": "customer", "text": said.text, "start_s": said.start_s}
        for call in calls
        for at, said in enumerate(call.said)
        if said.text
    ]
    rows += [{"call_id": call.call_id, "turn_index": 1, "role": "agent", "text": "of course"} for call in calls]
    project.store.write_whole("turns", hash_text(repr(rows)), make_table("turns", rows))
    measure_again(project)
    return project


def measure_again(project: Project) -> None:
    """Run the stage measure."""
    measure.run(Work(project, "measure", "rows-v1", SilentProgress(), NOW))


def keep_calls(project: Project, chances: Mapping[str, float], *, n_calls: int = 31) -> Round:
    """Keep a round of these calls, all of one stratum."""
    drawn = Round(0, NOW.isoformat(), 0, FIRST_DAY, LAST_DAY, n_calls)
    return keep_round(project, drawn, [DrawnCall(call_id, chance, "one") for call_id, chance in chances.items()])


def forget_rounds(project: Project) -> None:
    """Forget every round, what people said of it, and who has seen it."""
    with open_state(project) as connection:
        for name in ("audit_rounds", "audit_calls", "audit_answers", "audit_seen"):
            connection.execute(f"drop table if exists {name}")


def answer(project: Project, drawn: Round, said: Mapping[str, str | Sequence[str]], who: str, *, after_min: int = 0):
    """Record answers: a code, several, or a kind of no-code."""
    made = {
        call_id: Said(tuple(one)) if not isinstance(one, str) else Said((one,)) if one.isdigit() else Said(no_code=one)
        for call_id, one in said.items()
    }
    record_answers(project, drawn, made, who=who, now=NOW + timedelta(minutes=after_min))
