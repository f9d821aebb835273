"""Curate, audit in the browser: two people code the same twenty calls by keys alone, and the counts are corrected."""

import re
import subprocess
from urllib.parse import unquote

import pytest
from browsing import ENVIRONMENT, NEEDS_CHROMIUM, PROGRAM, come_in, launch_chromium, serve_page
from curated_project import HOSTILE, PASSWORD, find_recording_path, make_curated
from invented_calls import CALLS
from reporting import run
from test_report_audited import read_csv

from pipeline.audit.answers import find_round, list_answers
from pipeline.audit.scoring import score_round
from pipeline.tables import NO_CODES, make_table

pytestmark = NEEDS_CHROMIUM

N_CALLS = 20
PEOPLE = {"anna": "audit", "bo": "audit", "ida": "curate"}
KIND_KEYS = {"none_of_these": "n", "undecided": "u", "not_said": "m", "not_heard": "h"}
TOLD = {call.call_id: [said.reason for said in call.said] for call in (*CALLS, *HOSTILE)}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with the words of every call, and three accounts."""
    project = make_curated(tmp_path_factory.mktemp("audited"))
    rows = [
        {"call_id": call.call_id, "turn_index": at, "role": "customer", "part_index": 0, "language": call.language,
         "text": said.text, "start_s": said.start_s, "end_s": said.start_s}
        for call in (*CALLS, *HOSTILE) for at, said in enumerate(call.said) if said.text
    ]  # fmt: skip
    project.store.write_whole("turns", "every", make_table("turns", rows))
    for name, role in PEOPLE.items():
        command = ["curate", "accounts", "add", name, "--role", role, "--project", str(project.root)]
        subprocess.run([*PROGRAM, *command], input=f"{PASSWORD}\n", text=True, env=ENVIRONMENT, check=True)
    return project


@pytest.fixture(scope="module")
def address(project):
    """Where the page is served, as in earnest."""
    with serve_page(project.root) as address:
        yield address


@pytest.fixture(scope="module")
def chromium():
    """Start Chromium once."""
    with launch_chromium() as chromium:
        yield chromium


def code_calls(tab, meant, doubts):
    """Answer what is open with keys alone, as each call was meant; `doubts` are other answers by place."""
    tab.keyboard.press("j")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/audit/calls/**")
    for at in range(N_CALLS):
        asked = tab.url
        told = doubts.get(at) or meant[unquote(asked.rpartition("/")[2])]
        codes = [reason for reason in told if reason.isdigit()]
        for code in codes:
            tab.keyboard.type(code)
            tab.keyboard.press("Enter")
        if not codes:
            tab.keyboard.press(KIND_KEYS[told[0] if told[0] in NO_CODES else "none_of_these"])
        tab.keyboard.press("s" if at % 2 else "Control+Enter")
        tab.wait_for_url(lambda url, asked=asked: url != asked)
    assert tab.url.endswith("/audit")


def test_two_people_audit_and_the_report_is_corrected(project, address, chromium):
    """Drawn, coded twice by keys, one difference settled by a key, made to count: the report has the score's counts."""
    ida = come_in(chromium, address, "ida")
    ida.goto(f"{address}/audit")
    ida.fill("input[name=calls]", str(N_CALLS))
    ida.click(".drawing button")
    ida.wait_for_selector(".round")
    for name, doubts in (("anna", {}), ("bo", {4: ["104", "102"]})):  # which no call means
        code_calls(come_in(chromium, address, name), TOLD, doubts)

    ida.goto(f"{address}/audit")
    ida.click("text=1 call answered differently")
    ida.wait_for_selector(".case")
    ida.wait_for_load_state()  # before it no key is listened to
    assert ida.locator(".given").count() == 2
    ida.keyboard.press("1")
    ida.wait_for_selector("text=Nothing is left to resolve.")
    ida.goto(f"{address}/audit/score/1")
    figures = ida.inner_text("dl.figures")
    assert re.search(r"People agree\s+0\.\d\d\s+0\.\d\d–0\.\d\d", figures), figures
    ida.click(".counting button")
    ida.wait_for_selector("text=The round counts")

    drawn = find_round(project)
    answers = list_answers(project, drawn)
    assert {name: sum(one.who == name for one in answers) for name in PEOPLE} == {"anna": 20, "bo": 20, "ida": 1}
    run(project)
    shown = {row["Code"]: float(row["Calls"]) for row in read_csv(project, "audited") if row["Code"]}
    scored = {one.label: one.estimate.n_calls.value for one in score_round(project, drawn).labels}
    assert shown == pytest.approx({code: scored[code] for code in shown}, abs=0.06)
    assert {"101", "102", "103"} <= set(shown)


