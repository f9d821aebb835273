"""`callreasons evaluate`: measure every judgement on public data, beside what others would use."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from pipeline.cli.options import HERE, JsonOption, console, error_console, write_json
from pipeline.config import SETTINGS_FILE, Project, Settings, read_project
from pipeline.errors import InputError
from pipeline.progress import ConsoleProgress

if TYPE_CHECKING:
    from pipeline.evaluate import Measured

VARIABLE = "CALLREASONS_EVAL"
NOTHING = f"Nothing evaluated: neither --data nor {VARIABLE} names a folder with the evaluation data."

RowsArgument = Annotated[list[str] | None, typer.Argument(metavar="ROW", help="Rows or stages; else every row.")]
DataOption = Annotated[
    Path | None, typer.Option("--data", help="Folder of the evaluation data.", metavar="DIR", envvar=VARIABLE)
]
ProjectOption = Annotated[
    Path, typer.Option("--project", help="Folder whose settings and examples count, if it has any.", metavar="DIR")
]
BaselinesOption = Annotated[bool, typer.Option(help="Measure what others would use, too.")]
QuickOption = Annotated[bool, typer.Option("--quick", help="Fewer draws, resamples and turns.")]


def evaluate(
    rows: RowsArgument = None,
    data: DataOption = None,
    baselines: BaselinesOption = True,
    quick: QuickOption = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Measure every judgement on public data, beside what others would use.

    The baselines need `pip install 'call-reasons[evaluate]'`; a row without says so.

    Examples: `callreasons evaluate --data eval`, `callreasons evaluate cluster --quick --json`
    """
    from pipeline import evaluate as evaluation

    names = [trial.name for trial in evaluation.choose_trials(rows or [])]
    if data and data != Path() and not data.is_dir():
        raise InputError(f"'{data}' is no folder. Mend --data or {VARIABLE}.")
    if data is None or data == Path():
        console.print(NOTHING, markup=False, soft_wrap=True)
        return
    bench = evaluation.Bench(data.resolve(), _read_project(project), evaluation.QUICK if quick else evaluation.Effort())
    progress = ConsoleProgress(error_console)
    measured = (
        one
        for name in progress.track(names, total=len(names), label="evaluate")
        for one in evaluation.evaluate([name], bench, has_baselines=baselines)
    )
    if as_json:
        write_json(asdict(one) for one in measured)
    elif console.is_terminal:
        _print_table(measured)
    else:
        _print_lines(measured)


def _read_project(folder: Path) -> Project:
    return read_project(folder) if (folder / SETTINGS_FILE).exists() else Project(folder.resolve(), Settings())


def _print_table(measured: "Iterable[Measured]") -> None:
    from pipeline.evaluate.showing import COLUMNS, list_lines

    table = Table(*COLUMNS, box=None, pad_edge=False, header_style="bold")
    for one in measured:
        for cells in list_lines(one):
            table.add_row(*(cell.replace("**", "").replace("[", r"\[") for cell in cells))
    console.print(table)


def _print_lines(measured: "Iterable[Measured]") -> None:
    """Print a Markdown table, each line as soon as it is known."""
    from pipeline.evaluate.showing import HEAD, list_lines, show_line

    typer.echo(HEAD)
    for one in measured:
        for cells in list_lines(one):
            typer.echo(show_line(cells))


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluate")(evaluate)
