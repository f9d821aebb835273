"""`callreasons show`: look at calls, one call, one reason, what is done, and what failed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from pipeline.cli.options import HERE, JsonOption, ProjectOption, console, error_console, open_project, write_json
from pipeline.cli.reasons_table import describe_corrected, make_reasons_table
from pipeline.cli.run import NEW_FAILURES, LanguageOption, choose_language
from pipeline.cli.show_rows import find_parts, find_quotes, list_calls, read_reasons
from pipeline.config import Project
from pipeline.errors import InputError
from pipeline.state import read_failures
from pipeline.tables import write_atomically

app = typer.Typer(help="Look at calls, reasons, what is done and what failed.", no_args_is_help=True)
SHOWN_MEASURES = ("n_calls", "n_negative", "handle_time_s", "n_repeat_calls", "resolved_ratio", "csat", "hours", "cost")
SHOWN_GONE = 20


@app.command("calls")
def show_calls(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """List every call with its codes, or why it has none.

    Example: `callreasons show calls --json`
    """
    rows = list_calls(open_project(project))
    if as_json:
        write_json(rows)
        return
    columns = ("call_id", "started_at", "language", "codes", "no_code", "candidates", "sentiment_label")
    _print_table(columns, [[_to_text(row[name]) for name in columns] for row in rows])


@app.command("call")
def show_call(
    call_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)] = "",
    form: Annotated[bool, typer.Option("--form", help="Write its listening form; without ID, a blank one.")] = False,
    project: ProjectOption = HERE,
    language: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    """Print one call: its turns with their seconds, and what it was about.

    Examples: `callreasons show call 2026-11-18-0042`, `callreasons show call 2026-11-18-0042 --form --language zh`
    """
    opened = choose_language(open_project(project), language)
    if form:
        from pipeline.report.forms import write_form

        console.print(str(write_form(opened, call_id)), markup=False, soft_wrap=True)
        return
    if not call_id:
        raise InputError("Name a call: `callreasons show call ID`. `callreasons show calls` lists them.")
    row = next((row for row in list_calls(opened) if row["call_id"] == call_id), None)
    if row is None:
        raise InputError(f"There is no call '{call_id}'. `callreasons show calls` lists them.")
    turns = [turn for turn in opened.store.list_rows("turns") if turn["call_id"] == call_id]
    reasons = read_reasons(opened, call_id)
    if as_json:
        write_json([{**row, "turns": turns, "reasons": reasons}])
        return
    for name, value in row.items():
        console.print(f"{name:<18} {_to_text(value)}", markup=False)
    for turn in sorted(turns, key=lambda turn: int(turn["turn_index"])):
        start = "" if turn["start_s"] is None else f"{turn['start_s']:7.1f} s"
        console.print(f"{start:>10}  {turn['role']:<9} {turn['text']}", markup=False, soft_wrap=True)
    for reason in reasons:
        code = reason["code"] or reason["no_code"]
        console.print(f"reason {reason['utterance_index']}: {code}: {reason['text']}", markup=False, soft_wrap=True)


@app.command("reasons")
def show_reasons(project: ProjectOption = HERE, language: LanguageOption = "", as_json: JsonOption = False) -> None:
    """Print the counts-and-cost table, and where the report lies.

    Example: `callreasons show reasons --language zh`
    """
    from pipeline.report import find_report, read_corrected, read_summary

    opened = choose_language(open_project(project), language)
    reasons, corrected = read_summary(opened), read_corrected(opened)
    if as_json:
        write_json([vars(reason) | describe_corrected(corrected.get(reason.anchor)) for reason in reasons])
        return
    console.print(make_reasons_table(reasons, corrected))
    if corrected:
        console.print("Calls, share and cost with a range are corrected by an audit (95 %).", markup=False)
    console.print(f"Report: {find_report(opened)}", markup=False, soft_wrap=True)


@app.command("reason")
def show_reason(  # noqa: PLR0913 - one parameter an option
    *,
    reason_id: Annotated[str, typer.Argument(metavar="CODE")],
    pack: Annotated[bool, typer.Option("--pack", help="Write what to play of it to its owners.")] = False,
    minutes: Annotated[int, typer.Option(help="How long the meeting is.")] = 45,
    clips: Annotated[
        bool,
        typer.Option("--clips", help="With --pack: cut clips, redacted spans muted; for what leaves the house."),
    ] = False,
    project: ProjectOption = HERE,
    language: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    """Print one reason's numbers and what its customers said: a code, a candidate, or a kind of no-code.

    `--pack` writes a page that plays calls as they were spoken, with names and numbers; add `--clips` for anything that
    leaves the house.

    Examples: `callreasons show reason 101`, `callreasons show reason 101 --pack --minutes 30 --clips`
    """
    opened = choose_language(open_project(project), language)
    if pack or clips:
        _show_pack(opened, reason_id, minutes, is_cut=clips, as_json=as_json)
        return
    metrics = [
        row
        for row in opened.store.list_rows("reason_metrics")
        if row["reason_id"] == reason_id and row["period"] == "all"
    ]
    quotes = find_quotes(opened, reason_id)
    if not metrics and not quotes:
        raise InputError(f"There is no reason '{reason_id}'. `callreasons show reasons` lists them.")
    parts = find_parts(opened, reason_id)
    if as_json:
        write_json([{**(metrics[0] if metrics else {"reason_id": reason_id}), "sub_reasons": parts, "quotes": quotes}])
        return
    for name, value in metrics[0].items() if metrics else ():
        console.print(f"{name:<24} {_to_text(value)}", markup=False)
    for part in parts:
        console.print(f"sub-reason {part['sub_cluster_id']}: {part['name']} ({part['n_calls']} calls)", markup=False)
    for quote in quotes:
        start = "" if quote["start_s"] is None else f" at {quote['start_s']:.0f} s"
        console.print(f"{quote['call_id']}{start}: {quote['text']}", markup=False, soft_wrap=True)


def _show_pack(project: Project, reason_id: str, minutes: int, *, is_cut: bool, as_json: bool) -> None:
    from pipeline.immersion.pack import list_rows, read_pack, write_clipped_pack, write_pack

    pack = read_pack(project, reason_id, minutes=minutes)
    written = (write_clipped_pack if is_cut else write_pack)(project, pack)
    if as_json:
        write_json(list_rows(pack))
    else:
        console.print(str(written.page), markup=False, soft_wrap=True)
    if written.failures:
        named = "; ".join(f"{call_id}: {why}" for call_id, why in written.failures.items())
        line = f"{len(written.failures)} of {len(pack.played)} cannot be {'cut' if is_cut else 'played'}: {named}"
        error_console.print(line, markup=False, soft_wrap=True)
        if is_cut:
            raise typer.Exit(NEW_FAILURES)


@app.command("measures")
def show_measures(
    by: Annotated[str, typer.Option(help="What to group calls by, with commas: reason, week, queue, hour …")] = "",
    csv: Annotated[Path | None, typer.Option(help="Write all measures to this CSV.", dir_okay=False)] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Print calls, times, repeats and cost by any mix of reason, owner, week, weekday, hour, queue, region and more.

    Example: `callreasons show measures --by reason,region`
    """
    from pipeline.measure.groups import group_calls

    if csv and not csv.parent.is_dir():
        raise InputError(f"Folder '{csv.parent}' is not there. Make it first.")
    made = group_calls(open_project(project), [name.strip() for name in by.split(",") if name.strip()])
    if csv:
        from pipeline.report.csvs import make_csv

        rows = [tuple(row.values()) for row in made.to_pylist()]
        write_atomically(csv, make_csv(made.column_names, rows).encode("utf-8-sig"))
    elif as_json:
        write_json(made.to_pylist())
    else:
        columns = [*made.column_names[: made.column_names.index("n_calls")], *SHOWN_MEASURES]
        _print_table(columns, [[_to_text(row[name]) for name in columns] for row in made.to_pylist()])


