"""The command line."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from conftest import NOW, SilentProgress
from typer.main import get_command
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.cli.init import make_project
from pipeline.cli.run import choose_inputs, choose_language, read_shard
from pipeline.config import Settings, read_project
from pipeline.errors import SettingsError
from pipeline.stages import STAGE_NAMES, RunOptions, choose_stages, run_stages
from pipeline.state import hold_lock

REPOSITORY = Path(__file__).parent.parent


def _callreasons(*arguments, cwd=None):
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200"}
    command = [sys.executable, "-m", "pipeline.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment)


def _commands(command, path=()):
    for name, child in getattr(command, "commands", {}).items():
        yield from _commands(child, (*path, name))
    if not hasattr(command, "commands"):
        yield " ".join(path), command


COMMANDS = dict(_commands(get_command(app)))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_says_what_it_does(name):
    """Every command has help with an example."""
    assert "Example" in (COMMANDS[name].help or ""), name


def test_every_stage_is_a_command():
    """Each stage has a command of its name."""
    assert set(STAGE_NAMES) <= set(COMMANDS)


def test_the_version_can_be_asked_for():
    """`--version` names the product and its version."""
    assert re.fullmatch(r"callreasons \d+\.\d+\.\d+", _callreasons("--version").stdout.strip())


def test_no_command_gets_the_help():
    """`callreasons` alone lists the commands and counts as a mistake."""
    done = _callreasons()
    assert done.returncode == 2
    assert "Usage" in done.stdout + done.stderr


def test_help_is_quick_to_load():
    """No heavy library is imported for --help."""
    code = "import sys, pipeline.cli; sys.exit(any(m in sys.modules for m in ('torch', 'spacy', 'sklearn', 'altair')))"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=REPOSITORY).returncode == 0


def test_init_makes_a_project_that_reads(tmp_path):
    """A new folder has the default settings and an empty taxonomy."""
    make_project(tmp_path / "calls")
    assert read_project(tmp_path / "calls").settings == Settings()
    assert "codes: []" in (tmp_path / "calls" / "taxonomy" / "reason_codes.yaml").read_text()


def test_inits_next_line_can_be_pasted(tmp_path):
    """A folder with spaces is quoted, and what explains the codes' fields stands beside them."""
    folder = tmp_path / "our calls"
    said = CliRunner().invoke(app, ["init", str(folder)]).output
    assert f"callreasons run --project '{folder}'" in said.replace("\n", "")
    assert "`number`" in (folder / "taxonomy" / "README.md").read_text(encoding="utf-8")


def test_init_never_overwrites(tmp_path):
    """A folder that is a project already is left alone."""
    make_project(tmp_path)
    with pytest.raises(SettingsError, match="already has"):
        make_project(tmp_path)


@pytest.mark.parametrize(("text", "shard"), [("1/1", (1, 1)), ("2/4", (2, 4))])
def test_shards_are_read(text, shard):
    """A shard is I of N, from 1."""
    assert read_shard(text) == shard


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b"])
def test_a_wrong_shard_is_named(text):
    """A shard that cannot be is refused."""
    with pytest.raises(SettingsError, match="I/N"):
        read_shard(text)


def test_given_inputs_start_from_the_current_folder(project, monkeypatch):
    """A path given to a command is the shell's, not the project's."""
    monkeypatch.chdir("/tmp")
    assert choose_inputs(project, "x", "", []).settings.ingest.recordings == "/tmp/x"
    assert choose_inputs(project, "", "", []) is project


def test_a_wrong_language_is_named(project):
    """A report language we do not write is refused."""
    with pytest.raises(SettingsError, match="en or zh"):
        choose_language(project, "fr")


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["run", "--project", "nowhere"], 2, "callreasons init"),
        (["run", "--from", "listen"], 2, "no stage"),
        (["run", "--recordings", "nowhere"], 2, "nowhere"),
        (["run", "--until", "ingest"], 4, "There are no calls"),
        (["show", "call", "x"], 2, "no call 'x'"),
        (["apply", "embed", "in.csv", "out.csv"], 2, ".parquet"),
        (["apply", "redact", "gone.csv", "out.csv"], 2, "gone.csv"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_mistakes_are_one_line_and_their_exit_code(tmp_path, arguments, code, word):
    """A person's mistake is said in a line that tells how to mend it, never a traceback."""
    make_project(tmp_path / "calls")
    ended = _callreasons(*arguments, cwd=tmp_path / "calls")
    assert ended.returncode == code, ended.stderr
    assert word in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_second_run_is_refused(tmp_path):
    """While one run holds the project another ends with 75."""
    make_project(tmp_path)
    with hold_lock(read_project(tmp_path)):
        ended = _callreasons("run", "--project", tmp_path)
    assert ended.returncode == 75
    assert len(ended.stderr.splitlines()) == 1


def test_a_new_failure_ends_with_3_once(tmp_path):
    """A failure ends a run with 3 the first time, and with 0 when it is known."""
    make_project(tmp_path)
    (tmp_path / "recordings" / "manifest.csv").write_text("call_id,talk_s\n1,long\n2,30\n")
    ends = [_callreasons("run", "--until", "ingest", "--project", tmp_path) for _ in range(2)]
    assert [ended.returncode for ended in ends] == [3, 0]
    assert "manifest.csv, column talk_s" in ends[0].stderr


def test_a_run_that_broke_off_leaves_its_failures_to_the_next(tmp_path):
    """A failure whose run ended before it said so ends the next run with 3 and a line."""
    make_project(tmp_path)
    (tmp_path / "recordings" / "manifest.csv").write_text("call_id,talk_s\n1,long\n2,30\n")
    stages = choose_stages("ingest", "ingest")
    run_stages(read_project(tmp_path), stages, RunOptions(), progress=SilentProgress(), now=NOW)
    ended = _callreasons("run", "--until", "ingest", "--project", tmp_path)
    assert (ended.returncode, "manifest.csv, column talk_s" in ended.stderr) == (3, True)


def test_an_offered_call_is_listed(tmp_path):
    """A call without a recording is listed with the reason why it has no code."""
    make_project(tmp_path)
    (tmp_path / "recordings" / "manifest.csv").write_text("call_id,queue\n1,orders\n")
    _callreasons("run", "--until", "ingest", "--project", tmp_path)
    shown = [
        json.loads(line) for line in _callreasons("show", "calls", "--json", "--project", tmp_path).stdout.splitlines()
    ]
    names = "call_id recording started_at language codes no_code candidates sentiment_label said_called_before"
    assert [list(row) for row in shown] == [names.split()]
    assert shown[0]["no_code"] == "not_heard"


def test_options_are_the_same_word_everywhere():
    """Every command that works on a project names it --project."""
    for name, command in COMMANDS.items():
        options = {option for parameter in command.params for option in parameter.opts}
        assert "--project" in options or name == "init" or name.startswith("models"), name
    assert isinstance(app, typer.Typer)
