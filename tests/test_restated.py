"""Restated: what was reported beside what the same weeks come to now, with why, and nothing left over."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import openpyxl
import pytest
from conftest import NOW
from invented_calls import LATE, LOGIN, NEVER, TWICE, Invented, Said, make_project, write_calls
from test_reported import report_on

from pipeline.decisions import Move
from pipeline.report.causes import Cause, describe_causes
from pipeline.report.restated import compare_records
from pipeline.reported import read_record
from pipeline.tables import TABLES
from pipeline.words import read_words

WEEKS = (date(2026, 11, 2), date(2026, 11, 9))
STATE = {"unit_cost": 0.0, "status": "active", "merged_into": "", "examples_id": "e"}


def make_rows(counts, *, n_calls, codes=None, **common):
    """Make a record's rows of two weeks: each reason's calls, all calls, and what the taxonomy said of each code."""
    told = dict.fromkeys(TABLES["reported"].schema.names) | {
        "reported_on": NOW.date(),
        "taxonomy": "t1",
        "encoder": "m",
        "settings": "s",
        "coded_with": "f",
        **common,
    }
    keys = [("candidate" if reason.startswith("c-") else "code", reason) for reason in counts]
    rows = []
    for period, start, place in (("all", WEEKS[0], None), ("week", WEEKS[0], 0), ("week", WEEKS[1], 1)):
        at = {**told, "period": period, "period_start": start}
        for kind, reason in keys:
            n = sum(counts[reason]) if place is None else counts[reason][place]
            state = STATE | (codes or {}).get(reason, {}) if kind == "code" and place is None else {}
            named = {"name_en": reason, "name_zh": reason, **{k: v for k, v in state.items() if k.startswith("name")}}
            rows.append({**at, "reason_kind": kind, "reason_id": reason, "n_calls": n, "cost": 2.0 * n} | named | state)
        n = sum(n_calls) if place is None else n_calls[place]
        total = {"reason_kind": "total", "reason_id": "all", "n_calls": n, "cost": 0.0, "name_en": None}
        rows.append(at | total | {"name_zh": None})
    return rows


def explain(was=None, now=None, moves=(), **common):
    """Compare two records whose code 101 went from 3 and 2 calls to 4 and 2; say why."""
    before = make_rows({"101": (3, 2), "102": (1, 1)}, n_calls=(4, 3), codes={"101": was or {}})
    after = make_rows(
        {"101": (4, 2), "102": (0, 1)}, n_calls=(4, 3), codes={"101": now or {}}, **{"taxonomy": "t2", **common}
    )
    return compare_records(before, after, moves)


def test_a_merge_moves_calls_and_leaves_none_over():
    """103 (5 and 2 calls) goes into 104 (2 and 1); one call had both: 7 of the 10 reasons stay 104's but one.

    Reported: 10 reasons in 9 calls, so 1 beyond the first. Restated: 9 in 9, none beyond.
    """
    was = make_rows({"103": (5, 2), "104": (2, 1)}, n_calls=(6, 3))
    merged = {"103": {"status": "retired", "merged_into": "104"}}
    now = make_rows({"103": (0, 0), "104": (6, 3)}, n_calls=(6, 3), codes=merged, taxonomy="t2")
    found = compare_records(was, now)
    told = {one.reason_id: (one.reported, one.restated, one.difference) for one in found.reasons}
    assert told == {"103": (7, 0, -7), "104": (3, 9, 6)}
    causes = {one.reason_id: one.causes for one in found.reasons}
    assert causes == {"103": (Cause("merged", ("104",)),), "104": (Cause("took_in", ("103",)),)}
    assert (found.total.difference, found.further.reported, found.further.restated) == (0, 1, 0)
    assert (found.first_day, found.last_day, found.changed) == (WEEKS[0], date(2026, 11, 15), ("taxonomy",))


def test_calls_counted_since_are_part_of_the_difference():
    """Three calls came later: they are named as a cause, and the sum says how many they are."""
    was = make_rows({"101": (3, 2), "102": (1, 1)}, n_calls=(4, 3))
    now = make_rows({"101": (6, 1), "102": (1, 2)}, n_calls=(7, 3), taxonomy="t2", codes={"102": {"examples_id": "x"}})
    found = compare_records(was, now)
    assert [(one.reason_id, one.difference) for one in found.reasons] == [("101", 2), ("102", 1)]
    assert (found.total.difference, found.further.difference) == (3, 0)
    assert found.reasons[0].causes == (Cause("others"), Cause("calls"))
    assert found.reasons[1].causes == (Cause("examples"), Cause("calls"))


@pytest.mark.parametrize("period", ["week", "month"])
def test_what_differs_always_adds_up(period, tmp_path):
    """In every period the reasons' differences are those of the calls and of the reasons beyond the first."""
    project = make_project(tmp_path, CALLS)
    report_on(project, days=15)
    was = read_record(project, date(2026, 12, 6)).to_pylist()
    change_codes(project)
    found = compare_records(was, read_after_change(project, days=16))
    rows = [one for one in found.rows if one.period == period]
    assert rows
    for start in {one.period_start for one in rows}:
        theirs = [one for one in rows if one.period_start == start]
        checks = [one for one in theirs if one.kind in ("total", "further")]
        reasons = [one for one in theirs if one not in checks]
        for name in ("reported", "restated", "difference"):
            assert sum(getattr(one, name) for one in reasons) == sum(getattr(one, name) for one in checks)
        for name in ("cost_reported", "cost_restated"):
            both = [sum(getattr(one, name) for one in part) for part in (reasons, checks)]
            assert both[0] == pytest.approx(both[1], abs=0.01)


