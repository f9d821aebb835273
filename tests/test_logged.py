"""Logged against heard: codes, notes and answers of agents beside what customers said; by hand on a few calls."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from conftest import NOW, SilentProgress
from invented_calls import CRASH, LATE, LOGIN, NEVER, TWICE, Invented, make_project
from measuring import measure
from sklearn.metrics import cohen_kappa_score
from test_reported import report_on

from pipeline import measure as stage
from pipeline.errors import InputError
from pipeline.measure.agreement import find_kappa
from pipeline.measure.asked import ANSWERS, code_answers, read_answers
from pipeline.report.logged_sheets import make_logged_sheets
from pipeline.report.reasons import read_reason_rows
from pipeline.taxonomy import Code, Taxonomy
from pipeline.words import read_words
from pipeline.work import Work

FIRST, SECOND = date(2026, 11, 2), date(2026, 11, 9)


def logged(*pairs, queue="orders", agent="ada", after_h=0.0):
    """Make a call for each pair of what was logged and what was said."""
    known = (("queue", queue), ("agent_id", agent))
    return [
        Invented(f"{queue}{agent}{n}", after_h + n / 100, (said,), known=(("logged_code", code), *known))
        for n, (code, said) in enumerate(pairs)
    ]


def test_kappa_by_hand():
    """Of 50 calls 35 agree: 0.7. By chance, 25/50 × 30/50 + 25/50 × 20/50 = 0.5. Kappa is (0.7 − 0.5) / 0.5 = 0.4."""
    kappa, low, high = find_kappa({("a", "a"): 20, ("a", "b"): 5, ("b", "a"): 10, ("b", "b"): 15})
    assert kappa == pytest.approx(0.4)
    assert (low, high) == pytest.approx((0.4 - 1.959964 * 0.126996, 0.4 + 1.959964 * 0.126996), abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_kappa_is_that_of_scikit_learn(seed):
    """Whatever codes both sides use, also such as the other never does."""
    random = np.random.default_rng(seed)
    heard = random.choice(["1", "2", "3", "4"], 200)
    said = np.where(random.random(200) < 0.6, heard, random.choice(["2", "3", "general"], 200))
    pairs = {}
    for pair in zip(said.tolist(), heard.tolist(), strict=True):
        pairs[pair] = pairs.get(pair, 0) + 1
    assert find_kappa(pairs)[0] == pytest.approx(cohen_kappa_score(said, heard))


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [
        ({}, None),
        ({("a", "a"): 50}, None),
        ({("a", "a"): 1, ("b", "b"): 1}, 1.0),
        ({("a", "b"): 1, ("b", "a"): 1}, -1.0),
    ],
)
def test_few_calls_give_no_interval_and_one_code_no_kappa(pairs, kappa):
    """Where one code is all there is, nothing is known beyond chance."""
    assert find_kappa(pairs) == (kappa, None, None)


def test_each_queue_has_its_own_kappa():
    """Orders: 102 twice right, 103 right, 102 for 103: agreed 3/4, chance 3/4 × 2/4 + 1/4 × 2/4 = 1/2, kappa 1/2."""
    orders = logged(("102", LATE), ("102", LATE), ("103", TWICE), ("102", TWICE))
    other = logged(("general", LATE), ("102", LATE), queue="service")
    rows = {row["queue"]: row for row in measure([*orders, *other])["logged_agreement"].to_pylist()}
    assert (rows["orders"]["n_coded"], rows["orders"]["n_agreed"], rows["orders"]["kappa"]) == (4, 3, 0.5)
    assert (rows["service"]["n_agreed"], rows["service"]["n_general"], rows["service"]["kappa"]) == (1, 1, 0)
    assert rows["orders"]["kappa_low"] is None


def test_a_call_with_two_reasons_agrees_with_either():
    """An agent may log one code; both of what the customer said are right."""
    calls = [replace(one, said=(NEVER, LATE)) for one in logged(("102", LATE), ("101", NEVER), ("103", NEVER))]
    (row,) = measure(calls)["logged_agreement"].to_pylist()
    assert (row["n_coded"], row["n_agreed"]) == (3, 2)


def test_agents_are_compared_only_when_a_setting_asks():
    """No table has a row an agent by accident."""
    calls = [*logged(("102", LATE), ("103", TWICE)), *logged(("102", TWICE), ("102", LATE), agent="bo")]
    assert measure(calls)["agent_agreement"].num_rows == 0
    rows = measure(calls, show_agents=True)["agent_agreement"].to_pylist()
    assert [(row["agent_id"], row["n_logged"], row["n_agreed"], row["kappa"]) for row in rows] == [
        ("ada", 2, 2, 1.0),
        ("bo", 2, 1, 0.0),
    ]
    (queue,) = measure(calls, show_agents=True)["logged_agreement"].to_pylist()
    assert (queue["n_logged"], queue["n_agreed"]) == (4, 3)


def test_notes_are_a_source_of_their_own():
    """A note that says the code that was heard agrees; one that no code takes says nothing."""
    calls = logged(("general", LATE), ("103", TWICE), ("103", LOGIN))
    notes = [
        {"call_id": calls[0].call_id, "code": "102"},
        {"call_id": calls[1].call_id, "no_code": "none_of_these"},
    ]
    tables = measure(calls, notes=notes)
    rows = {row["source"]: row for row in tables["logged_agreement"].to_pylist()}
    assert (rows["note"]["n_logged"], rows["note"]["n_agreed"], rows["note"]["n_general"]) == (2, 1, 1)
    assert (rows["code"]["n_logged"], rows["code"]["n_agreed"], rows["code"]["n_general"]) == (3, 1, 1)
    pairs = {(one["logged_code"], one["reason_id"]) for one in tables["logged_reasons"].to_pylist()}
    assert ("none_of_these", "103") in pairs


def answer(week, queue, *codes):
    """Make coded answers; none_of_these where the code is empty."""
    return [
        {
            "week": week,
            "queue": queue,
            "reason_kind": "code" if code else "no_code",
            "reason_id": code or "none_of_these",
        }
        for code in codes
    ]


def test_answers_stand_beside_what_was_heard_in_their_week():
    """Orders heard 102 four times, 101 and 103 twice, a candidate twice, 104 once.

    Three reasons share the second place, so that four are among the first three. Of four answers two name one of them,
    one names 104, one says nothing that a code takes: 2/4.
    """
    said = [LATE] * 4 + [NEVER] * 2 + [TWICE] * 2 + [CRASH] * 2 + [LOGIN]
    calls = [Invented(f"a{n:02}", n, (one,), known=(("queue", "Orders"),)) for n, one in enumerate(said)]
    calls += [Invented("b", 170, (LOGIN,), known=(("queue", "service"),))]
    rows = [
        *answer(FIRST, "orders", "102", "103", "104", ""),
        *answer(SECOND, "", "104"),
        *answer(SECOND, "orders", "101"),
    ]
    tables = measure(calls, answers=pa.Table.from_pylist(rows, schema=ANSWERS))
    found = {(row["week"], row["queue"]): row for row in tables["asked_agreement"].to_pylist()}
    first = found[FIRST, "orders"]
    assert (first["n_answers"], first["n_named"], first["n_agreed"], first["agreed_ratio"]) == (4, 3, 2, 0.5)
    assert found[SECOND, ""]["agreed_ratio"] == 1
    assert found[SECOND, "orders"]["agreed_ratio"] is None
    ranks = {
        row["reason_id"]: (row["n_answers"], row["n_calls"], row["heard_rank"])
        for row in tables["asked_reasons"].to_pylist()
        if (row["week"], row["queue"]) == (FIRST, "orders")
    }
    assert ranks == {
        "102": (1, 4, 1), "101": (0, 2, 2), "103": (1, 2, 2), "c-crash": (0, 2, 2), "104": (1, 1, 5),
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize(
    "text",
    [
        "week,team,agent,answer\n2026-11-04,orders,Ada,102\n",
        "日期;技能组;坐席;回答\n2026/11/08;orders;Ada;102\n",
        "Answer\tDate\tAgent\tTeam\n102\t2026-W45\tAda\torders\n",
        "Date,Team,Who,Answer\n04.11.2026,orders,Ada,102\n",
        "Date,Team,Who,Answer\n2026-11-04 09:30,orders,Ada,102\n",
    ],
)
def test_whatever_a_spreadsheet_made_is_read(tmp_path, text, encoding):
    """Columns by their common names, days as people write them; each belongs to its Monday's week."""
    project = make_project(tmp_path, ())
    path = tmp_path / "asked.csv"
    path.write_bytes(text.encode(encoding))
    (one,) = read_answers(project, path).answers
    assert (one.week, one.queue, one.text) == (FIRST, "orders", "102")
    assert "Ada" not in repr(vars(one)), "who answered is never kept"


