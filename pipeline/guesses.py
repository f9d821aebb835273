"""Guesses: which columns of a manifest were taken for ours by their names alone; each set of guesses is said once.

Errors: none of its own.
"""

from collections.abc import Iterator, Mapping

from pipeline.config import Project
from pipeline.manifest import Manifest
from pipeline.state import open_state

SCHEMA = "create table if not exists guesses (columns text primary key)"


def list_new_guesses(project: Project, manifest: Manifest, file: str) -> Iterator[str]:
    """List the line that says what was guessed, unless these guesses were said before."""
    said = ", ".join(f"{theirs} → {ours}" for ours, theirs in find_guesses(project, manifest).items())
    if not said:
        return
    with open_state(project) as connection:
        connection.execute(SCHEMA)
        is_new = connection.execute("insert or ignore into guesses values (?)", (said,)).rowcount
    if is_new:
        yield f"{file}: {said}. These columns were guessed by their names; if one is wrong, map it in [ingest.columns]."


def find_guesses(project: Project, manifest: Manifest) -> Mapping[str, str]:
    """Find our columns whose heading is not our own name and that the settings do not map."""
    mapped = project.settings.ingest.columns
    return {
        ours: theirs
        for ours, theirs in manifest.columns.items()
        if ours not in mapped and theirs.strip().lower() != ours
    }
