"""State."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from conftest import NOW

from pipeline.errors import LockedError
from pipeline.state import (
    hash_id,
    hold_lock,
    open_state,
    read_failures,
    read_key,
    write_failures,
    write_said,
)
from pipeline.work import Failure

FAILURE = Failure("transcribe", "c1", "The recording is empty.")


def test_only_a_first_failure_is_new(project):
    """A failure is new until a run has said it; its attempts are counted."""
    assert write_failures(project, "transcribe", [FAILURE], still={}, now=NOW) == [FAILURE]
    write_said(project, [FAILURE])
    assert write_failures(project, "transcribe", [FAILURE], still={}, now=NOW) == []
    assert [failure.n_attempts for failure in read_failures(project)] == [2]


def test_a_failure_that_nobody_was_told_of_is_new(project):
    """What failed in a run that was killed is new to the next one, tried again or left alone."""
    left = Failure("transcribe", "c2", "x")
    write_failures(project, "transcribe", [FAILURE, left], still={}, now=NOW)
    assert write_failures(project, "transcribe", [FAILURE], still={"c2": 1}, now=NOW) == [FAILURE, left]
    assert [failure.n_attempts for failure in read_failures(project)] == [2, 1]


def test_failures_of_an_older_version_are_known(project):
    """What stood in the database before failures had the mark is not said again."""
    with open_state(project) as connection:
        connection.execute("drop table failures")
        connection.execute(
            "create table failures (stage text, item text, recording text, error text, n_attempts integer, "
            "first_at text, last_at text, primary key (stage, item))"
        )
        connection.execute("insert into failures values ('transcribe', 'c1', '', 'x', 1, '', '')")
    assert write_failures(project, "transcribe", [FAILURE], still={}, now=NOW) == []


def test_many_open_an_older_state_at_once(project):
    """Each finds the mark or adds it, and none fails because another was first."""
    for _ in range(10):
        for path in project.state.glob("callreasons.db*"):
            path.unlink()
        with open_state(project) as connection:
            connection.execute("alter table failures drop column said")
        waiting = Barrier(6)

        def add(_, waiting=waiting):
            waiting.wait()
            write_failures(project, "transcribe", [FAILURE], still={}, now=NOW)

        with ThreadPoolExecutor(6) as executor:
            list(executor.map(add, range(6)))
        assert [failure.n_attempts for failure in read_failures(project)] == [6]


def test_success_forgets_a_failure(project):
    """What does not fail any more is no longer listed; what was not tried again stays."""
    write_failures(project, "transcribe", [FAILURE, Failure("transcribe", "c2", "x")], still={}, now=NOW)
    write_failures(project, "transcribe", [], still={"c2": 3}, now=NOW)
    assert [failure.item for failure in read_failures(project)] == ["c2"]


def test_the_key_is_made_once_for_its_owner_alone(project):
    """The key stays the same and no one else may read it."""
    assert read_key(project) == read_key(project)
    assert (project.state / "key").stat().st_mode & 0o777 == 0o600


def test_ids_are_hashed_with_the_key():
    """A person's id cannot be told from its hash without the key."""
    assert hash_id("4711", b"k1") == hash_id(" 4711 ", b"k1")
    assert hash_id("4711", b"k1") != hash_id("4711", b"k2")
    assert "4711" not in hash_id("4711", b"k1")


def test_a_second_run_is_told_so(project):
    """Two runs cannot hold one project; the second learns which process does."""
    with hold_lock(project), pytest.raises(LockedError, match=r"process \d+"), hold_lock(project):
        pass


def test_the_lock_goes_with_its_process(project):
    """A killed run leaves no lock behind."""
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from pipeline.config import Project, Settings; from pipeline.state import hold_lock\n"
        "with hold_lock(Project(Path(sys.argv[1]), Settings())): os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(project.root)], check=False).returncode == -9
    with hold_lock(project):
        pass
