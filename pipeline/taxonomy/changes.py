"""Changes: what differs between two versions of a taxonomy, code by code, in words for people and rows for programs.

Errors: none of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.taxonomy.codes import STEP, Code, Taxonomy, describe_code

SENTENCES = ("examples", "not_examples")
# Fields that are compared as they stand, and how a change of each is called.
FIELDS = {"owner": "owner", "customer": "customer", "company": "company", "cost": "cost", "target": "target"}


@dataclass(frozen=True)
class Change:
    """One thing that changed. `before` and `after` are texts; empty where there was or is nothing.

    `what` is added, deleted, retired, set_apart, reinstated, merged, unmerged, renamed, owner, customer, company, cost,
    target, example_added, example_removed, example_call, not_example_added, not_example_removed, or currency.
    """

    code: str
    name: str
    what: str
    before: str = ""
    after: str = ""


def find_changes(old: Taxonomy, new: Taxonomy) -> tuple[Change, ...]:
    """Find what changed, in the order of the new codes; what is gone comes last."""
    changes = [Change("", "", "currency", old.currency, new.currency)] if old.currency != new.currency else []
    known = {code.number: code for code in old.codes}
    for code in new.codes:
        before = known.get(code.number)
        if before is None:
            changes.append(_note(code, "added", after=code.name("en")))
        if before != code:
            changes += _compare(before or Code(code.number), code, is_new=before is None)
    left = {code.number for code in new.codes}
    changes += [_note(code, "deleted", before=code.name("en")) for code in old.codes if code.number not in left]
    return tuple(changes)


def describe_changes(changes: Sequence[Change]) -> list[str]:
    """Write changes as lines, those of a code under its number and name."""
    lines, shown = [], None
    for one in changes:
        if one.code != shown:
            shown = one.code
            lines.append(f"{one.code} {one.name}" if one.name not in ("", one.code) else one.code or "the file")
        lines.append(f"  {_to_line(one)}")
    return lines


def _to_line(change: Change) -> str:
    word = change.what.replace("_", " ")
    if not change.before or not change.after:
        sign = {"added": "+", "removed": "-"}.get(change.what.rpartition("_")[2])
        said = f"{change.after}{change.before}"
        is_told = change.what in ("added", "deleted") or not said  # the line above has the name
        return word if is_told else f"{sign or ' '} {word}: {said}".strip()
    return f"{word}: {change.before} → {change.after}"


def _compare(old: Code, new: Code, *, is_new: bool) -> Iterator[Change]:
    before, after = describe_code(old), describe_code(new)
    if not is_new:
        yield from _compare_names(old, new)
    yield from _compare_states(old, new)
    for name, what in FIELDS.items():
        if before.get(name) != after.get(name):
            yield _note(new, what, before=_to_text(before.get(name)), after=_to_text(after.get(name)))
    for name in SENTENCES:
        was, now, word = getattr(old, name), getattr(new, name), name.removesuffix("s")
        yield from (_note(new, f"{word}_removed", before=text) for text in was if text not in now)
        yield from (_note(new, f"{word}_added", after=text) for text in now if text not in was)
    for text in [text for text in (*new.examples, *new.not_examples) if text in (*old.examples, *old.not_examples)]:
        calls = [code.example_call_ids.get(text, "") for code in (old, new)]
        if calls[0] != calls[1]:
            yield _note(new, "example_call", before=calls[0], after=calls[1])


def _compare_names(old: Code, new: Code) -> Iterator[Change]:
    for language in dict.fromkeys([*old.names, *new.names]):
        names = [code.names.get(language, "") for code in (old, new)]
        if names[0] != names[1]:
            before, after = (f"{language}: {name}" if name else "" for name in names)
            yield _note(new, "renamed", before=before, after=after)


def _compare_states(old: Code, new: Code) -> Iterator[Change]:
    if old.merged_into != new.merged_into:
        yield _note(new, "merged" if new.merged_into else "unmerged", before=old.merged_into, after=new.merged_into)
    if old.status != new.status:
        yield _note(new, {"retired": "retired", STEP: "set_apart"}.get(new.status, "reinstated"))


def _note(code: Code, what: str, before: str = "", after: str = "") -> Change:
    return Change(code.number, code.name("en"), what, before, after)


def _to_text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return "" if value is None else str(value)
