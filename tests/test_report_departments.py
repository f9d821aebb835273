"""Report, departments: each gets a page of its own bill, with nothing about the others and nothing to fetch."""

import pytest
from invented_calls import CALLS, NEVER, make_project
from reporting import Reader, in_language, read_page, run

from pipeline import report
from pipeline.config import Project
from pipeline.report.page import name_department


def open_page(project: Project, name: str) -> str:
    """Read a department's page."""
    return (report.find_report(project).parent / "departments" / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """A project reported in both languages."""
    project = make_project(tmp_path_factory.mktemp("departments"))
    for language in ("en", "zh"):
        run(in_language(project, language))
    return project


@pytest.mark.parametrize(
    ("language", "own", "others"),
    [("en", "I was charged twice", "My delivery never arrived"), ("zh", "重复扣款", "货一直没收到")],
)
def test_a_department_reads_its_own_bill_and_no_others(project, language, own, others):
    """Its reason, cost and quotes are there; names, quotes and links of the others are not."""
    page = open_page(in_language(project, language), "billing.html")
    assert own in page
    assert "you took the money from my card twice" in page
    for absent in (others, "logistics", NEVER.text, "app closes on the payment page"):
        assert absent not in page


def test_a_departments_page_needs_nothing_else(project):
    """No script, sound, picture or link to another file; the numbers of its charts are inside it."""
    page = Reader(open_page(project, "logistics.html"))
    assert not [tag for tag, _ in page.tags if tag in ("script", "audio", "img", "link", "iframe")]
    assert {one["href"].split(",")[0] for one in page.find("a")} == {"data:text/csv;charset=utf-8;base64"}
    assert len(page.find("a")) == len(page.find("svg")) == 2


def test_the_bill_leads_to_the_page(project):
    """Every department's bill has its link, and the file is there."""
    links = {one["href"] for one in Reader(read_page(project)).find("a") if one["href"].startswith("departments/")}
    assert links == {"departments/billing.html", "departments/logistics.html"}
    assert all((report.find_report(project).parent / link).is_file() for link in links)


def test_the_page_of_a_department_that_is_gone_goes(tmp_path):
    """When nobody calls about a department's reasons any more, no old bill lies about."""
    project = make_project(tmp_path, CALLS)
    run(project)
    path = project.taxonomy / "reason_codes.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("owner: billing", "owner: 账务 / Payments"), encoding="utf-8"
    )
    run(project)
    folder = report.find_report(project).parent / "departments"
    assert {page.name for page in folder.iterdir()} == {"logistics.html", name_department("账务 / Payments")}


@pytest.mark.parametrize(
    "owner",
    ["billing", "Billing", "账务", "../x", "a/b", "a b", "...", "a" * 300, "con<script>", "con", "aux", "com1", "CON"],
)
def test_a_departments_file_name_is_safe_and_its_own(owner):
    """No folder, no sign that a file system minds, and no two departments share a page, whatever the case."""
    name = name_department(owner)
    assert name.removesuffix(".html").replace("-", "").isalnum()
    assert len(name) < 80
    assert name.removesuffix(".html").lower() not in {"con", "aux", "com1"}, "Windows keeps these names for devices"
    assert name.lower() != name_department(owner + "?").lower()
    assert name == "billing.html" or owner != "billing"
    assert owner != "Billing" or name.lower() != "billing.html"