def test_a_name_narrows_the_card_and_the_first_is_taken(address, chromium, project):
    """/ begins a search by name in either language, arrows choose, Enter takes, Backspace takes away; p plays."""
    tab = come_in(chromium, address, "ida")
    tab.goto(f"{address}/audit/resolve/1/{find_played(project)}")
    before = tab.locator(".chosen li").count()
    tab.keyboard.press("/")
    tab.keyboard.type("送")
    assert [one.get_attribute("data-number") for one in tab.locator(".choice:visible").all()] == ["102"]
    tab.keyboard.press("Control+a")
    tab.keyboard.type("10")
    assert tab.locator(".choice:visible").count() == 4
    tab.keyboard.type("3")
    assert tab.locator(".choice.lit").get_attribute("data-number") == "103"
    tab.keyboard.press("Control+a")
    tab.keyboard.type("deliv")
    tab.keyboard.press("ArrowDown")
    assert tab.locator(".choice.lit").get_attribute("data-number") == "102"
    tab.keyboard.press("Escape")
    for _ in range(before):
        tab.keyboard.press("Backspace")
    tab.keyboard.type("104")
    tab.keyboard.press("Enter")
    tab.keyboard.type("101")
    tab.keyboard.press("Enter")
    assert tab.locator(".chosen li").all_inner_texts() == ["104 I cannot log in", "101 My delivery never arrived"]
    tab.keyboard.press("n")
    assert tab.locator(".chosen li").count() == 0
    tab.keyboard.press("p")
    tab.wait_for_selector("#player:not([hidden])")


def find_played(project):
    """Find a drawn call that can be played."""
    drawn = {one.call_id for one in list_answers(project, find_round(project))}
    return next(
        one for one in sorted(drawn) if find_recording_path(project, one).exists() and TOLD[one] != ["not_said"]
    )


def test_a_call_is_coded_without_a_script(address, chromium, project):
    """The plain form has a field for each code and for no code, and saves them."""
    tab = come_in(chromium, address, "ida", java_script_enabled=False)
    call_id = find_played(project)
    tab.goto(f"{address}/audit/resolve/1/{call_id}")
    tab.locator("select[name=code]").nth(0).select_option("103")
    tab.locator("select[name=code]").nth(1).select_option("102")
    tab.locator("select[name=code]").nth(2).select_option("")
    tab.locator("input[name=no_code][value='']").check()
    tab.click(".answering .strong")
    tab.wait_for_url("**/audit/differing/1")
    kept = [one.said.codes for one in list_answers(project, find_round(project)) if one.call_id == call_id]
    assert ("103", "102") in kept


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (820, 1180)])
@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_no_audit_page_is_wider_than_its_screen(address, chromium, project, width, height, language):
    """On a desk and on a tablet, in both languages, nothing has to be scrolled sideways."""
    tab = come_in(chromium, address, "ida")
    tab.set_viewport_size({"width": width, "height": height})
    tab.set_extra_http_headers({"accept-language": language})
    pages = ("", "/score/1", "/differing/1", f"/resolve/1/{find_played(project)}")
    for url in pages:
        tab.goto(f"{address}/audit{url}")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, url
