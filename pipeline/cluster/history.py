"""History: why utterances are grouped from nothing again, which candidates came and went, and how a run says so.

A line names candidates by their ids, never by their names: those are customers' words, and a line ends up in a log.

Errors: none of its own.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pipeline.candidates import Change, Known, Member
from pipeline.cluster.rows import Candidates
from pipeline.tables import Store

REGROUPED_AT_RATIO = 2.0  # times the utterances there were when they were last grouped from nothing
N_SAID = 10  # ids a line

FIRST, FORCED, OTHERWISE, DOUBLED = "first", "forced", "otherwise", "doubled"
SAID = {
    FORCED: "grouped from nothing, as --force asked",
    OTHERWISE: "grouped from nothing: the settings or the model changed",
    DOUBLED: "grouped from nothing: there are twice as many utterances as when they last were",
}


def find_why(known: Known, rows: Sequence[dict[str, Any]], grouped_with: str, *, is_forced: bool) -> str:
    """Find why utterances should be grouped from nothing; empty when they start from the groups there are."""
    there = {(row["call_id"], row["utterance_index"]) for row in rows}
    if not any(place.is_settled and member in there for member, place in known.members.items()):
        return FIRST
    if is_forced:
        return FORCED
    if not known.grouping or known.grouping.grouped_with != grouped_with:
        return OTHERWISE
    return DOUBLED if len(rows) >= REGROUPED_AT_RATIO * known.grouping.n_utterances else ""


def find_changes(store: Store, known: Known, found: Candidates, *, now: datetime) -> list[Change]:
    """Find the candidates that are new and those that are gone, and where the calls of these went."""
    moment = now.isoformat(timespec="seconds")
    before = {place.cluster_id for place in known.members.values() if place.cluster_id}
    there = set(found.ids.values())
    codes = {
        (row["call_id"], row["utterance_index"]): row["code"]
        for row in store.read("call_reasons", ["call_id", "utterance_index", "code"]).to_pylist()
        if row["code"]
    }
    changes = []
    for cluster_id in sorted(there - before):
        members = [member for member, place in found.members.items() if place.cluster_id == cluster_id]
        changes.append(Change(moment, cluster_id, "new", found.names[cluster_id].name, _count_calls(members)))
    for cluster_id in sorted(before - there):
        members = [member for member, place in known.members.items() if place.cluster_id == cluster_id]
        name = known.names[cluster_id].name if cluster_id in known.names else ""
        went_to = _find_most(_find_place(member, codes, found) for member in members)
        changes.append(Change(moment, cluster_id, "gone", name, _count_calls(members), went_to))
    return changes


def _count_calls(members: Sequence[Member]) -> int:
    return len({call_id for call_id, _ in members})


def _find_place(member: Member, codes: dict[Member, str], found: Candidates) -> str:
    """Name the code or candidate that an utterance is in now; empty for neither."""
    place = found.members.get(member)
    return codes.get(member) or (place.cluster_id if place else "")


def _find_most(places: Iterator[str]) -> str:
    counted = Counter(places)
    return max(sorted(counted), key=lambda one: counted[one], default="")


def say_changes(
    why: str, n_utterances: int, found: Candidates, changes: Sequence[Change], *, is_first: bool
) -> Iterator[str]:
    """Say how it was grouped, how much is noise, and what came and went."""
    if why in SAID:
        yield SAID[why]
    n_noise = sum(not place.cluster_id for place in found.members.values())
    if n_utterances:
        yield (
            f"{n_noise} of {n_utterances} utterances without a code are like no others "
            f"({n_noise / n_utterances:.0%}): in no candidate"
        )
    new = [change.cluster_id for change in changes if change.change == "new"]
    if new and not is_first:
        yield f"{len(new)} new: {_list(new)}"
    gone = [
        f"{one.cluster_id} (now {one.went_to})" if one.went_to else one.cluster_id
        for one in changes
        if one.change == "gone"
    ]
    if gone:
        yield f"{len(gone)} gone: {_list(gone)}"


def _list(ids: Sequence[str]) -> str:
    return ", ".join(ids[:N_SAID]) + (" …" if len(ids) > N_SAID else "")
