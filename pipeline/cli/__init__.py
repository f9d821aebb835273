"""The command line: one file a command, each thin over a function of the library.

Exit codes: 0 done, 2 the user's mistake, 3 done but something new failed, 4 nothing could be done, 75 another run holds
the lock, 130 stopped by Ctrl-C, 1 a bug of ours.
"""

import errno
import os
import sys
from importlib.metadata import version as find_version
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import adapt, apply, audit, config, curate, evaluate, init, models, rebuild, run, show, taxonomy
from pipeline.errors import CallReasonsError

MISTAKE: type[Exception] = typer.BadParameter.__mro__[
    2
]  # what every wrong option, command or argument is, whatever typer calls it
STOPPED = 130  # a person pressed Ctrl-C

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
app.add_typer(audit.app, name="audit")
app.add_typer(taxonomy.app, name="taxonomy")
app.add_typer(curate.app, name="curate")
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
        code = app(standalone_mode=False, prog_name="callreasons")
    except MISTAKE as error:
        sys.exit(_say_mistake(error))
    except CallReasonsError as error:
        sys.stderr.write(f"callreasons: {error}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        sys.exit(_say_trouble(error))
    if code == STOPPED:
        sys.stderr.write("callreasons: stopped. What was finished is kept; the same command goes on from there.\n")
    sys.exit(code)


def _say_mistake(error: Exception) -> int:
    """Say in one line which word of the command is wrong; a command without any gets its help."""
    message = str(error.format_message())  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "callreasons"
    one_line = f"callreasons: {message.rstrip('.')}. `{command} --help` shows how.\n"
    sys.stderr.write(message + "\n" if "\n" in message else one_line)
    return 2


def _say_trouble(error: OSError) -> int:
    """Say in one line that a folder or the disk is in the way; recordings' names can hold numbers, so none is said.

    Raises:
        OSError: It is another trouble, and so a bug of ours.
    """
    where = f"'{Path(str(error.filename)).parent}'" if error.filename else "The working folder"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        sys.stderr.write(f"callreasons: {where}: something in it cannot be read or written. Check who may.\n")
        return 2
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        sys.stderr.write(f"callreasons: {where}: no space is left. Free some; the same command goes on from there.\n")
        return 4
    raise error
