"""Curate, browser: the page as people use it, in Debian's Chromium, served as in earnest."""

import re

import pytest
from browsing import NEEDS_CHROMIUM, READY_MS, launch_chromium, save_what_is_shown, serve_page
from curated_project import SCRIPT, make_curated

N_TRIES = 100  # ten a second

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def link(tmp_path_factory):
    """Start the page the way people do, and read the link off its terminal."""
    folder = tmp_path_factory.mktemp("browsed")
    make_curated(folder)
    with serve_page(folder) as link:
        yield link


@pytest.fixture(scope="module")
def browser():
    """Start Chromium once."""
    with launch_chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def context(browser, link):
    """Come in by the link, with a desk's screen."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(10_000)
    context.new_page().goto(link)
    return context


@pytest.fixture
def tab(context, link):
    """Open the start page, and fail on whatever the browser complains about."""
    tab, complaints = context.new_page(), []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    tab.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    tab.goto(link.split("/enter/")[0])
    yield tab
    assert complaints == []
    tab.close()


def wait_until(tab, condition):
    """Wait for something on the page; the page itself forbids the browser to read code from text."""
    for _ in range(N_TRIES):
        if tab.evaluate(condition):
            return
        tab.wait_for_timeout(100)
    raise AssertionError(f"not within {N_TRIES / 10:.0f} s: {condition}")


def test_a_stranger_on_the_same_machine_sees_the_door(browser, context, link):
    """Another browser, with the same link, gets no further."""
    tab = browser.new_context().new_page()
    assert tab.goto(link).status == 403
    tab.goto(link.split("/enter/")[0])
    assert tab.url.endswith("/log-in?next=/")
    assert tab.locator("input[type=password]").count() == 0


def test_a_candidate_is_opened_played_and_followed_by_keys_alone(tab):
    """j, Enter, j, p: the quote plays from two seconds before it, its call opens beside it, and the turn is lit."""
    tab.click("nav a[href='/candidates']")
    tab.wait_for_url("**/candidates")
    tab.keyboard.press("j")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/candidates/c-crash")
    quote = tab.locator(".quote", has_text="when I get to the payment page").first
    quote.focus()
    tab.keyboard.press("p")
    tab.wait_for_selector("#transcript .turn.now")
    wait_until(tab, "document.querySelector('audio').currentTime > 5.2")
    begun = tab.evaluate("document.querySelector('audio').played.start(0)")
    assert begun == pytest.approx(5.0, abs=0.3)
    assert "payment page" in tab.locator("#transcript .turn.now").inner_text()
    tab.keyboard.press("p")
    wait_until(tab, "document.querySelector('audio').paused")


def test_playing_goes_on_to_the_next_turn(tab):
    """On the call's own page the lit turn follows the recording."""
    tab.goto(tab.url + "calls/e01")
    tab.locator(".turn .play").nth(2).click()
    wait_until(tab, "document.querySelector('audio').currentTime > 8.1")
    assert tab.locator(".turn.now").get_attribute("data-start") == "8.00"


def test_language_and_shade_are_changed_with_a_click_each(tab):
    """The same page comes back in Chinese, and dark."""
    tab.goto(tab.url + "codes")
    light = tab.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    tab.click("button[name=language]")
    assert "货一直没收到" in tab.inner_text("main")
    assert tab.url.endswith("/codes")
    tab.click("button[name=shade]")
    tab.click("button[name=shade]")
    tab.wait_for_load_state()
    assert tab.evaluate("getComputedStyle(document.body.parentElement).backgroundColor") != light
    tab.click("button[name=shade]")
    tab.click("button[name=language]")
    assert "My delivery never arrived" in tab.inner_text("main")


def test_a_script_that_somebody_said_does_not_run(tab):
    """A candidate named as a script is shown as it was named; the browser was asked to run nothing."""
    tab.goto(tab.url + "candidates/c-crash")
    assert SCRIPT in tab.inner_text("h1")
    assert tab.evaluate("document.querySelectorAll('main script').length") == 0


def test_a_script_that_gets_into_the_page_is_refused(context, link):
    """Were there a hole in a template, the browser would still run nothing of it."""
    tab = context.new_page()
    tab.goto(link.split("/enter/")[0])
    tab.evaluate("document.querySelector('main').innerHTML = '<img src=x onerror=\"window.ran = 1\">'")
    tab.wait_for_timeout(300)
    assert tab.evaluate("window.ran") is None
    tab.close()


def test_search_and_help_are_a_key_away(tab):
    """/ goes to the search field, ? lists the keys, Escape leaves both."""
    tab.keyboard.press("/")
    tab.keyboard.type("payment page")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/find?q=payment+page")
    assert tab.locator(".quote").count() >= 3
    tab.locator("body").press("?")
    assert tab.locator("#help").is_visible()
    tab.keyboard.press("Escape")
    assert not tab.locator("#help").is_visible()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (820, 1180)])
@pytest.mark.parametrize(
    "url",
    (
        "",
        "health",
        "history",
        "uncoded",
        "candidates",
        "candidates/c-crash",
        "codes",
        "codes/101",
        "calls/e01",
        "find?q=app",
        "split/candidate/c-crash",
    ),
)
def test_no_page_is_wider_than_its_screen(tab, url, width, height):
    """On a desk and on a tablet nothing has to be scrolled sideways."""
    tab.set_viewport_size({"width": width, "height": height})
    tab.goto(tab.url + url)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.model
