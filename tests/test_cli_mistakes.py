"""The command line when a person or the machine gets it wrong: one line, and the exit code that is theirs."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.cli import _say_trouble
from pipeline.cli.init import make_project

COMMAND = [sys.executable, "-m", "pipeline.cli"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["reprot"], "No such command"),
        (["show", "nonsense"], "`callreasons show --help`"),
        (["show", "call", "--loud"], "No such option"),
        (["run", "--budget-hours", "-1"], "--budget-hours"),
        (["init"], "DIR"),
        (["evaluate", "--data", "/nowhere"], "is no folder"),
        (["show", "measures", "--csv", "/nowhere/x.csv"], "Make it first"),
    ],
)
def test_a_wrong_word_is_one_line(tmp_path, arguments, said):
    """A command, an option or a path that is not there ends with 2 and one line that says how to mend it."""
    make_project(tmp_path / "calls")
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, env=ENVIRONMENT, cwd=tmp_path / "calls", check=False
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert done.stderr.startswith("callreasons: ")
    assert said in done.stderr


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [(errno.EACCES, 2, "Check who may"), (errno.EROFS, 2, "Check"), (errno.ENOSPC, 4, "Free")],
)
def test_a_folder_or_disk_in_the_way_is_one_line(capsys, number, code, said):
    """A read-only folder or a full disk is named by its folder; a recording's name, which can hold a number, is not."""
    assert _say_trouble(OSError(number, "", "/calls/recordings/+4915112345678.wav")) == code
    line = capsys.readouterr().err
    assert line.startswith("callreasons: '/calls/recordings': ")
    assert said in line
    assert "4915" not in line


def test_another_trouble_is_a_bug():
    """What nobody foresaw keeps its traceback."""
    with pytest.raises(OSError, match="odd"):
        _say_trouble(OSError(errno.EINVAL, "odd"))


def _hear_interrupts():
    """Undo what a shell does to commands that it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_is_one_line(tmp_path):
    """Who stops a run hears that nothing is lost, and the exit code is the shell's own for it."""
    make_project(tmp_path)
    (tmp_path / "recordings" / "a.wav").write_bytes(b"x")
    settings = tmp_path / "pipeline.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("settle_s = 2.0", "settle_s = 60.0"), encoding="utf-8"
    )
    command = [*COMMAND, "ingest", "--project", str(tmp_path)]
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        preexec_fn=_hear_interrupts,  # noqa: PLW1509 - one thread
    ) as run:
        while not (tmp_path / "state" / "run.lock").exists():
            time.sleep(0.1)
        time.sleep(1)
        run.send_signal(signal.SIGINT)
        said = run.communicate(timeout=30)[1]
    assert (run.returncode, said.count("\n")) == (130, 1), said
    assert "goes on from there" in said
