"""Report: what a manager reads is what was measured, and nothing that a caller said can do harm."""

import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from conftest import NOW, SilentProgress
from invented_calls import (
    CALLS,
    CANDIDATES,
    CRASH,
    GONE,
    PARTS,
    Invented,
    Said,
    make_project,
    recording_name,
    write_calls,
)
from reporting import Reader, in_language, read_page, run

from pipeline import measure, report
from pipeline.config import Project, Settings
from pipeline.errors import MissingTableError
from pipeline.report import sheets
from pipeline.report.bars import draw_top
from pipeline.report.charts import draw_trends
from pipeline.report.content import read_content
from pipeline.report.csvs import make_csv
from pipeline.report.drawings import check_svg
from pipeline.report.markup import mark_placeholders
from pipeline.report.sheets import make_sheets
from pipeline.report.trends import Trend
from pipeline.spreadsheets import guard_text
from pipeline.tables import Store
from pipeline.words import read_words
from pipeline.work import Work


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """A project reported in both languages."""
    project = make_project(tmp_path_factory.mktemp("project"))
    for language in ("en", "zh"):
        run(in_language(project, language))
    return project


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_first_page_says_what_a_manager_needs(project, language):
    """Period, funnel, counts, cost, what is new, and what the numbers rest on, in the report's language."""
    shown = " ".join("".join(Reader(read_page(in_language(project, language))).shown).split())
    words = read_words(language)
    for expected in (
        words("title"),
        *(words(f"funnel.{step}") for step in ("offered", "recorded", "heard", "said_why", "coded")),
        words("rule.time"),
        words.count("basis.roles_unknown", 1),
        words.count("basis.roles_swapped", 1),
        words.count("dropped.not_listened", 1),
        words.count("basis.estimated", 17),
        *(words(f"no_code.{kind}") for kind in ("none_of_these", "undecided", "not_said", "not_heard")),
        *(name for name, _ in CANDIDATES.values()),
    ):
        assert expected in shown


@pytest.mark.parametrize(
    ("language", "one", "other"), [("en", "Late / Other", "Lost / Other"), ("zh", "晚到 / 其他", "丢失 / 其他")]
)
def test_near_pairs_that_met_are_named(project, language, one, other):
    """The page names each pair that shares a code or a candidate with a link to it, and the sheet has every pair."""
    page = read_page(in_language(project, language))
    section = page.partition('<section id="pairs">')[2].partition("</section>")[0]
    shown = " ".join("".join(Reader(section).shown).split())
    assert read_words(language).count("pairs.met", 2, of="3") in shown
    assert one in shown
    assert other not in shown
    assert {link["href"] for link in Reader(section).find("a")} == {"#code-101", "#candidate-c-crash"}
    sheet = report.find_report(in_language(project, language)).parent / "csv" / "near_pairs.csv"
    assert len(sheet.read_text("utf-8-sig").splitlines()) == 4


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_says_what_came_what_went_and_what_a_candidate_falls_into(project, language):
    """Sub-reasons, a candidate that is new since the last run, one that is gone and where to, and what is noise."""
    shown = " ".join("".join(Reader(read_page(in_language(project, language))).shown).split())
    words = read_words(language)
    told = (*PARTS, GONE, words("new.went_to", reason_id="101"), words("new.gone"), words("new.since"))
    for expected in (*told, words("basis.noise"), words("reason.parts")):
        assert expected in shown
    assert shown.count(words("new.since")) == 1
    folder = report.find_report(in_language(project, language)).parent / "csv"
    assert PARTS[0] in (folder / "sub_reasons.csv").read_text(encoding="utf-8")
    assert GONE in (folder / "gone.csv").read_text(encoding="utf-8")


def test_names_follow_the_language(project):
    """A code has its Chinese name in the Chinese report, or the one it has."""
    chinese = {one.reason_id: one.name for one in report.read_summary(in_language(project, "zh"))}
    assert chinese["101"] == "货一直没收到"
    assert chinese["104"] == "I cannot log in"


