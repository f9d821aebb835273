"""Questions: a drawn call as somebody sees it who codes it blind, and where they are in their round.

Nothing in this room reads what the machine says of a call. Whose words are shown is as on the sheets.

Errors: none of its own. A round or a call that is not there is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.audit.answers import Round, Said, list_answers, list_drawn, list_rounds
from pipeline.audit.progress import Part, find_part
from pipeline.audit.truths import update_said
from pipeline.config import Project
from pipeline.curate.web.calls import Turn, make_turn
from pipeline.curate.web.codes import read_codes
from pipeline.curate.web.snapshot import ask
from pipeline.curate.web.turns import read_turns
from pipeline.report.recordings import find_recordings
from pipeline.taxonomy.card import Entry, list_entries

SHOWN_ROLES = ("customer", "unknown")
CALL = "select started_at, contact_channel, sources from calls where call_id = $call_id"


@dataclass(frozen=True)
class Question:
    """One call: when it was and what the customer said; without turns where it could not be heard, or not just now."""

    call_id: str
    started_at: datetime | None
    contact_channel: str
    turns: tuple[Turn, ...]
    is_busy: bool = False


@dataclass(frozen=True)
class Choice:
    """One code as the card shows it; `found_by` is its number and its names in every language, in small letters."""

    entry: Entry
    found_by: str


@dataclass(frozen=True)
class Sitting:
    """One person in a round: its calls in their order, and what they have said of them."""

    drawn: Round
    part: Part
    call_ids: tuple[str, ...]
    said: Mapping[str, Said]

    def find_next(self, call_id: str = "") -> str:
        """Find the next open call after one, from the beginning again after the last; '' where none is open."""
        at = self.call_ids.index(call_id) + 1 if call_id else 0
        ahead = (*self.call_ids[at:], *self.call_ids[: max(0, at - 1)])
        return next((one for one in ahead if one not in self.said), "")

    def find_following(self, call_id: str) -> str:
        """Find where passing over a call leads: from an open one to the next open one, else to the next in order."""
        if call_id not in self.said:
            return self.find_next(call_id)
        return next(iter(self.call_ids[self.call_ids.index(call_id) + 1 :]), "")

    def find_previous(self, call_id: str) -> str:
        """Find the call before one, answered or not; '' before the first."""
        at = self.call_ids.index(call_id)
        return self.call_ids[at - 1] if at else ""


def find_drawn(project: Project, round_id: int) -> Round | None:
    """Find a round by its number."""
    return next((one for one in list_rounds(project) if one.round_id == round_id), None)


def find_sitting(project: Project, drawn: Round, who: str) -> Sitting:
    """Find where somebody is in a round; codes that were merged since are what they became."""
    taxonomy = read_codes(project)
    said = {
        one.call_id: update_said(one.said, taxonomy)
        for one in list_answers(project, drawn)
        if one.who == who and not one.is_resolved
    }
    call_ids = tuple(one.call_id for one in list_drawn(project, drawn))
    return Sitting(drawn, find_part(project, drawn, who), call_ids, said)


def find_question(project: Project, call_id: str) -> Question:
    """Find the words of a call that was drawn."""
    row = next(iter(ask(project, CALL, {"call_id": call_id})), None) or {}
    started_at = row.get("started_at")
    playable = {one.part_index for one in find_recordings(call_id, row.get("sources") or (), project.root)}
    rows = read_turns(project, call_id)
    turns = (make_turn(one, (), {}, playable) for one in rows or () if one["role"] in SHOWN_ROLES)
    return Question(
        call_id,
        started_at.astimezone(project.timezone) if started_at else None,
        row.get("contact_channel") or "",
        tuple(turns),
        is_busy=rows is None,
    )


def list_choices(project: Project, language: str) -> list[Choice]:
    """List the codes that an answer can have, as the card has them."""
    taxonomy = read_codes(project)
    names = {code.number: " ".join((code.number, *code.names.values())).lower() for code in taxonomy.active}
    return [Choice(one, names[one.number]) for one in list_entries(taxonomy, language)]
