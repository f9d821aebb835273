"""The command line: one file a command, each thin over a function of the library.

Exit codes: 0 done, 2 the user's mistake, 3 done but something new failed, 4 nothing could be done, 75 another run holds
the lock, 1 a bug of ours.
"""

import os
import sys
from importlib.metadata import version as find_version
from typing import Annotated

import typer

from pipeline.cli import adapt, apply, config, evaluate, init, models, rebuild, run, show, taxonomy
from pipeline.errors import CallReasonsError

app = typer.Typer(
    name="callreasons",
    help="Why customers really call: reasons discovered in recordings, coded, counted and costed on your own machine.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
init.add_to(app)
run.add_to(app)
app.add_typer(apply.app, name="apply")
app.add_typer(show.app, name="show")
app.add_typer(adapt.app, name="adapt")
app.add_typer(taxonomy.app, name="taxonomy")
app.add_typer(models.app, name="models")
app.add_typer(config.app, name="config")
rebuild.add_to(app)
evaluate.add_to(app)


def _say_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"callreasons {find_version('call-reasons')}")
        raise typer.Exit


@app.callback()
def _read_options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Answer what is asked of no command."""


def main() -> None:
    """Run the command line; a person's mistake becomes one line on stderr and its exit code."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        app()
    except CallReasonsError as error:
        sys.stderr.write(f"callreasons: {error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("callreasons: stopped. What was finished is kept; the same command goes on from there.\n")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
