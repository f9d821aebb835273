"""`callreasons init`: make a working folder."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import console
from pipeline.config import SETTINGS_FILE
from pipeline.errors import SettingsError
from pipeline.models import find_defaults
from pipeline.tables import write_atomically

EMPTY_TAXONOMY = """\
# Reason codes. A number is permanent and never used again; README.md beside this file explains every field.
version: 1
currency: EUR
codes: []
"""
IGNORED = "recordings/\nstore/\nstate/\nreports/\ntranscripts/\n"


def add_to(app: typer.Typer) -> None:
    """Add `init`."""
    app.command("init")(init)


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")]) -> None:
    """Make a new working folder: settings, an empty taxonomy, and a place for recordings.

    Example: `callreasons init our-calls`, then put recordings into `our-calls/recordings/` and run
    `callreasons run --project our-calls`.
    """
    make_project(folder)
    console.print(
        f"Made {folder}. Put recordings into {folder / 'recordings'}, then: "
        f"callreasons run --project {shlex.quote(str(folder))}",
        markup=False,
        soft_wrap=True,
    )


def make_project(folder: Path) -> None:
    """Make the folder and its files.

    Raises:
        SettingsError: The folder is a project already, or cannot be made.
    """
    if (folder / SETTINGS_FILE).exists():
        raise SettingsError(f"'{folder}' already has a {SETTINGS_FILE}. Name another folder.")
    try:
        for name in ("recordings", "taxonomy", "transcripts"):
            (folder / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"'{folder}' cannot be made: {error.strerror}. Name another folder.") from None
    if not (folder / "taxonomy" / "reason_codes.yaml").exists():
        write_atomically(folder / "taxonomy" / "reason_codes.yaml", EMPTY_TAXONOMY.encode())
    _copy_guide(folder / "taxonomy" / "README.md")
    if not (folder / ".gitignore").exists():
        write_atomically(folder / ".gitignore", IGNORED.encode())
    write_atomically(folder / SETTINGS_FILE, (find_defaults().parent / SETTINGS_FILE).read_bytes())


def _copy_guide(path: Path) -> None:
    """Put what explains the taxonomy's fields beside it, unless something of that name is there."""
    if not path.exists():
        write_atomically(path, (find_defaults().parent / "taxonomy" / path.name).read_bytes())
