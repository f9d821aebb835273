"""Report, what to act on: targets, bills, the two-by-two, what came back, logging, rises and satisfaction."""

import pytest
from invented_calls import LATE, LOGIN, TWICE, Invented, Said, make_project
from reporting import in_language, read_page, run

from pipeline import report
from pipeline.config import Project
from pipeline.report.content import read_content
from pipeline.words import read_words

TARGET = "    target: {measure: calls, value: 1, per: week, by: 2027-03-31, who: head of billing, baseline: 7}\n"
ACTED_ON = ("targets", "bills", "corners", "again", "logged", "rises", "satisfaction")


@pytest.fixture(scope="module")
def acted_on(tmp_path_factory) -> Project:
    """A project with a target, logged codes, scores, a rise and a customer who came back."""
    calls = [
        Invented(
            f"w{week}-{n}",
            week * 168 + n,
            (TWICE if n % 2 else LATE,),
            customer=f"c{n}" if week == 2 else None,
            handle_s=(100.0 + 10 * (n % 5), 0.0, 0.0),
            known=(
                ("logged_code", "general"),
                ("csat", float(n % 4 + 1)),
                ("region", "north" if week == 5 else "west"),
            ),
        )
        for week, n_calls in enumerate((4, 4, 4, 4, 4, 40))
        for n in range(n_calls)
    ]
    again = [Invented("again", 2 * 168 + 30, (LOGIN,), customer="c1"), Invented("last", 6 * 168 - 20, (LATE,))]
    project = make_project(tmp_path_factory.mktemp("acted"), (*calls, *again))
    path = project.taxonomy / "reason_codes.yaml"
    path.write_text(path.read_text().replace("    owner: billing\n", f"    owner: billing\n{TARGET}"))
    for language in ("en", "zh"):
        run(in_language(project, language))
    return project


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_says_what_to_act_on(acted_on, language):
    """Targets, bills, the two-by-two, what came back, logging, what rose, and what a point of CSAT goes with."""
    page = read_page(in_language(acted_on, language))
    words = read_words(language)
    for part in ACTED_ON:
        assert f'<section id="{part}">' in page, part
    targets = page.partition('<section id="targets">')[2].partition("</section>")[0]
    assert words("state.behind") in targets
    assert "head of billing" in targets
    rises = page.partition('<section id="rises">')[2].partition("</section>")[0]
    assert words("dimension.region") in rises
    bills = page.partition('<section id="bills">')[2].partition("</section>")[0]
    assert bills.index("<h3>billing") < bills.index("<h3>logistics")
    assert 'href="#code-104"' in page.partition('<section id="again">')[2].partition("</section>")[0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_who_came_back_about_something_else_stands_beside_the_repeats(tmp_path, language):
    """No repeat of the same reason and one of another: the totals say both, as does what customers came back about."""
    calls = (Invented("a", 0, (LATE,), customer="c1"), Invented("b", 30, (LOGIN,), customer="c1"))
    project = in_language(make_project(tmp_path, calls), language)
    run(project)
    page, words = read_page(project), read_words(language)
    figure = page.partition(f"<dt>{words('totals.repeats')}</dt>")[2].partition("</dd>")[0]
    assert figure == f"<dd>0 <small>{words.count('totals.of_other', 1)}</small>"
    again = page.partition('<section id="again">')[2].partition("</section>")[0]
    assert words("again.note", days="7") in again


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_first_page_says_what_fell_and_how_many_calls_have_a_code(tmp_path, language):
    """A reason that fell stands under its own heading; coverage adds up to all calls and has a chart over time."""
    calls = [
        Invented(f"w{week}-{n}", week * 168 + n, (TWICE if n % 2 else LATE,))
        for week, n_calls in enumerate((40, 40, 40, 40, 4))
        for n in range(n_calls)
    ]
    calls += [Invented("silent", 20, (Said("not_said"),)), Invented("last", 5 * 168 - 20, (LATE,))]
    project = in_language(make_project(tmp_path, tuple(calls)), language)
    run(project)
    page, words = read_page(project), read_words(language)
    section = page.partition('<section id="rises">')[2].partition("</section>")[0]
    rose, fell, _ = section.partition("<h3>")[2].split("<h3>")
    assert words("changes.none") in rose
    assert words("changes.fell") in fell
    assert 'href="#code-103"' in fell
    assert read_content(project).coverage == {
        **dict.fromkeys(("candidate", "none_of_these", "undecided", "not_heard"), 0),
        "coded": 165,
        "not_said": 1,
    }
    coverage = page.partition('<section id="coverage">')[2].partition("</section>")[0]
    assert words("no_code.not_said") in coverage
    assert 'download="coverage.csv"' in coverage


@pytest.mark.parametrize(("n_weeks", "is_forecast"), [(1, False), (3, False), (4, True)])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_year_is_forecast_from_four_weeks_on(tmp_path, language, n_weeks, is_forecast):
    """From fewer the page and the department's page say that there is too little, and name no sum."""
    calls = [Invented(f"w{week}", week * 168, (LATE,), handle_s=(600.0, 0.0, 0.0)) for week in range(n_weeks)]
    project = in_language(make_project(tmp_path, (*calls, Invented("last", n_weeks * 168 - 20, (LATE,)))), language)
    run(project)
    words, folder = read_words(language), report.find_report(project).parent
    pages = [read_page(project), *(path.read_text("utf-8") for path in (folder / "departments").glob("*.html"))]
    assert len(pages) > 1
    for page in pages:
        assert (words.count("case.too_few_weeks", n_weeks) in page) is not is_forecast
    assert (words("case.saved", currency="EUR") in pages[0]) is is_forecast


def test_what_to_act_on_is_in_the_csvs_too(acted_on):
    """Each part has its table, with names instead of ids."""
    folder = report.find_report(in_language(acted_on, "en")).parent / "csv"
    rows = {
        name: (folder / f"{name}.csv").read_text("utf-8-sig").splitlines() for name in ("targets", "rises", "worth")
    }
    assert rows["targets"][1].startswith("103,I was charged twice,Calls,a week,head of billing,2027-03-31,7")
    assert {line.split(",")[0] for line in rows["rises"][1:]} == {"102", "103"}
    assert "102,My delivery is late,Code,value,irritant,Automate,yes" in rows["worth"]