@pytest.mark.parametrize(
    ("was", "now", "moves", "causes"),
    [
        ({}, {"examples_id": "x"}, (), [Cause("examples")]),
        ({}, {"examples_id": "x"}, (Move("a", "102", "101"),), [Cause("moved_here", ("102",))]),
        ({}, {"examples_id": "x"}, (Move("a", "101", "104"),), [Cause("moved_away", ("104",))]),
        ({}, {"status": "retired"}, (), [Cause("retired")]),
        ({"status": "retired"}, {}, (), [Cause("reinstated")]),
        ({"merged_into": "102"}, {}, (), [Cause("reinstated")]),
        ({}, {"examples_id": "x", "unit_cost": 3.0}, (), [Cause("examples"), Cause("priced")]),
        ({}, {"examples_id": "x", "name_en": "new"}, (), [Cause("examples"), Cause("renamed", ("101",))]),
        ({}, {"name_zh": "新"}, (), [Cause("renamed", ("101",))]),
        ({}, {}, (), [Cause("facts")]),
    ],
)
def test_why_is_told_from_the_codes_then_and_now(was, now, moves, causes):
    """What became of the code, of its sentences, its cost and its name; facts where nothing else is known."""
    found = explain(was, now, moves)
    assert list(found.reasons[0].causes) == causes


def test_a_code_that_changed_moves_the_calls_of_others():
    """102 lost a call though nobody touched it: another code's sentences changed, or its name in either language."""
    for changed in ({"examples_id": "x"}, {"name_en": "x"}, {"name_zh": "x"}):
        assert explain(now=changed).reasons[1].causes == (Cause("others"),)


@pytest.mark.parametrize(
    ("common", "changed", "causes"),
    [
        ({"encoder": "m2", "taxonomy": "t1"}, ("encoder",), (Cause("encoder"),)),
        (
            {"settings": "s2", "encoder": "m2"},
            ("taxonomy", "encoder", "settings"),
            (Cause("encoder"), Cause("settings")),
        ),
        ({"taxonomy": "t1"}, ("program",), (Cause("program"),)),
    ],
)
def test_a_model_settings_or_the_program_are_named(common, changed, causes):
    """What was made with something else says so; where nothing else changed it was the program."""
    found = explain(**common)
    assert (found.changed, found.reasons[0].causes) == (changed, causes)


def test_new_and_gone_codes_and_candidates_are_named():
    """A code that the earlier record does not list is new; a candidate that became one is gone."""
    was = make_rows({"101": (3, 2), "c-1": (2, 2), "9": (1, 0)}, n_calls=(6, 4))
    now = make_rows({"101": (3, 2), "105": (2, 2), "c-2": (1, 0)}, n_calls=(6, 4), taxonomy="t2")
    causes = {one.reason_id: one.causes for one in compare_records(was, now).reasons}
    assert {name: [one.what for one in theirs] for name, theirs in causes.items()} == {
        "105": ["added"], "c-1": ["lost"], "9": ["deleted"], "c-2": ["found"],
    }  # fmt: skip


def test_old_calls_that_kept_their_codes_are_said():
    """After --only-new the calls are of two codings, and other codes are no cause."""
    found = explain(now={"examples_id": "x"}, coded_with="f2 f")
    assert found.kept_codes
    assert found.reasons[1].causes == (Cause("facts"),)


def test_a_week_that_was_not_over_is_compared_only_where_no_call_came_later():
    """The report of Wednesday 11 November knew half of its week."""
    was = make_rows({"101": (3, 2)}, n_calls=(3, 2), reported_on=date(2026, 11, 11))
    later = make_rows({"101": (2, 9)}, n_calls=(3, 9), taxonomy="t2")
    assert [one.period_start for one in compare_records(was, later).rows if one.kind == "code"] == [WEEKS[0]]
    same = make_rows({"101": (2, 1)}, n_calls=(3, 2), taxonomy="t2")
    assert [one.period_start for one in compare_records(was, same).rows if one.kind == "code"] == list(WEEKS)