def test_a_row_that_cannot_be_read_is_numbered_without_its_words(tmp_path):
    """Without a day or an answer a row is left out, and said with its number in the file; an empty row counts."""
    path = tmp_path / "asked.csv"
    path.write_text("week,answer\nsoon,Ada was rude\n,\n2026-11-04,\n2026-11-04,102\n")
    found = read_answers(make_project(tmp_path, ()), path)
    assert len(found.answers) == 1
    (warning,) = found.warnings
    assert "left out: 2 without a day such as 2026-11-16, or empty (rows 2, 4)" in warning
    assert "rude" not in warning + repr(found.answers)


def test_a_missing_column_is_named(tmp_path):
    """The message says what there is."""
    path = tmp_path / "asked.csv"
    path.write_text("week,colour\n2026-11-04,red\n")
    with pytest.raises(InputError, match=r"no column for the answer \(found: week, colour\)"):
        read_answers(make_project(tmp_path, ()), path)


def test_an_answer_may_be_a_number_or_a_name(tmp_path):
    """Numbers and names in either language need no model; a merged code counts for what it became."""
    path = tmp_path / "asked.csv"
    path.write_text("week,answer\n2026-11-04,9\n2026-11-04,my  delivery is LATE\n2026-11-04,货送晚了\n")
    project = make_project(tmp_path, ())
    codes = (
        Code("102", {"en": "My delivery is late", "zh": "货送晚了"}),
        Code("9", status="retired", merged_into="102"),
    )
    coded = code_answers(read_answers(project, path).answers, Taxonomy(codes), project).to_pylist()
    assert [(row["reason_kind"], row["reason_id"]) for row in coded] == [("code", "102")] * 3


