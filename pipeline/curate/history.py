"""History: acts made on what a curator saw, taken back and made again, by the decisions alone.

A screen is drawn from a *revision*: the id of the last decision then. An act made on it goes through as long as the
fields it changes, and those it was decided on, are what they were; else both versions are shown and nothing is done.
Undo puts back what a decision changed, redo what it made, under the same rule; both are decisions themselves.

Errors: ConflictError with both versions; TaxonomyError for a decision that is not there or not to be taken back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.curate.acts import Act, list_numbers, propose_number
from pipeline.curate.rules import forbid
from pipeline.decisions import (
    DECISIONS_FILE,
    Decision,
    Fields,
    make_correction,
    make_decision,
    read_decisions,
    step_back,
    step_forward,
    to_plain,
)
from pipeline.errors import ConflictError, TaxonomyError
from pipeline.taxonomy import Taxonomy
from pipeline.taxonomy.changes import Change
from pipeline.taxonomy.editing import Held, describe_codes, hold_taxonomy
from pipeline.taxonomy.noticing import BY_HAND
from pipeline.taxonomy.reading import TAXONOMY_FILE, parse_code

NOT_ACTS = ("undo", "redo", "seen", "activate", "deactivate")
Codes = Mapping[str, Fields]


@dataclass(frozen=True)
class Opened:
    """A taxonomy as a screen is drawn from it; `revision` names it until the next decision."""

    taxonomy: Taxonomy
    revision: str
    next_number: str


@dataclass(frozen=True)
class Conflict:
    """A field that two people changed: as it was seen, as it is now, as it was wanted; `by` changed it last.

    Values are as the file writes them; null for an empty field. `decision_id` is empty where no decision says who.
    """

    code: str
    field: str
    seen: Any
    now: Any
    wanted: Any
    by: str = ""
    at: datetime | None = None
    decision_id: str = ""


@dataclass(frozen=True)
class Made:
    """What was done: the record of it, what changed in words, and the revision it led to."""

    decision: Decision
    changes: tuple[Change, ...]

    @property
    def revision(self) -> str:
        """Names the taxonomy after it."""
        return self.decision.decision_id


@dataclass(frozen=True)
class Entry:
    """One decision as a curator looks at it: whether it is in effect, and the undo or redo that says so."""

    decision: Decision
    is_in_effect: bool
    last: Decision


def open_taxonomy(folder: Path, now: datetime) -> Opened:
    """Open the taxonomy for a screen; what was written into the file by hand is recorded first."""
    with hold_taxonomy(folder, now, keeps_seen=True) as held:
        revision = held.decisions[-1].decision_id
        return Opened(held.taxonomy, revision, propose_number(held.taxonomy, held.decisions))


def make_act(folder: Path, act: Act, *, based_on: str, who: str, now: datetime) -> Made | None:
    """Make an act on what a curator saw, and record it; null when it changes nothing.

    Args:
        folder: The project's taxonomy.
        act: What to do.
        based_on: The revision that the screen was drawn from.
        who: The curator.
        now: When.

    Raises:
        ConflictError: What it is about was changed meanwhile, here or by hand in the file.
        TaxonomyError: A rule forbids it, or the revision is not known.
    """
    with hold_taxonomy(folder, now, keeps_seen=True) as held:
        seen = read_version(held, based_on)
        wanted = act.edit(seen)
        _check_numbers(seen, wanted, held)
        _check_unchanged(held, to_plain(describe_codes(seen)), to_plain(describe_codes(wanted)), act.reads)
        new = _keep_others(held.apply(act.edit), held.taxonomy, seen, wanted)
        if new == held.taxonomy:
            return None
        before, after = (describe_codes(one) for one in (held.taxonomy, new))
        decision = make_decision(act.what, before, after, who=who, now=now)
        return Made(decision, held.write(new, decision))


def undo(folder: Path, *, who: str, now: datetime, decision_id: str = "") -> Made:
    """Take back a decision: the one named, else the curator's last one that is in effect.

    Raises:
        ConflictError: What it changed was changed again since.
        TaxonomyError: There is nothing to take back.
    """
    with hold_taxonomy(folder, now, keeps_seen=True) as held:
        entries = list_entries(held.decisions)
        mine = [one for one in entries if one.is_in_effect and one.decision.who == who]
        entry = _find_named(entries, decision_id) if decision_id else mine[-1] if mine else None
        if entry is None or not entry.is_in_effect:
            raise TaxonomyError(_say_nothing(decision_id, who, "taken back", "redo"))
        return _correct(held, "undo", entry.decision, who, now)


def redo(folder: Path, *, who: str, now: datetime, decision_id: str = "") -> Made:
    """Make a decision again that was taken back: the one named, else the one that the curator took back last.

    Raises:
        ConflictError: What it would change was changed since.
        TaxonomyError: There is nothing to make again.
    """
    with hold_taxonomy(folder, now, keeps_seen=True) as held:
        entries = list_entries(held.decisions)
        order = {one.decision_id: place for place, one in enumerate(held.decisions)}
        mine = [one for one in entries if not one.is_in_effect and one.last.who == who]
        mine.sort(key=lambda one: order[one.last.decision_id])
        entry = _find_named(entries, decision_id) if decision_id else mine[-1] if mine else None
        if entry is None or entry.is_in_effect:
            raise TaxonomyError(_say_nothing(decision_id, who, "made again", "undo"))
        return _correct(held, "redo", entry.decision, who, now)


def list_history(folder: Path) -> list[Entry]:
    """List every act, first one first, and whether it is in effect; undos and redos are in what they are about."""
    return list_entries(read_decisions(folder / DECISIONS_FILE))


def list_entries(decisions: Iterable[Decision]) -> list[Entry]:
    """List acts among decisions."""
    entries: dict[str, Entry] = {}
    for one in decisions:
        if one.what not in NOT_ACTS and not one.about:
            entries[one.decision_id] = Entry(one, is_in_effect=True, last=one)
        elif one.decision in entries:
            entries[one.decision] = replace(entries[one.decision], is_in_effect=one.what == "redo", last=one)
    return list(entries.values())


def read_version(held: Held, revision: str) -> Taxonomy:
    """Read the taxonomy as it was after a decision.

    Raises:
        TaxonomyError: There is no such decision.
    """
    ids = [one.decision_id for one in held.decisions]
    if revision not in ids:
        raise forbid("revision", revision=revision, file=DECISIONS_FILE)
    codes: Codes = to_plain(describe_codes(held.taxonomy))
    for one in reversed(held.decisions[ids.index(revision) + 1 :]):
        codes = step_back(codes, one)
    return make_version(held.taxonomy, codes)


def make_version(taxonomy: Taxonomy, codes: Codes) -> Taxonomy:
    """Make a taxonomy of codes' fields; codes that the given one has keep their order, others come last."""
    now = to_plain(describe_codes(taxonomy))
    known = {code.number: code for code in taxonomy.codes}
    order = [number for number in known if number in codes] + [number for number in codes if number not in known]
    path = Path(TAXONOMY_FILE)
    made = [known[n] if now.get(n) == codes[n] else parse_code(codes[n], path) for n in order]
    return replace(taxonomy, codes=tuple(made))


