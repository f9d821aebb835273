"""Written: what an act writes into the codes, field by field, for the preview to show.

Errors: none of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.taxonomy import Code, Taxonomy
from pipeline.taxonomy.codes import Target

Value = str | Target
# Each field as a list of what it says, in the order of the file.
FIELDS: dict[str, Callable[[Code], Sequence[Value]]] = {
    "name": lambda code: [name for name in code.names.values() if name],
    "owner": lambda code: _list_one(code.owner),
    "customer": lambda code: _list_one(code.customer),
    "company": lambda code: _list_one(code.company),
    "cost": lambda code: [f"{code.unit_cost:g} {code.unit_cost_what}".strip()] if code.unit_cost else [],
    "target": lambda code: [code.target] if code.target else [],
    "status": lambda code: [code.status],
    "merged_into": lambda code: _list_one(code.merged_into),
    "examples": lambda code: code.examples,
    "not_examples": lambda code: code.not_examples,
}


@dataclass(frozen=True)
class Written:
    """A field that an act changes: what goes out of it and what comes in."""

    code: str
    field: str
    gone: tuple[Value, ...]
    new: tuple[Value, ...]


def list_written(old: Taxonomy, new: Taxonomy) -> list[Written]:
    """List what an act writes, code by code."""
    known = {code.number: code for code in old.codes}
    pairs = [(known.get(code.number, Code(code.number)), code) for code in new.codes]
    return [one for was, now in pairs if was != now for one in _compare(was, now)]


def _compare(was: Code, now: Code) -> list[Written]:
    found = [(field, list(read(was)), list(read(now))) for field, read in FIELDS.items()]
    return [
        Written(now.number, field, tuple(x for x in a if x not in b), tuple(x for x in b if x not in a))
        for field, a, b in found
        if set(a) != set(b)
    ]


def _list_one(text: str) -> list[Value]:
    return [text] if text else []
