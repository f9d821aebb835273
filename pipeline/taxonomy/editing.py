"""Editing: change the taxonomy of a project, record who decided it, and lose nothing on the way.

One change at a time: the decision is written first, then the file, in one rename. A crash between the two leaves a
record of what was meant and the file as it was; the next change notices that, and the same one made again is complete.
What was written into the file by hand is recorded before any other change.

Errors: TaxonomyError when the file, the record or the change breaks a rule; nothing is written then.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from pipeline.decisions import (
    DECISIONS_FILE,
    Decision,
    append_decision,
    hold_decisions,
    make_decision,
    read_decisions,
    to_plain,
)
from pipeline.errors import TaxonomyError
from pipeline.tables import write_atomically
from pipeline.taxonomy.changes import Change, find_changes
from pipeline.taxonomy.codes import Taxonomy, check_taxonomy, describe_code
from pipeline.taxonomy.noticing import keep_seen, notice
from pipeline.taxonomy.reading import TAXONOMY_FILE, parse_yaml, read_text
from pipeline.taxonomy.writing import edit_yaml

Edit = Callable[[Taxonomy], Taxonomy]


def preview_edit(folder: Path, edit: Edit) -> tuple[Change, ...]:
    """Say what an edit would change, and change nothing."""
    _check_there(folder)
    old = _read(folder)[1]
    return find_changes(old, _apply(old, edit, folder))


def make_edit(folder: Path, edit: Edit, *, what: str, who: str, now: datetime) -> tuple[Change, ...]:
    """Make an edit and record it; one that changes nothing is not recorded.

    Args:
        folder: The project's taxonomy.
        edit: Makes the new taxonomy out of the old one.
        what: One of `pipeline.decisions.ACTS`.
        who: Who decided.
        now: When.
    """
    with hold_taxonomy(folder, now) as held:
        new = held.apply(edit)
        if new == held.taxonomy:
            return ()
        before, after = (describe_codes(one) for one in (held.taxonomy, new))
        return held.write(new, make_decision(what, before, after, who=who, now=now))


@dataclass(frozen=True)
class Held:
    """A taxonomy that nobody else changes meanwhile, and its decisions, hand edits among them."""

    folder: Path
    log: BinaryIO
    content: str
    taxonomy: Taxonomy
    decisions: tuple[Decision, ...]

    def apply(self, edit: Edit) -> Taxonomy:
        """Apply an edit and check what it makes."""
        return _apply(self.taxonomy, edit, self.folder)

    def write(self, new: Taxonomy, decision: Decision) -> tuple[Change, ...]:
        """Write the decision, then the file."""
        text = edit_yaml(self.content, self.taxonomy, new)
        if parse_yaml(text, self.folder / TAXONOMY_FILE) != new:
            raise ValueError("the edited file does not say what it should")
        self._check_untouched()
        append_decision(self.log, decision)
        write_atomically(self.folder / TAXONOMY_FILE, text.encode())
        return find_changes(self.taxonomy, new)

    def _check_untouched(self) -> None:
        """Check that no hand wrote into the file while the edit was worked out: an editor holds nothing."""
        path = self.folder / TAXONOMY_FILE
        if read_text(path) != self.content:
            raise TaxonomyError(f"{path} was changed by hand at this moment. Nothing was done; do it again.")


@contextmanager
def hold_taxonomy(folder: Path, now: datetime, *, keeps_seen: bool = False) -> Iterator[Held]:
    """Hold a taxonomy, and record what was written into it by hand since the last decision.

    Args:
        folder: The project's taxonomy.
        now: When a hand edit is noticed.
        keeps_seen: Let the decisions begin with what every code said, so that they lead to every version.
    """
    _check_there(folder)
    path = folder / DECISIONS_FILE
    with hold_decisions(path) as log:
        content, taxonomy = _read(folder)
        codes = to_plain(describe_codes(taxonomy))
        decisions = read_decisions(path)
        decisions += (noticed := notice(decisions, codes, now))
        decisions += (seen := keep_seen(decisions, codes, now) if keeps_seen else [])
        for one in (*noticed, *seen):
            append_decision(log, one)
        yield Held(folder, log, content, taxonomy, tuple(decisions))


def describe_codes(taxonomy: Taxonomy) -> dict[str, dict[str, object]]:
    """Write every code as the file would, by number."""
    return {code.number: describe_code(code) for code in taxonomy.codes}


def _check_there(folder: Path) -> None:
    if not (folder / TAXONOMY_FILE).exists():
        raise TaxonomyError(
            f"Taxonomy '{folder / TAXONOMY_FILE}' is missing. Restore it, or write a file with the line `codes: []`."
        )


def _read(folder: Path) -> tuple[str, Taxonomy]:
    path = folder / TAXONOMY_FILE
    content = read_text(path)
    taxonomy = parse_yaml(content, path)
    check_taxonomy(taxonomy, path)
    return content, taxonomy


def _apply(old: Taxonomy, edit: Edit, folder: Path) -> Taxonomy:
    new = edit(old)
    check_taxonomy(new, folder / TAXONOMY_FILE)
    return new
