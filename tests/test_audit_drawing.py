"""Drawing: what is in a round, and that nothing a person sees of it holds the machine's answer."""

import json

import pytest
from auditing import make_measured
from conftest import NOW
from invented_calls import CALLS, LATE, LOGIN, NEVER, Invented, Said, make_project

from pipeline.audit.answers import find_round, list_drawn
from pipeline.audit.drawing import draw_round
from pipeline.audit.questions import find_question, list_questions
from pipeline.audit.sheets import COLUMNS, read_said, write_questions
from pipeline.errors import InputError, MissingTableError
from pipeline.spreadsheets import read_sheet, write_sheet

COUNTED = {call.call_id for call in CALLS if call.said}


def test_a_round_is_drawn_and_kept(tmp_path):
    """Twelve of the 31 counted calls, each once, with chances that add up to twelve over all; the days are theirs."""
    project = make_measured(tmp_path)
    drawn, calls = draw_round(project, n_calls=12, seed=1, now=NOW)
    assert (drawn.round_id, drawn.n_calls, drawn.seed) == (1, 31, 1)
    assert (str(drawn.first_day), str(drawn.last_day)) == ("2026-11-02", "2026-11-15")
    assert len({one.call_id for one in calls}) == len(calls) == 12
    assert {one.call_id for one in calls} <= COUNTED
    assert all(0 < one.chance <= 1 for one in calls)
    assert find_round(project) == drawn
    assert list_drawn(project, drawn) == calls


def test_the_same_seed_draws_the_same_calls(tmp_path):
    """Another seed draws others."""
    project = make_measured(tmp_path)
    rounds = [draw_round(project, n_calls=10, seed=seed, now=NOW)[1] for seed in (1, 1, 2)]
    assert rounds[0] == rounds[1]
    assert {one.call_id for one in rounds[0]} != {one.call_id for one in rounds[2]}


def test_chances_are_those_of_the_drawing(tmp_path):
    """Over many seeds each call is drawn as often as its chance says; calls with the rarest code more often."""
    calls = (*(Invented(f"n{at}", at, (NEVER,)) for at in range(16)), Invented("r1", 3, (NEVER, LOGIN)))
    project = make_measured(tmp_path, calls)
    rounds = [draw_round(project, n_calls=3, seed=seed, now=NOW)[1] for seed in range(60)]
    chances = {one.call_id: (one.chance, one.stratum) for calls in rounds for one in calls}
    assert chances["r1"] == (pytest.approx(1 / 9 * 3), "104")
    del chances["r1"]
    assert set(chances.values()) == {(chances["n0"][0], "101")}
    assert chances["n0"][0] == pytest.approx(0.5 / 9 * 3)
    n_rare = sum(one.call_id == "r1" for calls in rounds for one in calls)
    assert 10 <= n_rare <= 30  # 20 on average


def test_doubt_is_a_stratum(tmp_path):
    """A code that leads the second one by less than a half is in doubt, and twice as likely to be drawn."""
    project = make_measured(
        tmp_path, (Invented("a", 0, (NEVER,)), Invented("b", 1, (NEVER,)), Invented("c", 2, (LATE,)))
    )
    rows = project.store.read("call_reasons").to_pylist()
    for row in rows:
        row |= {"score_ratio": 0.9, "second_score_ratio": 0.5 if row["call_id"] == "b" else 0.1}
    from pipeline.tables import make_table

    project.store.write_whole("call_reasons", "doubts", make_table("call_reasons", rows))
    found = {one.call_id: one for seed in range(8) for one in draw_round(project, n_calls=2, seed=seed, now=NOW)[1]}
    assert found["b"].stratum == "101 in doubt"
    assert found["b"].chance == pytest.approx(2 * found["a"].chance)