@app.command("plan")
def show_plan(
    hours: Annotated[float, typer.Option(help="Hours of calls to listen to.")] = 4.0,
    uncertain: Annotated[float, typer.Option(help="Share of the hours for calls whose code is in doubt.")] = 0.2,
    seed: Annotated[int, typer.Option(help="Draws the calls; another one draws others.")] = 0,
    project: ProjectOption = HERE,
    language: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    """Choose calls to listen to: the latest, some of each reason, and the doubtful; a page, a CSV and a playlist.

    Example: `callreasons show plan --hours 8`
    """
    from pipeline.immersion.plan import make_plan
    from pipeline.immersion.plan_files import list_rows, write_plan
    from pipeline.words import read_words

    opened = choose_language(open_project(project), language)
    plan = make_plan(opened, hours=hours, uncertain_ratio=uncertain, seed=seed)
    files = write_plan(opened, plan)
    if plan.gone:
        named = ", ".join(one.call_id for one in plan.gone[:SHOWN_GONE]) + (" …" if len(plan.gone) > SHOWN_GONE else "")
        error_console.print(f"Passed over, {len(plan.gone)} recordings are gone: {named}", markup=False, soft_wrap=True)
    if as_json:
        write_json(list_rows(plan, read_words(opened.settings.report.language), opened))
        return
    console.print(f"{len(plan.calls)} calls, {plan.seconds / 3600:.2f} of {hours:g} hours.", soft_wrap=True)
    for path in vars(files).values():
        console.print(str(path), markup=False, soft_wrap=True)


@app.command("status")
def show_status(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Print how far the work has come, and the calls of each reason.

    Example: `callreasons show status`
    """
    opened = open_project(project)
    steps = [{"step": row["step"], "n_calls": row["n_calls"]} for row in opened.store.list_rows("funnel")]
    steps.append({"step": "failures", "n_calls": len(read_failures(opened))})
    reasons = [
        {"reason_id": row["reason_id"], "name": row["name_en"] or row["name_zh"], "n_calls": row["n_calls"]}
        for row in opened.store.list_rows("reason_metrics")
        if row["period"] == "all"
    ]
    reasons.sort(key=lambda row: -int(row["n_calls"]))
    if as_json:
        write_json([*steps, *reasons])
        return
    _print_table(("step", "calls"), [[_to_text(value) for value in step.values()] for step in steps])
    _print_table(("reason", "name", "calls"), [[_to_text(value) for value in reason.values()] for reason in reasons])


@app.command("failures")
def show_failures(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """List what failed and why, a line each.

    What failed three times is left alone; `callreasons run --retry-failed` tries it again.

    Example: `callreasons show failures --json`
    """
    failures = [vars(failure) for failure in read_failures(open_project(project))]
    if as_json:
        write_json(failures)
        return
    for row in failures:
        named = f" ({row['recording']!r})" if row["recording"] else ""
        line = f"{row['stage']} {row['item']}{named}: {row['error']} ({row['n_attempts']} tries, last {row['last_at']})"
        console.print(line, markup=False, soft_wrap=True)
    if not failures:
        console.print("Nothing failed.")


def _to_text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value)
    if isinstance(value, Mapping):
        return str(dict(value))
    return "" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    console.print(table)
