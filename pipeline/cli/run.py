"""`callreasons run`, and a command for each single stage."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import (
    HERE,
    JsonOption,
    ProjectOption,
    QuietOption,
    console,
    error_console,
    find_now,
    open_project,
    write_json,
)
from pipeline.config import Project, ReportSettings
from pipeline.errors import NothingDoneError, SettingsError
from pipeline.progress import ConsoleProgress
from pipeline.stages import STAGES, RunOptions, Stage, StageReport, choose_stages, run_stages
from pipeline.state import write_said

NEW_FAILURES = 3  # exit code: done, but something failed that no run had said yet
SHOWN_FAILURES = 20

RecordingsOption = Annotated[
    str, typer.Option(help="Folder, glob or file of recordings, instead of pipeline.toml's.", metavar="PATH")
]
ManifestOption = Annotated[str, typer.Option(help="Manifest CSV, instead of pipeline.toml's.", metavar="FILE")]
TextsOption = Annotated[
    list[str], typer.Option(help="File or glob of chats and e-mails, instead of pipeline.toml's.", metavar="FILE")
]
LanguageOption = Annotated[str, typer.Option(help="The report's language, en or zh.", metavar="en|zh")]
AsOfOption = Annotated[
    str, typer.Option(help="Show what was last reported on or before this day, from its record.", metavar="DATE")
]
ForceOption = Annotated[
    bool,
    typer.Option("--force", help="Make again what was made; only `run` and `transcribe` listen to recordings again."),
]
OnlyNewOption = Annotated[
    bool, typer.Option("--only-new", help="Leave old calls as they are when the taxonomy or a model changed.")
]
RetryOption = Annotated[bool, typer.Option("--retry-failed", help="Try again what failed three times.")]
ShardOption = Annotated[str, typer.Option(help="Listen to one of N equal shares, such as 1/4.", metavar="I/N")]


def add_to(app: typer.Typer) -> None:
    """Add `run` and each stage's command."""
    app.command("run")(run)
    for stage in STAGES:
        app.command(
            stage.name, help=f"{stage.about}\n\nExample: `callreasons {stage.name}`", rich_help_panel="Single stages"
        )(_make_command(stage))