def test_nothing_shows_the_machines_answer(tmp_path):
    """A question is when and what the customer said; its sheet has no code, no kind, no candidate, no agent's word."""
    project = make_measured(tmp_path)
    drawn, _ = draw_round(project, n_calls=31, seed=0, now=NOW)
    questions = {one.call_id: one for one in list_questions(project, drawn)}
    assert questions.keys() == COUNTED
    assert [turn.text for turn in questions["a01"].turns] == [NEVER.text]
    assert (questions["a01"].language, questions["g03"].turns) == ("en", ())
    path = tmp_path / "sheet.csv"
    write_questions(path, list(questions.values()))
    rows = read_sheet(path)
    assert set(rows[0]) == set(COLUMNS)
    told = json.dumps(
        [{name: row[name] for name in ("customer", "code_1", "code_2", "code_3", "no_code")} for row in rows]
    )
    assert not [word for word in ("101", "none_of_these", "c-crash", "of course", "My delivery never") if word in told]
    assert find_question(project, "a01") == questions["a01"]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_sheet_is_filled_and_read_back(tmp_path, suffix):
    """What looks like a formula is words; codes come in order; a row without an answer is left out."""
    calls = (
        Invented("a", 0, (Said("101", "=cmd|' /C calc'!A0", None),)),
        Invented("b", 1, (LATE,)),
        Invented("c", 2, (LATE,)),
    )
    project = make_measured(tmp_path, calls)
    drawn, _ = draw_round(project, n_calls=3, seed=0, now=NOW)
    path = tmp_path / f"sheet{suffix}"
    write_questions(path, list_questions(project, drawn))
    if suffix == ".csv":
        assert ",'=cmd" in path.read_text(encoding="utf-8-sig")
    fill(path, {"a": {"code_1": "103", "code_2": "101"}, "b": {"no_code": "Not_Said"}})
    said = read_said(path)
    assert {call_id: (one.codes, one.no_code) for call_id, one in said.items()} == {
        "a": (("103", "101"), ""),
        "b": ((), "not_said"),
    }


def fill(path, said):
    """Fill a sheet in the way a person does in a spreadsheet."""
    rows = [row | said.get(row["call_id"], {}) for row in read_sheet(path)]
    write_sheet(path, "audit", rows, list(rows[0]))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"code_1": "101", "no_code": "not_said"}, r"row 2: codes and a kind of no-code exclude each other"),
        ({"no_code": "dunno"}, r"row 2: no_code should be one of none_of_these, undecided, not_said, not_heard"),
    ],
)
def test_an_answer_that_cannot_be_names_its_row(tmp_path, row, message):
    """The line says which row to mend, never what stands in it."""
    project = make_measured(tmp_path, (Invented("a", 0, (NEVER,)),))
    drawn, _ = draw_round(project, n_calls=1, seed=0, now=NOW)
    path = tmp_path / "sheet.csv"
    write_questions(path, list_questions(project, drawn))
    fill(path, {"a": row})
    with pytest.raises(InputError, match=message) as raised:
        read_said(path)
    assert "dunno" not in str(raised.value)


def test_a_sheet_of_something_else_is_refused(tmp_path):
    """It lacks our columns."""
    (tmp_path / "other.csv").write_text("call_id,answer\na,101\n", encoding="utf-8")
    with pytest.raises(InputError, match="has no column 'code_1'"):
        read_said(tmp_path / "other.csv")
    (tmp_path / "twice.csv").write_text("call_id,code_1,no_code\na,101,\na,102,\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 3: call 'a' has another answer before"):
        read_said(tmp_path / "twice.csv")


def test_there_must_be_calls_to_draw_from(tmp_path):
    """Before measure, without a call, and for less than one, the line says what to do."""
    with pytest.raises(MissingTableError, match="callreasons run"):
        draw_round(make_project(tmp_path / "unmeasured"), n_calls=5, seed=0, now=NOW)
    empty = make_measured(tmp_path / "empty", ())
    with pytest.raises(InputError, match="No call is counted yet"):
        draw_round(empty, n_calls=5, seed=0, now=NOW)
    with pytest.raises(InputError, match="--calls should be 1 or more, got 0"):
        draw_round(empty, n_calls=0, seed=0, now=NOW)
