"""`callreasons adapt`: teach the encoder which sentences give the same reason."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from pipeline.cli.options import (
    HERE,
    JsonOption,
    ProjectOption,
    QuietOption,
    WhoOption,
    console,
    error_console,
    find_login,
    find_now,
    open_project,
    write_json,
)
from pipeline.config import SETTINGS_FILE, Project, Settings
from pipeline.errors import InputError
from pipeline.progress import ConsoleProgress

if TYPE_CHECKING:
    from pipeline.adapt import Taught
    from pipeline.adapt.choosing import Gain

N_SHOWN = 20  # moves from code to code

app = typer.Typer(invoke_without_command=True)

TrainOption = Annotated[
    list[Path] | None, typer.Option(help="File or folder of lessons; may be given again.", metavar="PATH")
]
EncoderOption = Annotated[str, typer.Option(help="With --train: which encoder.", metavar="NAME")]
LeaveOutOption = Annotated[
    list[str] | None, typer.Option(help="With --train: stem of a file not to read.", metavar="NAME")
]
HoldOutOption = Annotated[
    Path | None, typer.Option(help="With --train: file of the reasons to choose by, one a line.", metavar="FILE")
]
StrengthOption = Annotated[
    float | None,
    typer.Option(
        min=0.01,
        max=1.0,
        help="With --train: keep this part of what is learned, as --hold-out chose it before, and hold nothing out.",
    ),
]
StepsOption = Annotated[int, typer.Option(min=0, help="How long to teach; 0 for the usual.")]
OutOption = Annotated[Path | None, typer.Option(help="With --train: what to write.", metavar="FILE.npz")]


@app.callback(invoke_without_command=True)
def adapt(  # noqa: PLR0913, PLR0917
    context: typer.Context,
    train: TrainOption = None,
    encoder: EncoderOption = "",
    leave_out: LeaveOutOption = None,
    hold_out: HoldOutOption = None,
    strength: StrengthOption = None,
    steps: StepsOption = 0,
    out: OutOption = None,
    project: ProjectOption = HERE,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Teach the encoder which sentences give the same reason.

    Alone, from the codes of this project: what it learns is kept, inactive, if examples that it did not see find their
    code more often, and the calls that would move are shown. `callreasons adapt activate` makes it count.

    With `--train`, from files with the columns `text` and `reason`: a small file to ship beside an encoder.

    Examples: `callreasons adapt`, `callreasons adapt --train lessons/ --encoder all-MiniLM-L6-v2`
    """
    if context.invoked_subcommand:
        return
    progress = ConsoleProgress(error_console, quiet=quiet)
    if strength and (hold_out or not train):
        raise InputError("--strength says with --train how much to keep, in place of --hold-out. Leave one out.")
    if not train:
        _learn_from_codes(open_project(project), steps, progress, as_json=as_json)
        return
    from pipeline.adapt import keep_taught, teach_from_files
    from pipeline.adapt.lessons import list_lesson_files, read_names
    from pipeline.adapt.teaching import make_recipe

    opened = open_project(project) if (project / SETTINGS_FILE).is_file() else Project(project, Settings())
    taught = teach_from_files(
        list_lesson_files(train, leave_out or ()),
        encoder or opened.encoder,
        opened.settings.models,
        held_out=read_names(hold_out) if hold_out else (),
        recipe=make_recipe(encoder or opened.encoder, steps, strength or 0.0),
        progress=progress,
    )
    path = keep_taught(taught, out or Path(f"meaning-{taught.encoder_name}.npz"))
    _show_taught(taught, path, as_json=as_json)


@app.command("activate")
def make_active(project: ProjectOption = HERE, who: WhoOption = "") -> None:
    """Make what was learned from the codes count from the next run on; taxonomy/decisions.jsonl says who decided it.

    Example: `callreasons adapt activate`
    """
    from pipeline.adapt.company import activate

    path = activate(open_project(project), who=who or find_login(), now=find_now())
    console.print(f"{path.name} counts from the next run on. `callreasons adapt deactivate` takes it back.")


@app.command("deactivate")
def make_inactive(project: ProjectOption = HERE, who: WhoOption = "") -> None:
    """Make what was learned from the codes count no more; it is kept.

    Example: `callreasons adapt deactivate`
    """
    from pipeline.adapt.company import deactivate

    path = deactivate(open_project(project), who=who or find_login(), now=find_now())
    console.print(f"{path.name} is kept and does not count from the next run on.")


@app.command("preview")
def preview(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Show which calls would get another code if what was learned counted.

    Example: `callreasons adapt preview --json`
    """
    from pipeline.adapt.company import find_waiting

    opened = open_project(project)
    _show_moves(opened, find_waiting(opened), as_json=as_json)


def _learn_from_codes(project: Project, steps: int, progress: ConsoleProgress, *, as_json: bool) -> None:
    from pipeline.adapt.company import teach_from_codes
    from pipeline.adapt.teaching import make_recipe

    learned = teach_from_codes(project, make_recipe("codes", steps), progress)
    if as_json:
        write_json([asdict(learned.gain) | {"path": str(learned.path or "")}])
    else:
        console.print(f"Examples not seen that find their code: {_describe(learned.gain)}.")
    if learned.path is None:
        console.print("That may be chance, so nothing is kept. More examples a code, or moved calls, teach more.")
        return
    _show_moves(project, learned.path, as_json=as_json)
    console.print(f"{learned.path.name} is kept, inactive. `callreasons adapt activate` makes it count.")


def _show_moves(project: Project, path: Path, *, as_json: bool) -> None:
    from pipeline.adapt.company import count_moves, preview_moves

    moves = preview_moves(project, path)
    if as_json:
        write_json(asdict(move) for move in moves)
        return
    console.print(f"{len(moves)} reason utterances would get another code:" if moves else "No call would move.")
    table = Table("from", "to", "calls", box=None, pad_edge=False)
    for before, after, n_moves in count_moves(moves)[:N_SHOWN]:
        table.add_row(before or "no code", after or "no code", str(n_moves))
    if moves:
        console.print(table)


def _show_taught(taught: "Taught", path: Path | None, *, as_json: bool) -> None:
    if as_json:
        gain = asdict(taught.gain) if taught.gain else {}
        write_json([gain | {"strength": taught.strength, "path": str(path or "")}])
        return
    if taught.gain is None:
        console.print(f"All lessons taught, and {taught.strength:.0%} of it is kept: {path} and its card are written.")
        return
    for strength, ratio in sorted(taught.tried.items()):
        console.print(f"{strength:.0%} of the change: {ratio:.1%}")
    console.print(f"Held-out sentences nearest to one of the same reason: {_describe(taught.gain)}.")
    console.print(f"{path} and its card are written." if path else "That may be chance, so nothing is written.")


def _describe(gain: "Gain") -> str:
    return (
        f"{gain.before_ratio:.1%} before, {gain.after_ratio:.1%} after, of {gain.n} "
        f"(the difference lies between {100 * gain.low:+.1f} and {100 * gain.high:+.1f} points)"
    )