def _check_numbers(seen: Taxonomy, wanted: Taxonomy, held: Held) -> None:
    """Check that no new code has a number that was ever used."""
    used = list_numbers(seen, held.decisions) - {code.number for code in held.taxonomy.codes}
    for code in wanted.codes:
        if code.number in used and seen.find_code(code.number) is None:
            raise forbid("used", number=code.number, free=propose_number(held.taxonomy, held.decisions))


def _check_unchanged(held: Held, seen: Codes, wanted: Codes, reads: Iterable[tuple[str, str]]) -> None:
    """Check that what an act changes, and what it was decided on, is what was seen."""
    now = to_plain(describe_codes(held.taxonomy))
    pairs = {(number, name) for number in wanted for name in {*wanted[number], *seen.get(number, {})}}
    changed = {one for one in pairs if _look(seen, one) != _look(wanted, one)} | set(reads)
    conflicts = [
        _describe(held.decisions, one, seen, now, wanted)
        for one in sorted(changed)
        if _look(seen, one) != _look(now, one) != _look(wanted, one)
    ]
    _raise_conflicts(conflicts)


def _keep_others(new: Taxonomy, now: Taxonomy, seen: Taxonomy, wanted: Taxonomy) -> Taxonomy:
    """Leave what somebody else changed as it is where the act, on what was seen, would change nothing."""
    made, is_now, was, meant = (to_plain(describe_codes(one)) for one in (new, now, seen, wanted))
    codes = dict(made)
    for number in was.keys() & is_now.keys():
        names = {*was[number], *is_now[number], *made[number]}
        kept = {name for name in names if _look(was, (number, name)) == _look(meant, (number, name))}
        left = {name: one for name, one in made[number].items() if name not in kept}
        codes[number] = {**left, **{name: one for name, one in is_now[number].items() if name in kept}}
    return make_version(new, codes)


