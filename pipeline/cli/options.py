"""Options that several commands share, and how commands write."""

import getpass
import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pipeline.config import Project, read_project
from pipeline.models.names import check_models

ProjectOption = Annotated[
    Path, typer.Option("--project", help="The working folder.", metavar="DIR", show_default="the current folder")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON lines instead of a table.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say only what went wrong.")]
WhoOption = Annotated[str, typer.Option(help="Who decides this.", metavar="NAME", show_default="your login")]
HERE = Path()

LOG_WIDTH = 140  # characters a line where no terminal says how wide it is

console = Console(highlight=False, width=None if sys.stdout.isatty() else LOG_WIDTH)
error_console = Console(stderr=True, highlight=False)


def open_project(folder: Path) -> Project:
    """Read the project in a folder, and check that the models it names can be had."""
    project = read_project(folder)
    check_models(project.settings.models)
    return project


def find_now() -> datetime:
    """Read the clock: the one place where the program does."""
    return datetime.now(UTC)


def find_login() -> str:
    """Say who is at work, as far as the machine knows."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def write_json(rows: Iterable[Mapping[str, object]]) -> None:
    """Write one JSON object a line to stdout."""
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
