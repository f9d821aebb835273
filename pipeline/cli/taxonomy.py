"""`callreasons taxonomy check|export|import|diff|card|health|history|undo|redo`: look after the numbered reasons."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
from pipeline.cli.run import LanguageOption, choose_language
from pipeline.config import Project
from pipeline.errors import TaxonomyError
from pipeline.stages import find_stage, make_fingerprint
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, read_taxonomy

if TYPE_CHECKING:
    from pipeline.curate import Entry, Made

app = typer.Typer(
    help="Check, exchange, compare and print the numbered reasons; taxonomy/README.md explains every field.",
    no_args_is_help=True,
)
DecisionOption = Annotated[
    str, typer.Option("--decision", metavar="ID", help="Which one.", show_default="your last one")
]
SheetArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A .csv or .xlsx file.")]


@app.command("check")
def check(
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
    is_strict: Annotated[
        bool, typer.Option("--strict", help="End with exit code 2 when there is anything to mend.")
    ] = False,
) -> None:
    """List what to mend in the taxonomy, a line each, and what to do about it; notes come last.

    Too many codes, missing examples, names and owners, examples that stand under another code or sound like one,
    codes that overlap or that no call took, retired numbers in use, and what share of calls the first 10, 20 and 30
    codes cover.

    Example: `callreasons taxonomy check --strict`
    """
    from pipeline.lint import lint_taxonomy

    opened = open_project(project)
    findings = lint_taxonomy(opened, is_coded_now=_is_coded_now(opened))
    n_to_mend = sum(not finding.is_note for finding in findings)
    if as_json:
        write_json(asdict(finding) for finding in findings)
    else:
        for finding in findings:
            console.print(f"{'note: ' * finding.is_note}{finding.line}", markup=False, soft_wrap=True)
        error_console.print(f"{n_to_mend} to mend in {opened.taxonomy / TAXONOMY_FILE}", markup=False, soft_wrap=True)
    if is_strict and n_to_mend:
        raise TaxonomyError(f"The taxonomy has {n_to_mend} findings. Mend them, or leave out --strict.")


@app.command("export")
def export(file: SheetArgument, project: ProjectOption = HERE) -> None:
    """Write the taxonomy to a spreadsheet, a row an example.

    Example: `callreasons taxonomy export codes.xlsx`
    """
    from pipeline.spreadsheets import write_sheet
    from pipeline.taxonomy.rows import find_columns, to_rows

    taxonomy = _read(open_project(project))
    rows = to_rows(taxonomy)
    write_sheet(file, "codes", rows, find_columns(taxonomy))
    console.print(f"{len(taxonomy.codes)} codes, {len(rows)} rows: {file}", markup=False, soft_wrap=True)


@app.command("import")
def import_(
    file: SheetArgument,
    project: ProjectOption = HERE,
    is_preview: Annotated[bool, typer.Option("--preview", help="Say what would change, and change nothing.")] = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    """Add codes and examples from a spreadsheet, and update what it says otherwise; nothing is deleted.

    Only the columns code and example are needed; `taxonomy export` writes all there are. An empty cell leaves what is
    there. The file is written whole or not at all, and taxonomy/decisions.jsonl says who changed what.

    Example: `callreasons taxonomy import codes.xlsx --preview`
    """
    from pipeline.spreadsheets import read_sheet
    from pipeline.taxonomy.changes import describe_changes
    from pipeline.taxonomy.editing import make_edit, preview_edit
    from pipeline.taxonomy.rows import apply_rows, find_unknown_columns

    opened, rows = open_project(project), read_sheet(file)
    for column in find_unknown_columns(rows):
        error_console.print(f"column '{column}' is none of ours and was not read", markup=False, soft_wrap=True)

    def edit(taxonomy: Taxonomy) -> Taxonomy:
        return apply_rows(taxonomy, rows, file)

    if is_preview:
        changes = preview_edit(opened.taxonomy, edit)
    else:
        changes = make_edit(opened.taxonomy, edit, what="import", who=who or find_login(), now=find_now())
    if as_json:
        write_json(asdict(change) for change in changes)
        return
    _print_lines(describe_changes(changes))
    n_codes = len({change.code for change in changes})
    counted = "1 code" if n_codes == 1 else f"{n_codes} codes"
    said = f"{counted} {'would change' if is_preview else 'changed'}." if changes else "Nothing to change."
    console.print(said, markup=False)


@app.command("diff")
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="An earlier .yaml, .csv or .xlsx.")],
    new: Annotated[
        Path | None, typer.Argument(metavar="NEW", help="A later one.", show_default="the project's")
    ] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Say what changed between two versions of a taxonomy, code by code.

    Example: `git show HEAD~1:taxonomy/reason_codes.yaml > old.yaml; callreasons taxonomy diff old.yaml`
    """
    from pipeline.taxonomy.changes import describe_changes, find_changes

    changes = find_changes(read_taxonomy(old), read_taxonomy(new) if new else _read(open_project(project)))
    if as_json:
        write_json(asdict(change) for change in changes)
    else:
        _print_lines(describe_changes(changes) or ["Nothing changed."])


