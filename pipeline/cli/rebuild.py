"""`callreasons rebuild`: make the derived tables again."""

import shutil

import typer

from pipeline.cli.options import HERE, ProjectOption, QuietOption, error_console, find_now, open_project
from pipeline.progress import ConsoleProgress
from pipeline.stages import RunOptions, choose_stages, run_stages
from pipeline.state import hold_lock


def add_to(app: typer.Typer) -> None:
    """Add `rebuild`."""
    app.command("rebuild")(rebuild)


def rebuild(project: ProjectOption = HERE, quiet: QuietOption = False) -> None:
    """Delete `store/` and make it again from transcripts, taxonomy and state; no recording is listened to.

    Calls that were only offered come back from the manifest, if it is still there.

    Example: `callreasons rebuild`
    """
    opened = open_project(project)
    with hold_lock(opened):
        shutil.rmtree(opened.store.root, ignore_errors=True)
    progress = ConsoleProgress(error_console, quiet=quiet)
    stages = [stage for stage in choose_stages(None, None) if stage.name not in ("transcribe", "redact")]
    run_stages(opened, stages, RunOptions(), progress=progress, now=find_now())