def _correct(held: Held, what: str, decision: Decision, who: str, now: datetime) -> Made:
    """Put a decision's fields back to before it, or again to after it, where they are what it left or found."""
    codes: Codes = to_plain(describe_codes(held.taxonomy))
    found, wanted = (decision.after, decision.before) if what == "undo" else (decision.before, decision.after)
    new = (step_back if what == "undo" else step_forward)(codes, decision)
    _raise_conflicts(_find_differences(held.decisions, codes, new, found, wanted))
    made = make_correction(what, codes, new, who=who, now=now, decision=decision.decision_id)
    return Made(made, held.write(held.apply(lambda taxonomy: make_version(taxonomy, new)), made))


def _find_differences(
    decisions: Sequence[Decision],
    codes: Codes,
    new: Codes,
    found: Mapping[str, Fields | None],
    wanted: Mapping[str, Fields | None],
) -> list[Conflict]:
    """Find fields that are not what a decision left; all of a code's where the code comes or goes."""
    conflicts = []
    for number, fields in found.items():
        was, comes_or_goes = fields or {}, (number in codes) != (number in new)
        names = {*was, *(wanted[number] or {}), *(codes.get(number, {}) if comes_or_goes or fields is None else ())}
        for name in sorted(names):
            if was.get(name) != codes.get(number, {}).get(name):
                sides = ({number: was}, codes, {number: wanted[number] or {}})
                conflicts.append(_describe(decisions, (number, name), *sides))
    return conflicts


def _describe(
    decisions: Sequence[Decision], place: tuple[str, str], seen: Codes, now: Codes, wanted: Codes
) -> Conflict:
    number, name = place
    last = next((one for one in reversed(decisions) if name in one.after.get(number, {}) and one.what != "seen"), None)
    conflict = Conflict(number, name, _look(seen, place), _look(now, place), _look(wanted, place))
    return replace(conflict, by=last.who, at=last.at, decision_id=last.decision_id) if last else conflict


def _look(codes: Codes, place: tuple[str, str]) -> object:
    return codes.get(place[0], {}).get(place[1])


def _raise_conflicts(conflicts: Sequence[Conflict]) -> None:
    if conflicts:
        first = conflicts[0]
        who = "in the file, by hand" if first.by == BY_HAND else f"by {first.by}" if first.by else "by somebody else"
        raise ConflictError(
            f"Code {first.code}: {first.field} was changed meanwhile, {who}. Nothing was done; "
            "look at both versions and decide again.",
            tuple(conflicts),
        )


def _find_named(entries: Sequence[Entry], decision_id: str) -> Entry | None:
    return next((one for one in entries if one.decision.decision_id == decision_id), None)


def _say_nothing(decision_id: str, who: str, done: str, other: str) -> str:
    if decision_id:
        return f"Decision '{decision_id}' is no act that can be {done} now. `callreasons taxonomy history` lists them."
    return f"Nothing by {who} can be {done}. Name a decision with --decision, or {other} one."
