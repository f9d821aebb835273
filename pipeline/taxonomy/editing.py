"""Editing: change the taxonomy of a project, record who decided it, and lose nothing on the way.

One change at a time: the decision is written first, then the file, in one rename. A crash between the two leaves a
record of what was meant and the file as it was; the same change made again is then complete.

Errors: TaxonomyError when the file, the record or the change breaks a rule; nothing is written then.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from pipeline.decisions import DECISIONS_FILE, append_decision, hold_decisions, make_decision
from pipeline.errors import TaxonomyError
from pipeline.tables import write_atomically
from pipeline.taxonomy.changes import Change, find_changes
from pipeline.taxonomy.codes import Taxonomy, check_taxonomy, describe_code
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
    _check_there(folder)
    with hold_decisions(folder / DECISIONS_FILE) as log:
        content, old = _read(folder)
        new = _apply(old, edit, folder)
        if new == old:
            return ()
        text = edit_yaml(content, old, new)
        if parse_yaml(text, folder / TAXONOMY_FILE) != new:
            raise ValueError("the edited file does not say what it should")
        before, after = ({code.number: describe_code(code) for code in one.codes} for one in (old, new))
        append_decision(log, make_decision(what, before, after, who=who, now=now))
        write_atomically(folder / TAXONOMY_FILE, text.encode())
        return find_changes(old, new)


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
