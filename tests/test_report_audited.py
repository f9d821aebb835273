"""The report after an audit: corrected figures with their range in place of bare ones, and nothing new without one."""

import csv
import io

import openpyxl
import pytest
from auditing import FIRST_DAY, LAST_DAY, answer, keep_calls, make_measured
from invented_calls import CALLS, NEVER, Invented, write_calls
from reporting import Reader, in_language, read_page, run

from pipeline import report
from pipeline.audit.answers import find_round

# Every counted call is audited, so that all figures are certain: 101 lost a call to 102, 103 found one among the lost.
TRUE = {
    call.call_id: [said.reason for said in call.said if said.reason.isdigit()]
    or ("none_of_these" if call.said[0].reason.startswith("c-") else call.said[0].reason)
    for call in CALLS
    if call.said
} | {"a01": ["102"], "g03": ["103"]}


@pytest.fixture
def project(tmp_path):
    """An invented project whose every call was audited."""
    project = make_measured(tmp_path, CALLS, project={"timezone": "Asia/Shanghai"})
    answer(project, keep_calls(project, dict.fromkeys(TRUE, 1.0)), TRUE, "anna")
    return project


def read_csv(project, name):
    """Read a CSV of the report by heading."""
    path = report.find_report(project).parent / "csv" / f"{name}.csv"
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_without_an_audit_nothing_changes(tmp_path):
    """No section, no sheet, no other column."""
    project = make_measured(tmp_path, CALLS)
    run(project)
    assert 'id="audit"' not in read_page(project)
    assert not (report.find_report(project).parent / "csv" / "audited.csv").exists()
    assert not [name for name in read_csv(project, "reasons")[0] if "95" in name]


@pytest.mark.parametrize(
    ("language", "title", "note"),
    [
        (
            "en",
            "Corrected by an audit",
            "charts by reason and the bills show these figures in place of the bare counts",
        ),
        ("zh", "经人工抽查校正", "原因各表、首页要点、按原因的图表和部门账单以这些数字代替原始计数"),
    ],
)
def test_the_page_shows_corrected_figures_with_their_range(project, language, title, note):
    """The section says how many of how many calls of which days were audited, and by which method."""
    project = in_language(project, language)
    run(project)
    shown = " ".join(" ".join(Reader(read_page(project)).shown).split())
    assert title in shown
    assert note in shown
    assert "MOVER" in shown
    assert ("2 Nov 2026 to 15 Nov 2026" if language == "en" else "2026年11月2日") in shown


def test_a_reasons_row_has_the_estimate(project):
    """101 was counted seven times and true in six; its row and its own section both say so."""
    run(project)
    page = read_page(project)
    row = page.split('<a href="#code-101">My delivery never arrived</a></th>')[1].split("</tr>")[0]
    assert '<b>6</b> <small class="range">6–6</small>' in row
    section = page.split('id="code-101"')[1].split("</dl>")[0]
    assert '<b>6</b> <small class="range">6–6</small>' in section


def test_what_stands_first_is_corrected_too(project):
    """The first words, the bars and the department's bill have the estimate and its range, not the count."""
    run(project)
    page = read_page(project)
    cards = page.split('<section class="cards"')[1].split("</section>")[0]
    assert "code-103" in cards.split("</dt>")[0]  # 101 was counted most often, 103 is true most often
    assert 'class="range"' in cards.split("</dd>")[0]
    bars = page.split('<section id="top-ten">')[1].split("</section>")[0]
    assert "6 (6–6)" in bars
    audited = {row["Reason"]: row for row in read_csv(project, "audited") if row["Kind"] == "All of an owner"}
    bill = page.split("<h3>logistics</h3>")[1].split("</article>")[0]
    assert f"{float(audited['logistics']['Calls']):.0f} calls" in bill
    assert 'class="range"' in bill.split("</p>")[0]
    department = (report.find_report(project).parent / "departments" / "logistics.html").read_text(encoding="utf-8")
    assert department.count('class="range"') >= 4


def test_csv_and_workbook_hold_the_same(project):
    """The sheet of reasons has the estimate, its ends and the bare count behind; the audit has a sheet of its own."""
    run(project)
    rows = {row["Code"]: row for row in read_csv(project, "reasons")}
    calls = [rows["101"][name] for name in ("Calls", "Calls, 95 % from", "Calls, 95 % to", "Calls, as counted")]
    assert calls == ["6.0", "6.0", "6.0", "7"]
    candidates = [row for row in read_csv(project, "reasons") if not row["Code"] and row["Calls, 95 % from"] == ""]
    assert len(candidates) == 2
    audited = {row["Code"]: row for row in read_csv(project, "audited")}
    assert (audited["101"]["Calls as counted"], audited["101"]["Calls"]) == ("7", "6.0")
    workbook = openpyxl.load_workbook(report.find_report(project).parent / "report.xlsx")
    heading, *lines = workbook["Audit"].iter_rows(values_only=True)
    by_code = {line[0]: dict(zip(heading, line, strict=True)) for line in lines}
    assert by_code["103"]["Calls"] == float(audited["103"]["Calls"])
    assert by_code["101"]["Right when given"] == pytest.approx(6 / 7)


def test_an_audit_of_other_days_stands_apart(project):
    """When calls of later days came since, tables show bare counts and the section its own days."""
    write_calls(project, (*CALLS, Invented("later", 24 * 40, (NEVER,))))
    run(project)
    page = read_page(project)
    row = page.split('<a href="#code-101">My delivery never arrived</a></th>')[1].split("</tr>")[0]
    assert "<b>8</b>" in row
    assert "range" not in row
    shown = " ".join(" ".join(Reader(page).shown).split())
    assert "The report covers other days, so its tables show bare counts." in shown
    assert (FIRST_DAY.day, LAST_DAY.day) == (2, 15)
    assert "2 Nov 2026 to 15 Nov 2026" in shown


def test_an_answer_that_changes_makes_the_report_again(project):
    """A report that was made stays as it is until the figures change."""
    run(project)
    assert run(project).n_kept == 1
    answer(project, find_round(project), {"a02": "102"}, "anna", after_min=5)
    assert run(project).n_done == 1