def run(  # noqa: PLR0913 - one parameter an option
    *,
    project: ProjectOption = HERE,
    first: Annotated[str | None, typer.Option("--from", help="First stage to run.", metavar="STAGE")] = None,
    last: Annotated[str | None, typer.Option("--until", help="Last stage to run.", metavar="STAGE")] = None,
    only_new: OnlyNewOption = False,
    force: ForceOption = False,
    retry_failed: RetryOption = False,
    shard: ShardOption = "1/1",
    budget_hours: Annotated[float | None, typer.Option(min=0, help="Stop listening after this many hours.")] = None,
    recordings: RecordingsOption = "",
    manifest: ManifestOption = "",
    texts: TextsOption = [],  # noqa: B006 - typer reads it, nobody changes it
    language: LanguageOption = "",
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Do everything new, in order, from recordings to the report.

    Run it again at any time: what is done is not done again, and a run that was stopped goes on.

    Example: `callreasons run --recordings /calls/2026-11-20 --manifest /calls/2026-11-20.csv`

    Example: `callreasons run --from assign --language zh`
    """
    options = RunOptions(
        only_new=only_new,
        force=force,
        retry_failed=retry_failed,
        shard=read_shard(shard),
        budget_s=None if budget_hours is None else budget_hours * 3600,
    )
    opened = choose_inputs(open_project(project), recordings, manifest, texts)
    opened = choose_language(opened, language)
    _run(opened, choose_stages(first, last), options, quiet=quiet, as_json=as_json)


def read_shard(text: str) -> tuple[int, int]:
    """Read I/N.

    Raises:
        SettingsError: The text is not two whole numbers with 1 ≤ I ≤ N.
    """
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise SettingsError(f"--shard should be I/N with 1 ≤ I ≤ N, such as 2/4; got '{text}'.")
    return int(match[1]), int(match[2])


def choose_inputs(project: Project, recordings: str, manifest: str, texts: Sequence[str]) -> Project:
    """Take other inputs than the settings name; paths given to a command start from the current folder."""
    if not (recordings or manifest or texts):
        return project
    given: dict[str, object] = {"recordings": str(Path(recordings).absolute())} if recordings else {}
    given |= {"manifest": str(Path(manifest).absolute())} if manifest else {}
    given |= {"texts": tuple(str(Path(text).absolute()) for text in texts)} if texts else {}
    ingest = project.settings.ingest.model_copy(update=given)
    return replace(project, settings=project.settings.model_copy(update={"ingest": ingest}))


def choose_language(project: Project, language: str) -> Project:
    """Take another report language than the settings name.

    Raises:
        SettingsError: It is neither en nor zh.
    """
    if not language:
        return project
    if language not in ("en", "zh"):
        raise SettingsError(f"--language should be en or zh, got '{language}'.")
    report = ReportSettings.model_validate({**project.settings.report.model_dump(), "language": language})
    return replace(project, settings=project.settings.model_copy(update={"report": report}))


def _run(project: Project, stages: Sequence[Stage], options: RunOptions, *, quiet: bool, as_json: bool) -> None:
    progress = ConsoleProgress(error_console, quiet=quiet)
    reports = run_stages(project, stages, options, progress=progress, now=find_now())
    if as_json:
        write_json(_describe(report) for report in reports)
    elif not quiet:
        for report in reports:
            outcome = report.outcome
            error_console.print(f"{report.stage:<10} {outcome.n_done:>6} done {outcome.n_kept:>6} kept", markup=False)
    _end(project, stages, reports)


def _describe(report: StageReport) -> dict[str, object]:
    return {
        "stage": report.stage,
        "n_done": report.outcome.n_done,
        "n_kept": report.outcome.n_kept,
        "n_failed": len(report.outcome.failures),
        "n_new_failures": len(report.new_failures),
        "warnings": list(report.outcome.warnings),
        "notes": list(report.outcome.notes),
    }


def _end(project: Project, stages: Sequence[Stage], reports: Sequence[StageReport]) -> None:
    """Say what failed, and turn what happened into an exit code."""
    new = [failure for report in reports for failure in report.new_failures]
    for failure in new[:SHOWN_FAILURES]:
        error_console.print(f"failed: {failure.stage} {failure.item}: {failure.error}", markup=False, soft_wrap=True)
    if len(new) > SHOWN_FAILURES:
        error_console.print(f"… and {len(new) - SHOWN_FAILURES} more: `callreasons show failures`", markup=False)
    write_said(project, new)
    if (
        stages[0].name == "ingest"
        and project.store.has("calls")
        and not project.store.read("calls").num_rows
        and not new
    ):
        raise NothingDoneError(
            f"There are no calls. Put recordings into '{project.root / project.settings.ingest.recordings}', "
            "or name them with --recordings."
        )
    if new:
        raise typer.Exit(NEW_FAILURES)


def _make_command(stage: Stage) -> Callable[..., None]:
    if stage.name == "ingest":
        return _ingest
    if stage.name == "report":
        return _report

    def command(
        project: ProjectOption = HERE,
        only_new: OnlyNewOption = False,
        force: ForceOption = False,
        retry_failed: RetryOption = False,
        shard: ShardOption = "1/1",
        quiet: QuietOption = False,
    ) -> None:
        options = RunOptions(only_new=only_new, force=force, retry_failed=retry_failed, shard=read_shard(shard))
        _run(open_project(project), [stage], options, quiet=quiet, as_json=False)

    return command


def _ingest(
    project: ProjectOption = HERE,
    recordings: RecordingsOption = "",
    manifest: ManifestOption = "",
    texts: TextsOption = [],  # noqa: B006
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    opened = choose_inputs(open_project(project), recordings, manifest, texts)
    _run(opened, choose_stages("ingest", "ingest"), RunOptions(force=force), quiet=quiet, as_json=False)


def read_day(text: str) -> date:
    """Read a day.

    Raises:
        SettingsError: The text is no such day.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"--as-of should be a day such as 2026-11-20; got '{text}'.") from None


def _report(
    project: ProjectOption = HERE,
    language: LanguageOption = "",
    as_of: AsOfOption = "",
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    opened = choose_language(open_project(project), language)
    if as_of:
        from pipeline.report.as_of import write_as_of

        console.print(str(write_as_of(opened, read_day(as_of))), markup=False, soft_wrap=True)
        return
    _run(opened, choose_stages("report", "report"), RunOptions(force=force), quiet=quiet, as_json=False)
