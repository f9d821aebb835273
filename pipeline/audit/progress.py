"""Progress: how far each person is in a round, and whether their answers may be laid side by side yet.

Errors: none of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.audit.answers import Answer, Round, list_answers, list_drawn
from pipeline.audit.seen import list_seen
from pipeline.config import Project


@dataclass(frozen=True)
class Part:
    """One person's part in a round; `has_seen` ends it, `last_at` is when they last answered, UTC, or ''."""

    who: str
    n_answered: int
    n_calls: int
    has_seen: bool = False
    last_at: str = ""

    @property
    def n_open(self) -> int:
        """Calls that they have not answered."""
        return self.n_calls - self.n_answered

    @property
    def is_over(self) -> bool:
        """Whether they will answer no more: all is answered, or they have seen the score."""
        return self.has_seen or not self.n_open


def list_parts(project: Project, drawn: Round) -> list[Part]:
    """List everybody who answered a call of a round, whoever began first first."""
    answers = [one for one in list_answers(project, drawn) if not one.is_resolved]
    n_calls, seen = len(list_drawn(project, drawn)), list_seen(project, drawn.round_id)
    people = dict.fromkeys(one.who for one in sorted(answers, key=lambda one: one.answered_at))
    return [_make_part(who, answers, n_calls, has_seen=who in seen) for who in people]


def find_part(project: Project, drawn: Round, who: str) -> Part:
    """Find one person's part, also of somebody who has not begun."""
    answers = [one for one in list_answers(project, drawn) if not one.is_resolved]
    has_seen = who.strip() in list_seen(project, drawn.round_id)
    return _make_part(who.strip(), answers, len(list_drawn(project, drawn)), has_seen=has_seen)


def may_compare(drawn: Round, parts: Sequence[Part]) -> bool:
    """Say whether nobody's answers can be led by another's any more: all have ended, or the round was made to count."""
    return bool(drawn.scored_at) or all(one.is_over for one in parts)


def _make_part(who: str, answers: Sequence[Answer], n_calls: int, *, has_seen: bool) -> Part:
    theirs = [one.changed_at for one in answers if one.who == who]
    return Part(who, len(theirs), n_calls, has_seen, max(theirs, default=""))