def test_the_summary_ranks_reasons_by_calls(project):
    """Most calls first, the dearer one first among equals, those without a code last."""
    rows = report.read_summary(project)
    assert [row.number for row in rows[:3]] == ["101", "103", "102"]
    assert [row.kind for row in rows[-4:]] == ["no_code"] * 4
    assert (rows[0].n_calls, rows[0].currency, rows[0].owner) == (7, "EUR", "logistics")


def test_the_page_needs_nothing_else(project):
    """No style, script, font or picture comes from another file or another machine."""
    page = Reader(read_page(project))
    assert not [tag for tag in page.tags if tag[0] in ("link", "img", "iframe", "object", "embed")]
    assert all("src" not in attributes for attributes in page.find("script"))
    links = [one["href"] for one in page.find("a")] + [one["src"] for one in page.find("audio")]
    assert not [link for link in links if re.match(r"https?:|//", link)]
    assert "@import" not in read_page(project)


def test_every_link_inside_the_page_leads_somewhere(project):
    """Each reason of the table has its section."""
    page = Reader(read_page(project))
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert {one["href"][1:] for one in page.find("a") if one["href"].startswith("#")} <= ids
    assert {"code-101", "candidate-c-crash", "no_code-undecided"} <= ids


def test_reasons_of_one_shortened_name_have_a_bar_each(project):
    """Two candidates whose long names begin alike are two bars, each with its own amount."""
    reasons = read_content(project).reasons[:2]
    alike = [replace(one, kind="candidate", name="x" * 40 + str(at)) for at, one in enumerate(reasons)]
    chart = draw_top(alike, "n_calls", read_words("en"))
    assert chart.svg.count("x" * 33 + "…<") == 2


def test_tables_and_charts_speak_to_a_screen_reader(project):
    """Headings have a scope, tables a caption, drawings and bars a description."""
    page = Reader(read_page(project))
    assert all(attributes.get("scope") for attributes in page.find("th"))
    assert len(page.find("caption")) == len(page.find("table"))
    described = [one for _, one in page.tags if one.get("role") == "img"]
    assert described
    assert all(one["aria-label"] for one in described)


def test_a_quote_plays_from_its_second_under_a_name_that_says_nothing(project):
    """Players name call and part; the link leads to the recording; a recording that is gone has no player."""
    sources = {one["src"] for one in Reader(read_page(project)).find("audio")}
    assert "audio/a04-0.wav#t=4.5" in sources
    folder = report.find_report(project).parent
    assert all((folder / source.split("#")[0]).is_file() for source in sources)
    assert (folder / "audio" / "a04-0.wav").readlink() == project.root / "recordings" / recording_name("a04")
    assert not [source for source in sources if source.startswith("audio/a06")]


@pytest.mark.parametrize(
    ("language", "turned", "kept"), [("en", "bad (from bad to well)", "bad"), ("zh", "不满（从不满到满意）", "不满")]
)
def test_a_quote_says_how_the_customer_came_and_left(tmp_path, language, turned, kept):
    """A feeling that turned in the call is shown as from and to; one that did not is named once."""
    said = (Said("101", "my lamp never came"),)
    calls = [
        Invented("t1", 1, said, label="negative", end_label="positive"),
        Invented("t2", 2, (Said("101", "nothing came at all"),), label="negative"),
    ]
    project = in_language(make_project(tmp_path, calls), language)
    run(project)
    shown = " ".join(" ".join(Reader(read_page(project)).shown).split())
    assert turned in shown
    assert shown.count("from bad to well" if language == "en" else "从不满到满意") == 1
    assert kept in shown.replace(turned, "")


def test_no_recordings_name_appears_in_any_file(project):
    """A file name can hold a phone number: it stands in no page, workbook or CSV."""
    for path in project.reports.rglob("*"):
        if path.is_file() and path.parent.name != "audio":
            content = path.read_bytes()
            if path.suffix == ".xlsx":
                content = "\n".join(str(value) for sheet in read_workbook(path).values() for value in sheet).encode()
            assert b"5550100" not in content, path.name


HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)> & "quoted"'


def test_what_a_caller_said_is_only_ever_text(tmp_path):
    """Markup in a quote, a candidate's name or a chart's label is shown, never obeyed."""
    calls = (*CALLS, Invented("z01", 1, (Said("c-crash", HOSTILE),)), Invented("z02", 2, (Said("101", HOSTILE),)))
    project = make_project(tmp_path, calls, report={"n_quotes": 20})
    table = project.store.read("clusters").to_pylist()
    names = [{**row, "name": HOSTILE} for row in table]
    project.store.write_whole(
        "clusters", "hostile", measure.pa.Table.from_pylist(names, schema=project.store.read("clusters").schema)
    )
    run(project)
    page = Reader(read_page(project))
    assert len(page.find("script")) == 1
    assert not page.find("img")
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert "".join(page.shown).count(HOSTILE) >= 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("call me on [PHONE] now", "call me on <mark>[PHONE]</mark> now"),
        ("<b>[NAME]</b>", "&lt;b&gt;<mark>[NAME]</mark>&lt;/b&gt;"),
        ("[laughs] [x", "[laughs] [x"),
        ("", ""),
    ],
)
def test_placeholders_are_marked_and_all_else_is_escaped(text, shown):
    """What the redactor put in stands out; nothing else becomes markup."""
    assert mark_placeholders(text) == shown


def read_workbook(path: Path) -> dict[str, list[object]]:
    """Read every cell's value of every sheet."""
    workbook = openpyxl.load_workbook(path)
    return {sheet.title: [cell.value for row in sheet.iter_rows() for cell in row] for sheet in workbook}


def test_the_workbook_has_numbers_days_filters_and_frozen_headings(project):
    """Excel can sum, sort and filter every sheet."""
    workbook = openpyxl.load_workbook(report.find_report(project).parent / "report.xlsx")
    for sheet in workbook:
        assert sheet.freeze_panes == "A2", sheet.title
        assert sheet.auto_filter.ref or sheet.max_row == 1, sheet.title
    row = {heading.value: cell for heading, cell in zip(workbook["Reasons"][1], workbook["Reasons"][2], strict=True)}
    assert row["Calls"].value == 7
    assert row["Cost (EUR)"].value == pytest.approx(97.8322, abs=1e-4)
    assert row["First heard"].value == datetime(2026, 11, 2)  # noqa: DTZ001
    assert row["First heard"].is_date


def test_no_cell_of_the_workbook_is_a_formula(project):
    """A caller's words that begin with an equals sign stay words."""
    workbook = openpyxl.load_workbook(report.find_report(project).parent / "report.xlsx")
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if isinstance(cell.value, str) and cell.value.startswith("=what")]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert not [cell for cell in cells if cell.hyperlink]


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
    ],
)
def test_a_csv_runs_nothing(text, guarded):
    """Words that look like a formula get an apostrophe; numbers stay numbers."""
    assert guard_text(text) == guarded
    assert make_csv(["n", "t"], [(-1.5, text)]).splitlines()[1].startswith("-1.5,")


def test_each_chart_has_its_numbers_one_click_away(project):
    """As many CSVs inside the page as drawings, each with a heading and a row a bar."""
    page = Reader(read_page(project))
    links = [one for one in page.find("a") if "download" in one]
    charts = [one for one in links if not one["download"].endswith("-cuts.csv")]
    assert len(charts) == len(page.find("svg")) == 5 + 8
    assert all(one["href"].startswith("data:text/csv") for one in links)