def test_nothing_is_said_where_nothing_differs():
    """Other codes that leave every count as it was restate nothing."""
    was = make_rows({"101": (3, 2)}, n_calls=(3, 2))
    assert compare_records(was, make_rows({"101": (3, 2)}, n_calls=(3, 2), taxonomy="t2")) is None


CALLS = (
    Invented("a1", 0, (NEVER,), handle_s=(100.0, 0.0, 0.0)),
    Invented("a2", 1, (NEVER, LATE), handle_s=(200.0, 0.0, 0.0)),
    Invented("a3", 26, (LATE,), handle_s=(100.0, 0.0, 0.0)),
    Invented("a4", 200, (TWICE,), handle_s=(100.0, 0.0, 0.0)),
    Invented("a5", 201, (LOGIN,), handle_s=(100.0, 0.0, 0.0)),
)


def change_codes(project):
    """Merge 101 into 102, as a curator would, and code the calls again; one more call of the first week comes late."""
    path = project.taxonomy / "reason_codes.yaml"
    merged = "    owner: logistics\n    status: retired\n    merged_into: 102\n"
    path.write_text(path.read_text().replace("    owner: logistics\n", merged, 1))
    calls = [
        replace(one, said=tuple(Said("102", said.text) if said == NEVER else said for said in one.said))
        for one in CALLS
    ]
    write_calls(project, (*calls, Invented("late", 3, (TWICE,), handle_s=(100.0, 0.0, 0.0))))


def read_after_change(project, days=1.0, language="en"):
    """Report again, and read the record of that day."""
    report_on(project, days=days, language=language, made_with="page-v2")
    return read_record(project, (NOW + timedelta(days=days)).date()).to_pylist()


SHOWN = {
    "en": (
        "merged into 102",
        "101 was merged into it; calls counted since",
        "All reasons together came to 6 and now come to 6: +1 by calls counted since, −1 by",
    ),
    "zh": (
        "并入 102",
        "101 并入此编码；此后新计入的通话",
        "全部原因合计原为 6，现为 6：此后新计入的通话 +1，每通原因数的变化 −1。",
    ),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_workbook_and_csv_show_both_side_by_side(tmp_path, language):
    """101 had 2 calls and has none, 102 had 2 and has 3: a2 said both. 103 has one more; the sum is the same."""
    project = make_project(tmp_path, CALLS)
    report_on(project, language=language)
    folder = project.reports / language
    assert 'id="restated"' not in (folder / "report.html").read_text("utf-8")
    assert not (folder / "csv" / "restated.csv").exists()
    change_codes(project)
    read_after_change(project, language=language)
    page = (folder / "report.html").read_text("utf-8")
    section = page.partition('<section id="restated">')[2].partition("</section>")[0]
    assert f'<a href="#restated">{read_words(language)("sections.restated")}</a>' in page.partition("</nav>")[0]
    for expected in SHOWN[language]:
        assert expected in section
    rows = list(csv.reader(io.StringIO((folder / "csv" / "restated.csv").read_text("utf-8-sig"))))
    weeks = {(row[1], row[2]): row[5:8] for row in rows if row[2]}
    assert weeks["2026-11-02", "101"] == ["2", "0", "-2"]
    assert weeks["2026-11-02", "102"] == ["2", "3", "1"]
    workbook = openpyxl.load_workbook(folder / "report.xlsx")
    sheet = workbook[read_words(language)("restated.sheet")]
    assert sheet.max_row == len(rows)


def test_the_comparison_stays_for_a_month(tmp_path):
    """The next day's report compares with the same day, so that it need not be written again; later it is history."""
    project = make_project(tmp_path, CALLS)
    report_on(project)
    change_codes(project)
    page = project.reports / "en" / "report.html"
    read_after_change(project)
    before = page.stat().st_mtime_ns
    report_on(project, days=2, made_with="page-v2")
    assert page.stat().st_mtime_ns == before
    report_on(project, days=40, made_with="page-v2")
    assert 'id="restated"' not in page.read_text("utf-8")


def test_causes_are_said_in_both_languages():
    """Every cause has its words."""
    whats = (
        "added deleted merged took_in retired reinstated moved_here moved_away examples priced renamed found lost "
        "others encoder settings program calls facts"
    )
    for what in whats.split():
        for language in ("en", "zh"):
            assert describe_causes([Cause(what, ("101",))], read_words(language))
