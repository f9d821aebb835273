"""Curate, the whole loop: the demo's calls from a run to codes, an audit and a report that has both."""

import csv
import shutil
import subprocess
from collections import defaultdict

import pytest
from browsing import (
    ENVIRONMENT,
    NEEDS_CHROMIUM,
    PROGRAM,
    READY_MS,
    come_in,
    launch_chromium,
    save_what_is_shown,
    serve_page,
)
from curated_project import PASSWORD
from demo_as_chats import DEMO, make_demo_as_chats
from test_curate_audit_browser import code_calls

from pipeline.config import read_project
from pipeline.taxonomy import TAXONOMY_FILE, read_taxonomy

pytestmark = [pytest.mark.model, NEEDS_CHROMIUM]

ROLES = {"wei": "curate", "anna": "audit", "bo": "audit"}
N_CALLS = 20


def call(folder, *arguments, said=""):
    """Run a command as people do; anything but a success fails."""
    command = [*PROGRAM, *arguments, "--project", str(folder)]
    done = subprocess.run(command, input=said, text=True, env=ENVIRONMENT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A first run on the demo, and three people."""
    folder = make_demo_as_chats(tmp_path_factory.mktemp("loop") / "calls")
    call(folder, "run", "--quiet")
    for name, role in ROLES.items():
        call(folder, "curate", "accounts", "add", name, "--role", role, said=f"{PASSWORD}\n")
    return folder


@pytest.fixture(scope="module")
def address(folder):
    """Where the page is served."""
    with serve_page(folder) as address:
        yield address


@pytest.fixture(scope="module")
def chromium():
    """Start Chromium once."""
    with launch_chromium() as chromium:
        yield chromium


def read_meant(changed):
    """Read what each call was meant to say: its codes as they are now, else that no code fits, else no reason."""
    meant = defaultdict(list)
    with (DEMO / "reasons.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["code"]:
                meant[row["call_id"]].append(changed.get(row["code"], row["code"]))
            else:
                meant.setdefault(row["call_id"], ["none_of_these"] if row["reason"] else ["not_said"])
    return defaultdict(lambda: ["not_said"], meant)


def name_largest_candidate(tab, address):
    """Give the largest candidate a number and a name from its page."""
    tab.goto(f"{address}/candidates")
    tab.locator(".row a.main").first.click()
    tab.wait_for_url("**/candidates/c-*")
    for box in tab.locator(".quote .pick").all()[:4]:
        box.check()
    tab.fill("input[name=name_en]", "Points are gone")
    tab.fill("input[name=owner]", "loyalty")
    tab.click("button[value=add]")
    return save_what_is_shown(tab)


def merge_codes(tab, address, number, into):
    """Merge a code into another from its page."""
    tab.goto(f"{address}/codes/{number}")
    tab.locator("summary", has_text="Merge").click()
    tab.select_option("details[open] select[name=into]", into)
    tab.click("button[value=merge]")
    assert save_what_is_shown(tab) == into


def split_code(tab, address, number):
    """Split a code as suggested."""
    tab.goto(f"{address}/split/code/{number}")
    tab.locator(".list.goes .row").first.wait_for(timeout=READY_MS)
    tab.fill("input[name=name_en]", "Split off")
    tab.click("button[value=split]")
    return save_what_is_shown(tab)


def audit_calls(chromium, address, tab, meant):
    """Draw calls, have two people code them by keys, differ on one, settle it, and make the round count."""
    tab.goto(f"{address}/audit")
    tab.fill("input[name=calls]", str(N_CALLS))
    tab.click(".drawing button")
    tab.wait_for_selector(".round")
    for name, doubts in (("anna", {}), ("bo", {2: ["109", "105"]})):  # which no call means
        code_calls(come_in(chromium, address, name), meant, doubts)
    tab.goto(f"{address}/audit/differing/1")
    tab.locator(".case").first.wait_for()
    for left in reversed(range(tab.locator(".case").count())):
        tab.keyboard.press("1")
        tab.locator(".case").nth(left).wait_for(state="detached")
    tab.goto(f"{address}/audit/score/1")
    tab.click(".counting button")
    tab.wait_for_selector("text=The round counts")


def test_from_a_run_to_codes_an_audit_and_a_report_that_has_both(folder, address, chromium):
    """Named, merged, split, taken back, audited by two; the next run reports the new code and intervals."""
    wei = come_in(chromium, address, "wei")
    named = name_largest_candidate(wei, address)
    merge_codes(wei, address, "104", "103")
    split = split_code(wei, address, "101")
    wei.keyboard.press("u")
    wei.wait_for_selector(".told")
    taxonomy = read_taxonomy(folder / "taxonomy" / TAXONOMY_FILE)
    assert taxonomy.find_code(named).owner == "loyalty"
    assert taxonomy.find_current("104") == "103"
    assert taxonomy.find_code(split) is None
    audit_calls(chromium, address, wei, read_meant({"104": "103"}))

    call(folder, "run", "--quiet")
    with (folder / "reports" / "en" / "csv" / "reasons.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["Code"]: row for row in csv.DictReader(file) if row["Code"]}
    assert (rows[named]["Reason"], rows[named]["Owner"]) == ("Points are gone", "loyalty")
    assert "104" not in rows
    assert split not in rows
    low, calls, high = (float(rows["103"][f"Calls{end}"]) for end in (", 95 % from", "", ", 95 % to"))
    assert low <= calls <= high
    page = (folder / "reports" / "en" / "report.html").read_text(encoding="utf-8")
    assert "Points are gone" in page
    assert 'class="range"' in page.split('<section class="cards"')[1].split("</section>")[0]
    assert read_project(folder).store.has("audited_reasons")
    shutil.rmtree(folder)