def test_a_candidate_becomes_a_code_after_a_look_at_what_moves(tab):
    """Named, looked at with the real encoder, saved; the code's page says so and has the sentence."""
    tab.goto(f"{tab.url}candidates/c-crash")
    tab.fill("input[name=name_en]", "The app closes by itself")
    tab.fill("input[name=owner]", "app team")
    tab.locator("input.pick").first.check()
    tab.click("button[value=add]")
    save = tab.locator("form[action='/acts/save'] .strong")
    save.wait_for(timeout=READY_MS)
    assert "A reason that no code covers" in tab.inner_text("#preview")
    save.click()
    tab.wait_for_url(re.compile(r"/codes/\d+$"))
    shown = tab.inner_text("main")
    assert "The app closes by itself" in shown and "app team" in shown


@pytest.mark.model
def test_an_act_is_taken_back_and_made_again_by_key_and_stands_in_the_history(tab):
    """Key u on one page, U on another: each says what it did, and the history shows how it stands."""
    base = tab.url
    tab.goto(f"{base}candidates/c-invoice")
    tab.select_option("select[name=into]", "104")
    tab.locator("input.pick").first.check()
    tab.click("button[value=teach]")
    tab.locator("form[action='/acts/save'] .strong").click(timeout=60_000)
    tab.wait_for_url("**/codes/104")
    tab.keyboard.press("u")
    tab.wait_for_selector(".told a[href='/codes/104']")
    assert tab.inner_text(".told").startswith("Taken back: a code's examples")
    tab.goto(f"{base}history")
    assert tab.locator(".past tr").nth(1).get_attribute("class") == "row undone"
    tab.keyboard.press("U")
    tab.wait_for_selector(".told")
    assert "Made again" in tab.inner_text(".told")
    assert tab.locator(".past tr").nth(1).get_attribute("class") == "row"
    tab.locator(".past form button").first.click()
    tab.wait_for_selector(".past .undone")


@pytest.mark.model
def test_the_queue_comes_by_itself_and_is_walked_by_keys(tab):
    """The start page fills when it is worked out; j and Enter lead to where the first task is done."""
    tab.wait_for_selector(".tasks .row", timeout=60_000)
    tab.wait_for_selector(".pending", state="detached", timeout=60_000)
    first = tab.locator(".tasks .row a.main").first.get_attribute("href")
    tab.keyboard.press("j")
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**{first}")


@pytest.mark.model
def test_two_candidates_are_joined_split_moved_and_merged(tab, link):
    """A week's work in a minute: what was taken along wrongly is split off again, an example moved, a code merged."""
    home = link.split("/enter/")[0]
    tab.goto(f"{home}/candidates/c-invoice")
    tab.locator(".alike button").click(timeout=READY_MS)
    tab.locator(".joined .pick").first.wait_for()
    tab.locator(".columns:not(#joined) .pick").first.check()
    tab.fill("input[name=name_en]", "The invoice never came")
    tab.press("input[name=name_en]", "Enter")
    joined = save_what_is_shown(tab)
    assert tab.locator(".example").count() >= 3
    for row in tab.locator(".example", has_text="app closes").all():
        row.focus()
        tab.keyboard.press("x")
    assert int(tab.inner_text(".checked .count")) == tab.locator(".example .pick:checked").count() >= 2
    tab.click(".checked button[formaction]")
    tab.wait_for_url(f"**/split/code/{joined}")
    going = tab.locator(".list.goes .row")
    n_going = going.count()
    tab.locator(".list.stays .row").first.focus()
    tab.keyboard.press("x")
    assert going.count() == n_going + 1
    tab.keyboard.press("x")
    assert going.count() == n_going
    tab.fill("input[name=name_en]", "The app closes")
    tab.click("button[value=split]")
    split = save_what_is_shown(tab)
    assert split != joined and "The app closes" in tab.inner_text("h1")
    tab.locator(".example", has_text="again").locator(".pick").check()
    tab.select_option(".checked select", "104")
    tab.click(".checked button[value=move]")
    tab.click(".drops", timeout=READY_MS)
    assert tab.evaluate("document.activeElement.value") == "move"
    tab.keyboard.press("Enter")
    assert save_what_is_shown(tab) == split
    tab.goto(f"{home}/codes/{joined}")
    tab.keyboard.press("e")
    tab.locator("summary", has_text="Merge").press("Enter")
    tab.select_option("details[open] select", "103")
    tab.click("button[value=merge]")
    assert save_what_is_shown(tab) == "103"
    tab.goto(f"{home}/codes/104")
    assert "the app closes by itself again" in tab.inner_text("main")
    tab.goto(f"{home}/codes/{joined}")
    assert "merged into 103" in tab.inner_text("h1")


def test_the_forms_of_a_code_open_by_keys_one_at_a_time(tab):
    """The key e goes to the first, Enter opens it, and shuts it when another is opened."""
    tab.goto(f"{tab.url}codes/101")
    tab.keyboard.press("e")
    tab.keyboard.press("Enter")
    assert tab.locator("details[open] input[name=name_en]").input_value() == "My delivery never arrived"
    tab.locator("summary", has_text="Target").press("Enter")
    assert tab.locator("details[open]").count() == 1
    assert tab.locator("details[open] select[name=measure]").is_visible()