def test_only_the_last_calls_and_days_have_rows(project, monkeypatch):
    """Workbook and CSV hold the same: the newest reasons of calls, and the last single days of each reason."""
    monkeypatch.setattr(sheets, "MAX_CALLS", 12)
    monkeypatch.setattr(sheets, "MAX_DAYS", 2)
    content, words = read_content(project), read_words("en")
    made = {sheet.name: sheet.rows for sheet in make_sheets(content, project, words, NOW)}
    days = sorted(project.store.read("reason_calls")["day"].to_pylist(), reverse=True)
    assert [row[1] for row in made["calls"]] == days[:12]
    shown = {row[1] for row in made["reasons_by_period"] if row[0] == words("period.day")}
    assert shown == {day for day in days if (content.last_day - day).days < 2}


@pytest.mark.parametrize(("most", "ticks"), [(1, "01"), (2, "012"), (3, "0123")])
def test_a_small_count_has_no_tick_twice(most, ticks):
    """Calls are whole: the axis of a rare reason names each number once."""
    trend = Trend("day", (date(2026, 11, 2), date(2026, 11, 3)), {"n_calls": (most, 0)}, date(2026, 11, 3))
    many = Trend("day", trend.starts, {"n_calls": (900, 400)}, trend.last_day)
    chart = draw_trends({"many": many, "code-1": trend}, "Calls", read_words("en"))["code-1"]
    assert "".join(re.findall(r'text-anchor="end"[^>]*>(\d+)<', chart.svg)) == ticks


@pytest.mark.parametrize("svg", ["<svg><script/></svg>", "<svg><a href='x'/></svg>", "<svg><g onclick='x'/></svg>"])
def test_a_chart_is_shapes_and_text_alone(svg):
    """Nothing in a drawing can run or lead away."""
    with pytest.raises(ValueError, match="shapes and text"):
        check_svg(svg)


def test_a_year_is_shown_by_week_and_its_open_week_is_said(tmp_path):
    """Beyond five weeks a bar is a week, and one that is not over is said to be so."""
    calls = tuple(Invented(f"y{n:02}", n * 170, (CRASH,), customer="anna") for n in range(10))
    project = make_project(tmp_path, calls)
    run(project)
    page = read_page(project)
    words = read_words("en")
    assert words("chart.by_week") in page
    assert words("chart.open_week") in page


def test_a_report_of_nothing_says_so(tmp_path):
    """Without a call there is a page, and it says what to do."""
    project = make_project(tmp_path, ())
    run(project)
    assert read_words("en")("empty") in read_page(project)


def test_nothing_changed_nothing_written(tmp_path):
    """A second report touches no file; new words, a gone recording or --force write again; old links go."""
    project = make_project(tmp_path, CALLS[:4])
    assert run(project).n_done == 1
    before = {path: path.lstat().st_mtime_ns for path in project.reports.rglob("*")}
    assert run(project).n_done == 0
    assert {path: path.lstat().st_mtime_ns for path in project.reports.rglob("*")} == before
    assert run(project, force=True).n_done == 1
    (project.root / "recordings" / recording_name("a01")).unlink()
    assert run(project).n_done == 1
    assert not (report.find_report(project).parent / "audio" / "a01-0.wav").is_symlink()
    write_calls(project, CALLS[:5])
    assert run(project).n_done == 1


def test_the_largest_table_is_read_once(project, monkeypatch):
    """However many parts of the report need the reasons' metrics, they come from disk whole once."""
    names = []
    read = Store.read

    def count(store, name, columns=()):
        if not columns:
            names.append(name)
        return read(store, name, columns)

    monkeypatch.setattr(Store, "read", count)
    report.run(Work(project, "report", "page-v1", SilentProgress(), NOW, force=True))
    assert names.count("reason_metrics") == 1


def test_a_crash_half_way_is_made_good(tmp_path):
    """Without the mark that is written last, the report is made again."""
    project = make_project(tmp_path, CALLS[:4])
    run(project)
    (report.find_report(project).parent / ".made_from").unlink()
    assert run(project).n_done == 1


def test_without_measures_one_line_says_what_to_run(tmp_path):
    """A report before measure is refused."""
    with pytest.raises(MissingTableError, match="reason_metrics"):
        report.run(Work(Project(tmp_path, Settings()), "report", "page-v1", SilentProgress(), NOW))
