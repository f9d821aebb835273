"""`callreasons models list|fetch|verify`: the models on this machine."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from pipeline.cli.downloads import ConsoleDownloads
from pipeline.cli.options import HERE, JsonOption, ProjectOption, QuietOption, console, error_console, write_json
from pipeline.config import SETTINGS_FILE, Project, Settings, read_project
from pipeline.errors import ModelError
from pipeline.models import fetch_model
from pipeline.models.inventory import ModelRow, find_used, list_models, verify_models

app = typer.Typer(help="Look at, fetch and check models; outside a project with the default settings.")
NamesArgument = Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Models; else what a run needs.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every model of models.toml.")]


@app.command("list")
def show_models(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """List the models: what they are for, whether this project uses them, whether they are here.

    Example: `callreasons models list --json`
    """
    rows = list_models(_open(project))
    if as_json:
        write_json(asdict(row) for row in rows)
        return
    table = Table("model", "for", "licence", "size", "used", "here", "pinned", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*_describe(row))
    console.print(table)


def _describe(row: ModelRow) -> tuple[str, ...]:
    size = f"{row.size_bytes / 1e6:.0f} MB" if row.size_bytes else ""
    flags = ("yes" if row.is_used else "", "yes" if row.is_cached else "", "yes" if row.is_pinned else "not pinned")
    return (row.name, row.kind, row.license, size, *flags)


@app.command("fetch")
def fetch_models(
    names: NamesArgument = None,
    every: AllOption = False,
    project: ProjectOption = HERE,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring models to this machine and check them; what is here already is left alone.

    Examples: `callreasons models fetch`, `callreasons models fetch whisper-base`, `callreasons models fetch --all`
    """
    opened = _open(project)
    with ConsoleDownloads(error_console, quiet=quiet) as downloads:
        for name in _choose(opened, names, every=every):
            folder = fetch_model(name, opened.settings.models, progress=downloads)
            if as_json:
                write_json([{"name": name, "folder": str(folder)}])
            elif not quiet:
                console.print(f"{name}: {folder}", markup=False, soft_wrap=True)


@app.command("verify")
def verify(names: NamesArgument = None, project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Hash the files of models on this machine again and compare them with models.toml.

    Exits with 4 when a file differs. Example: `callreasons models verify`
    """
    opened = _open(project)
    verdicts = verify_models(opened, _choose(opened, names, every=not names))
    if as_json:
        write_json(asdict(verdict) for verdict in verdicts)
    else:
        for verdict in verdicts:
            line = " ".join((f"{verdict.name}: {verdict.state}.", *verdict.problems))
            console.print(line, markup=False, soft_wrap=True)
    damaged = [verdict.name for verdict in verdicts if verdict.state == "damaged"]
    if damaged:
        names_text = " ".join(damaged)
        raise ModelError(f"Files of {names_text} differ from models.toml. Run `callreasons models fetch {names_text}`.")


def _choose(project: Project, names: list[str] | None, *, every: bool) -> list[str]:
    if every:
        return [row.name for row in list_models(project)]
    return names or list(dict.fromkeys(find_used(project)))


def _open(folder: Path) -> Project:
    return read_project(folder) if (folder / SETTINGS_FILE).is_file() else Project(folder.resolve(), Settings())
