"""A run that is killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.cli.init import make_project

REPOSITORY = Path(__file__).parent.parent
SAYINGS = [
    "Hello, my parcel was due on Monday and it still has not come.",
    "Hi, you have taken the money for my order twice.",
    "你好，我的快递显示签收了，但是我根本没收到。",
    "Good morning, the glass arrived broken, can I have another one?",
    "我想问一下退款为什么还没到账。",
]
N_CALLS = 20
N_KILLS = 3

pytestmark = pytest.mark.model


def _make(folder):
    make_project(folder)
    calls = [
        {"call_id": f"c{index:02}", "started_at": f"2026-11-{index % 20 + 1:02} 10:00", "text": SAYINGS[index % 5]}
        for index in range(N_CALLS)
    ]
    lines = (json.dumps(call, ensure_ascii=False) for call in calls)
    (folder / "recordings" / "chats.jsonl").write_text("\n".join(lines))
    return folder


def _start(*arguments):
    command = [sys.executable, "-m", "pipeline.cli", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def _run(*arguments):
    with _start(*arguments) as process:
        output, errors = process.communicate()
    assert process.returncode == 0, errors
    return output


def _show(folder):
    calls, reasons = (_read_shown(what, folder) for what in ("calls", "reasons"))
    for call in calls:
        call.pop("candidates")  # ids are opaque and differ between projects
    return calls, [(row["n_calls"], row["cost"]) for row in reasons]


def _read_shown(what, folder):
    shown = CliRunner().invoke(app, ["show", what, "--json", "--project", str(folder)])
    assert shown.exit_code == 0, shown.output
    return [json.loads(line) for line in shown.stdout.splitlines()]


def test_a_killed_run_loses_and_doubles_nothing(tmp_path):
    """A run killed again and again ends with what an undisturbed run has, and then has nothing left to do."""
    quiet, killed = _make(tmp_path / "quiet"), _make(tmp_path / "killed")
    started_s = time.monotonic()
    _run("run", "--quiet", "--project", quiet)
    length_s = time.monotonic() - started_s
    chance = random.Random(7)
    for _ in range(N_KILLS):
        with _start("run", "--quiet", "--project", killed) as process:
            time.sleep(chance.uniform(0.2, 0.9) * length_s)
            process.send_signal(signal.SIGKILL)
    _run("run", "--quiet", "--project", killed)
    assert _show(killed) == _show(quiet)
    again = [json.loads(line) for line in _run("run", "--json", "--project", killed).splitlines()]
    assert {row["stage"]: row["n_done"] for row in again if row["n_done"]} == {}
