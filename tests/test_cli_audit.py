"""`callreasons audit`: what its commands print, write and end with."""

import json

import pytest
from auditing import make_measured
from invented_calls import LATE, NEVER, Invented
from typer.testing import CliRunner

from pipeline.audit.answers import find_round, list_answers, list_rounds
from pipeline.cli import app
from pipeline.config import read_project
from pipeline.errors import InputError
from pipeline.spreadsheets import read_sheet, write_sheet

CALLS = (Invented("a", 0, (NEVER,)), Invented("b", 1, (NEVER,)), Invented("c", 2, (LATE,)), Invented("d", 3, (LATE,)))


@pytest.fixture
def folder(tmp_path):
    """A measured project of four calls."""
    make_measured(tmp_path, CALLS)
    (tmp_path / "pipeline.toml").write_text('[project]\ntimezone = "Asia/Shanghai"\n', encoding="utf-8")
    return tmp_path


def call(folder, *arguments):
    """Call a command of `audit`; a person's mistake is raised."""
    done = CliRunner().invoke(app, ["audit", *map(str, arguments), "--project", str(folder)])
    if isinstance(done.exception, Exception):
        raise done.exception
    return done


def fill(folder, name, answers):
    """Fill in a copy of the sheet of round 1."""
    rows = [row | answers.get(row["call_id"], {}) for row in read_sheet(folder / "reports" / "audit-1.xlsx")]
    write_sheet(folder / name, "audit", rows, list(rows[0]))
    return folder / name


def test_two_people_audit_four_calls(folder):
    """Drawn, filled in twice, read back, resolved and scored: 101 has three calls of the two counted."""
    said = call(folder, "sample", "--calls", 4).output
    assert "Round 1: 4 of 4 calls, 2026-11-02 to 2026-11-02" in said
    assert "101 2, 102 2" in said
    answers = {"a": {"code_1": "101"}, "b": {"code_1": "101"}, "c": {"code_1": "101"}, "d": {"code_1": "102"}}
    done = call(folder, "answers", fill(folder, "anna.xlsx", answers), "--who", "anna").output
    assert "4 answers of anna in round 1; 0 calls are open." in done
    answers["c"] = {"no_code": "not_said"}
    del answers["d"]
    done = call(folder, "answers", fill(folder, "ben.csv", answers), "--who", "ben").output
    assert "3 answers of ben in round 1; 1 calls are open." in done
    scored = call(folder, "score")
    assert "3 (3–3)" in scored.stdout
    assert "1 answered differently, the first answer counts; `callreasons audit resolve`: c" in scored.stderr
    call(folder, "resolve", "c", "102", "--who", "dora")
    rows = [json.loads(line) for line in call(folder, "score", "--json").stdout.splitlines()]
    assert [(row["reason_id"], row["n_counted"], row["n_calls"]) for row in rows] == [
        ("101", 2, 2.0),
        ("102", 2, 2.0),
        ("logistics", 4, 4.0),
        ("all", 4, 4.0),
    ]
    assert read_project(folder).store.has("audited_reasons")
    shown = CliRunner().invoke(app, ["show", "reasons", "--project", str(folder)]).stdout
    assert "2 (2–2)" in shown
    assert "corrected by an audit" in shown
    lines = CliRunner().invoke(app, ["show", "reasons", "--json", "--project", str(folder)]).stdout.splitlines()
    found = {row["reason_id"]: row for row in map(json.loads, lines)}
    assert (found["101"]["n_calls"], found["101"]["corrected"]["n_calls"]["value"]) == (2, 2.0)


def test_json_has_a_line_a_call_without_the_machines_answer(folder):
    """Call, time, language and the customer's words, and nothing else."""
    lines = [json.loads(line) for line in call(folder, "sample", "--calls", 3, "--json").stdout.splitlines()]
    assert len(lines) == 3
    assert all(set(line) == {"round_id", "call_id", "started_at", "language", "customer"} for line in lines)
    assert {turn["text"] for line in lines for turn in line["customer"]} <= {NEVER.text, LATE.text}


def test_a_sheet_that_cannot_be_written_draws_nothing(folder):
    """The mistake is said before a round is kept."""
    for output, message in (("audit.txt", r"should end in .csv or .xlsx"), ("nowhere/audit.csv", "is not there")):
        with pytest.raises(InputError, match=message):
            call(folder, "sample", "--output", folder / output)
    assert list_rounds(read_project(folder)) == []


def test_a_person_can_say_it_again(folder):
    """A second sheet replaces what it answers; without --who the login is meant."""
    call(folder, "sample", "--calls", 4, "--seed", 5)
    call(folder, "answers", fill(folder, "one.csv", {"a": {"code_1": "101"}}), "--who", "anna")
    call(folder, "answers", fill(folder, "two.csv", {"a": {"code_1": "102", "code_2": "101"}}), "--who", "anna")
    project = read_project(folder)
    (kept,) = list_answers(project, find_round(project))
    assert (kept.call_id, kept.said.codes) == ("a", ("102", "101"))


def test_a_kind_of_no_code_resolves_too(folder):
    """It stands where a code would."""
    call(folder, "sample", "--calls", 4)
    call(folder, "resolve", "a", "not_heard", "--who", "dora")
    project = read_project(folder)
    (kept,) = list_answers(project, find_round(project))
    assert (kept.said.no_code, kept.is_resolved) == ("not_heard", True)
