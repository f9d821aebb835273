"""Truths: what the answers to a call come to: who differs, what counts as true, all by the codes as they are today.

Errors: none of its own.
"""

from collections.abc import Sequence

from pipeline.audit.answers import Answer, Said
from pipeline.taxonomy import Taxonomy


def update_said(said: Said, taxonomy: Taxonomy) -> Said:
    """Say an answer by today's codes: merged ones are what they became, and several that became one are one."""
    return Said(tuple(dict.fromkeys(taxonomy.find_current(code) for code in said.codes)), said.no_code)


def find_disagreements(answers: Sequence[Answer], taxonomy: Taxonomy) -> list[str]:
    """Find the calls that people answered differently and nobody has resolved."""
    said: dict[str, set[Said]] = {}
    for one in answers:
        said.setdefault(one.call_id, set()).add(update_said(one.said, taxonomy))
    resolved = {one.call_id for one in answers if one.is_resolved}
    return sorted(call_id for call_id, theirs in said.items() if len(theirs) > 1 and call_id not in resolved)


def find_truths(answers: Sequence[Answer], taxonomy: Taxonomy) -> dict[str, Said]:
    """Find each call's true answer: the last one resolved, else the first that was given."""
    truths: dict[str, Answer] = {}
    for one in answers:
        known = truths.get(one.call_id)
        is_better = known is None or (one.is_resolved, one.changed_at if one.is_resolved else "") > (
            known.is_resolved,
            known.changed_at if known.is_resolved else "",
        )
        if is_better:
            truths[one.call_id] = one
    return {call_id: update_said(one.said, taxonomy) for call_id, one in truths.items()}
