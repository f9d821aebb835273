"""`callreasons audit sample|answers|resolve|score`: check the machine blind, and correct counts by what was found."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from pipeline.cli.options import (
    HERE,
    JsonOption,
    ProjectOption,
    WhoOption,
    console,
    error_console,
    find_login,
    find_now,
    open_project,
    write_json,
)

if TYPE_CHECKING:
    from pipeline.audit.questions import Question

app = typer.Typer(
    help="Draw calls, let people code them blind, and correct every count and cost by it.", no_args_is_help=True
)
RoundOption = Annotated[int | None, typer.Option("--round", help="Which draw.", show_default="the last one")]
CallArgument = Annotated[str, typer.Argument(metavar="ID", help="A call that was drawn.")]
SHOWN = 20  # calls that are named in a line


@app.command("sample")
def draw_sample(
    calls: Annotated[int, typer.Option("--calls", help="How many calls to draw.")] = 200,
    seed: Annotated[int, typer.Option(help="Draws the calls; another one draws others.")] = 0,
    output: Annotated[
        Path | None,
        typer.Option(help="The .xlsx or .csv to fill in.", show_default="reports/audit-ROUND.xlsx", dir_okay=False),
    ] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Draw calls by code, kind of no-code, doubt and week, and write a sheet that people fill in blind.

    The machine's answer is nowhere in it. Give each person a copy; they write the numbers of a call's codes, in the
    order in which the customer gave them, or one of none_of_these, undecided, not_said and not_heard.

    Example: `callreasons audit sample --calls 300`
    """
    from pipeline.audit.drawing import draw_round
    from pipeline.audit.questions import list_questions
    from pipeline.audit.sheets import check_output, write_questions

    opened = open_project(project)
    if output:
        check_output(output)
    drawn, chosen = draw_round(opened, n_calls=calls, seed=seed, now=find_now())
    questions = list_questions(opened, drawn)
    path = output or opened.reports / f"audit-{drawn.round_id}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_questions(path, questions)
    if as_json:
        write_json(_describe_questions(questions, drawn.round_id))
        return
    period = f"{drawn.first_day} to {drawn.last_day}"
    console.print(f"Round {drawn.round_id}: {len(chosen)} of {drawn.n_calls} calls, {period}:", markup=False)
    counted = Counter(one.stratum for one in chosen)
    console.print(", ".join(f"{stratum} {n}" for stratum, n in sorted(counted.items())), markup=False, soft_wrap=True)
    console.print(str(path), markup=False, soft_wrap=True)


@app.command("answers")
def read_answers(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A filled .xlsx or .csv.")],
    who: WhoOption = "",
    round_id: RoundOption = None,
    project: ProjectOption = HERE,
) -> None:
    """Read a person's filled sheet: all of its answers, or none when one cannot be.

    Read again, a sheet replaces what the person said before of the calls in it.

    Example: `callreasons audit answers anna.xlsx --who anna`
    """
    from pipeline.audit.answers import find_round, list_open, record_answers
    from pipeline.audit.sheets import read_said

    opened = open_project(project)
    drawn = find_round(opened, round_id)
    said = read_said(file)
    name = who or find_login()
    record_answers(opened, drawn, said, who=name, now=find_now())
    n_open = len(list_open(opened, drawn, name))
    console.print(f"{len(said)} answers of {name} in round {drawn.round_id}; {n_open} calls are open.", markup=False)


@app.command("resolve")
def resolve(
    *,
    call_id: CallArgument,
    said: Annotated[list[str], typer.Argument(metavar="CODE...", help="Its codes in order, or a kind of no-code.")],
    who: WhoOption = "",
    round_id: RoundOption = None,
    project: ProjectOption = HERE,
) -> None:
    """Say what is true of a call that people answered differently. Until then the first answer counts.

    Example: `callreasons audit resolve 2026-11-18-0042 101 103`
    """
    from pipeline.audit.answers import Said, find_round, resolve_answer
    from pipeline.tables import NO_CODES

    opened = open_project(project)
    drawn = find_round(opened, round_id)
    answer = Said(no_code=said[0]) if said[0] in NO_CODES and len(said) == 1 else Said(tuple(said))
    resolve_answer(opened, drawn, call_id, answer, who=who or find_login(), now=find_now())
    console.print(f"Call {call_id} is resolved.", markup=False)


@app.command("score")
def score(round_id: RoundOption = None, project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Print how well people agree, how good each code is, and every count and cost corrected, with 95 % intervals.

    From then on runs and reports show the figures of the last round that was scored or answered whole.

    Example: `callreasons audit score`
    """
    from pipeline.audit.answers import find_round, list_answers, mark_scored
    from pipeline.audit.scoring import score_round
    from pipeline.audit.table import list_rows, sync_audited
    from pipeline.audit.truths import find_disagreements
    from pipeline.taxonomy import TAXONOMY_FILE, read_taxonomy

    opened = open_project(project)
    drawn = find_round(opened, round_id)
    scored = score_round(opened, drawn)
    mark_scored(opened, drawn, find_now())
    sync_audited(opened)
    taxonomy = read_taxonomy(opened.taxonomy / TAXONOMY_FILE)
    rows = list_rows(scored, taxonomy, opened.settings.project.currency)
    if as_json:
        write_json(rows)
        return
    _print_scores(rows)
    open_calls = find_disagreements(list_answers(opened, drawn), taxonomy)
    if open_calls:
        named = ", ".join(open_calls[:SHOWN]) + (" …" if len(open_calls) > SHOWN else "")
        line = f"{len(open_calls)} answered differently, the first answer counts; `callreasons audit resolve`: {named}"
        error_console.print(line, markup=False, soft_wrap=True)
    console.print(
        f"Round {drawn.round_id}: {scored.n_answered} of {scored.n_drawn} calls answered, corrected for all "
        f"{scored.n_calls} from {drawn.first_day} to {drawn.last_day}.",
        markup=False,
        soft_wrap=True,
    )


def _describe_questions(questions: Iterable["Question"], round_id: int) -> Iterable[dict[str, object]]:
    for one in questions:
        words = [{"start_s": turn.start_s, "text": turn.text} for turn in one.turns]
        yield {
            "round_id": round_id,
            "call_id": one.call_id,
            "started_at": one.started_at.isoformat() if one.started_at else None,
            "language": one.language,
            "customer": words,
        }


def _print_scores(rows: Iterable[Mapping[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("reason", "name"):
        table.add_column(column, overflow="fold")
    for column in ("counted", "calls", "cost", "precision", "recall", "agreement"):
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(
            row["reason_id"],
            str(row.get("name_en") or "").replace("[", r"\["),
            str(row["n_counted"]),
            _write_range(row, "n_calls"),
            _write_range(row, "cost"),
            _write_range(row, "precision_ratio", 2),
            _write_range(row, "recall_ratio", 2),
            _write_range(row, "kappa", 2) or _write_range(row, "alpha", 2),
        )
    console.print(table)


def _write_range(row: Mapping[str, Any], name: str, n_digits: int = 0) -> str:
    if row.get(name) is None:
        return ""
    value = f"{row[name]:.{n_digits}f}"
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    return value if low is None else f"{value} ({low:.{n_digits}f}–{high:.{n_digits}f})"