@app.command("card")
def card(
    output: Annotated[
        Path | None,
        typer.Argument(metavar="OUTPUT", help="The .html file.", show_default="reports/LANGUAGE/code-card.html"),
    ] = None,
    language: LanguageOption = "",
    project: ProjectOption = HERE,
) -> None:
    """Write the code card: one printable page (A4) with every active code, what customers say, and the owner.

    Example: `callreasons taxonomy card card.html --language zh`
    """
    from pipeline.taxonomy.card import write_card

    opened = choose_language(open_project(project), language)
    chosen = opened.settings.report.language
    path = output or opened.reports / chosen / "code-card.html"
    write_card(path, _read(opened), chosen, find_now().astimezone(opened.timezone).date())
    console.print(str(path), markup=False, soft_wrap=True)


@app.command("health")
def health(project: ProjectOption = HERE, as_json: JsonOption = False, language: LanguageOption = "") -> None:
    """Say how good the codes are, 0 to 100, in parts, each with what to do next.

    Calls count once there was a run, agreement of people once there was an audit.

    Example: `callreasons taxonomy health`
    """
    from pipeline.audit.table import read_agreement
    from pipeline.curate import find_health, load_board, map_encoder
    from pipeline.examples import load_examples
    from pipeline.words import read_words

    opened = choose_language(open_project(project), language)
    words = read_words(opened.settings.report.language)
    board = load_board(opened) if opened.store.has("call_reasons") else None
    background = load_examples("background", opened).texts
    agreement = read_agreement(opened.store)
    found = find_health(_read(opened), map_encoder(opened), background, board=board, agreement=agreement)
    if as_json:
        whole = {"part": "all", "score": round(found.score, 1)}
        parts = [
            {"part": one.name, "score": round(one.score, 1), "weight": one.weight, "action": one.action(words)}
            for one in found.parts
        ]
        write_json([whole, *parts])
        return
    lines = [f"{one.score:3.0f}  {one.title(words)}: {one.meaning(words)} {one.action(words)}" for one in found.parts]
    _print_lines([f"{found.score:3.0f} / 100", *lines])


@app.command("history")
def history(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """List who decided what about the codes and when, the last one last; what was taken back is marked.

    Example: `callreasons taxonomy history`
    """
    from pipeline.curate import list_history

    entries = list_history(open_project(project).taxonomy)
    if as_json:
        write_json({**vars(one.decision), "is_in_effect": one.is_in_effect} for one in entries)
        return
    _print_lines([_describe_entry(one) for one in entries] or ["Nothing was decided yet."])


@app.command("undo")
def undo(
    decision: DecisionOption = "", who: WhoOption = "", project: ProjectOption = HERE, as_json: JsonOption = False
) -> None:
    """Take back your last act on the codes, or the decision you name; again and again, also tomorrow.

    What others or the file changed since is never overwritten: the command says so and does nothing.

    Example: `callreasons taxonomy undo`
    """
    from pipeline.curate import undo

    made = undo(open_project(project).taxonomy, who=who or find_login(), now=find_now(), decision_id=decision)
    _print_made(made, as_json)


@app.command("redo")
def redo(
    decision: DecisionOption = "", who: WhoOption = "", project: ProjectOption = HERE, as_json: JsonOption = False
) -> None:
    """Make again what you took back last, or the decision you name.

    Example: `callreasons taxonomy redo`
    """
    from pipeline.curate import redo

    made = redo(open_project(project).taxonomy, who=who or find_login(), now=find_now(), decision_id=decision)
    _print_made(made, as_json)


def _describe_entry(entry: "Entry") -> str:
    one = entry.decision
    codes = ", ".join(sorted(one.after))
    undone = "" if entry.is_in_effect else f"  (taken back by {entry.last.who})"
    return f"{one.decision_id}  {one.at:%Y-%m-%d %H:%M}  {one.who}  {one.what} {codes}{undone}"


def _print_made(made: "Made", as_json: bool) -> None:
    from pipeline.taxonomy.changes import describe_changes

    if as_json:
        write_json(asdict(change) for change in made.changes)
    else:
        _print_lines(describe_changes(made.changes))


def _read(project: Project) -> Taxonomy:
    return read_taxonomy(project.taxonomy / TAXONOMY_FILE)


def _is_coded_now(project: Project) -> bool:
    return make_fingerprint(find_stage("assign"), project) in project.store.current("call_reasons")


def _print_lines(lines: Sequence[str]) -> None:
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