@pytest.mark.model
def test_an_answer_in_words_is_matched_like_a_call(tmp_path):
    """The same matcher codes it; what fits no code is none_of_these."""
    path = tmp_path / "asked.csv"
    path.write_text("week,answer\n2026-11-04,parcels that arrive late\n2026-11-04,the weather in Spain\n")
    project = make_project(tmp_path, ())
    late = (
        "my parcel is late",
        "the delivery is late again",
        "it should have come on Monday",
        "my parcel comes too late",
    )
    bill = (
        "my invoice is wrong",
        "the bill has a mistake",
        "you sent me a wrong invoice",
        "there is an error in my bill",
    )
    taxonomy = Taxonomy((Code("102", examples=late), Code("103", examples=bill)))
    coded = code_answers(read_answers(project, path).answers, taxonomy, project).to_pylist()
    assert [row["reason_id"] for row in coded] == ["102", "none_of_these"]


def test_measuring_again_after_a_new_answer(tmp_path):
    """A changed file of answers is measured again, an unchanged one is not; one that is gone is named."""
    project = make_project(tmp_path, (Invented("a", 0, (LATE,)),), measure={"weekly_question": "asked.csv"})
    path = tmp_path / "asked.csv"
    path.write_text("week,answer\n2026-11-02,102\n")

    def run():
        return stage.run(Work(project, "measure", "rows-v1", SilentProgress(), NOW))

    assert (run().n_done, run().n_done) == (1, 0)
    path.write_text("week,answer\n2026-11-02,102\n2026-11-02,103\n,103\n")
    assert "(row 4)" in run().warnings[0]
    assert project.store.read("asked_agreement")["n_answers"].to_pylist() == [2]
    path.unlink()
    with pytest.raises(InputError, match="weekly_question"):
        run()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_shows_queues_and_answers(tmp_path, language):
    """Kappa beside agreement, top answers beside top heard; sheets and CSVs too, of agents none."""
    sections = {"measure": {"weekly_question": "asked.csv"}, "report": {"language": language}}
    project = make_project(tmp_path, tuple(logged(("102", LATE), ("103", TWICE), ("102", TWICE))), **sections)
    (tmp_path / "asked.csv").write_text("week,team,answer\n2026-11-02,orders,102\n2026-11-02,orders,101\n")
    report_on(project, language=language)
    folder = project.reports / language
    page = (folder / "report.html").read_text("utf-8")
    section = page.partition('<section id="logged">')[2].partition("</section>")[0]
    navigation = page.partition("<nav")[2].partition("</nav>")[0]
    words = read_words(language)
    assert f'<a href="#asked">{words("sections.asked")}</a>' in navigation
    assert '<h3 id="asked">' in section
    for expected in (words("agents.by_queue"), words("agents.asked"), ">67%<", ">0.40<", ">50%<", 'href="#code-102"'):
        assert expected in section, expected
    assert (folder / "csv" / "asked_reasons.csv").exists()
    assert not (folder / "csv" / "agent_agreement.csv").exists()


def test_agents_have_a_sheet_only_where_asked_for(tmp_path):
    """With the setting, a row an agent; without it, as above, no sheet."""
    project = make_project(tmp_path, tuple(logged(("102", LATE), ("103", TWICE))), measure={"show_agents": True})
    stage.run(Work(project, "measure", "rows-v1", SilentProgress(), NOW))
    sheets = make_logged_sheets(project.store, read_reason_rows(project.store), read_words("en"))
    (agents,) = [sheet for sheet in sheets if sheet.name == "agent_agreement"]
    assert len(agents.rows) == 1
