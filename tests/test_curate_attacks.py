"""Curate, attacks: what was tried against the page, and what each got (docs/attacks.md)."""

import csv
import io
import logging
import re

import pytest
from conftest import NOW
from curated_project import FORMULA, HOST, PASSWORD, SCRIPT, find_recording_path
from curating import act_now
from reporting import Reader
from test_curate_rules import RULES, log_in, make_browser

from pipeline import curate
from pipeline.taxonomy import TAXONOMY_FILE
from pipeline.taxonomy.codes import Target

PAGES = (
    "/",
    "/candidates",
    "/candidates/c-crash",
    "/quotes/candidate/c-crash",
    "/calls/e05",
    "/find?q=HYPERLINK",
    "/codes",
    "/codes/101",
    "/split/candidate/c-crash",
    "/split/code/101",
    "/joined/c-crash",
    "/alike/c-invoice",
)
PATHS = (
    "../../pipeline.toml", "..%2f..%2fpipeline.toml", "/etc/passwd", "%2fetc%2fpasswd", "e01/../../state/key",
    "....//key", "e01%00.wav", "e01'%20or%201=1--", "*",
)  # fmt: skip
ELSEWHERE = ("http://example.com/", "//example.com", "javascript:alert(1)", r"\\example.com", "/\\example.com")


@pytest.mark.parametrize("url", PAGES)
def test_a_script_in_a_quote_or_a_name_is_text(page, url):
    """What a caller said, or a candidate is named, is shown and never run."""
    response = log_in("curate").get(url)
    read = Reader(response.content.decode() if not url.startswith(("/quotes", "/joined", "/alike")) else "")
    scripts = {attributes.get("src", "").split("?")[0] for attributes in read.find("script")}
    assert scripts <= {"/assets/htmx.js", "/assets/curate.js"}
    assert SCRIPT.encode() not in response.content
    handlers = [name for _, attributes in read.tags for name in attributes if name.startswith("on") or name == "style"]
    assert handlers == []


def test_the_script_is_shown_as_it_was_said(page):
    """Escaping loses nothing."""
    browser = log_in("curate")
    assert SCRIPT in "".join(Reader(browser.get("/candidates/c-crash").content.decode()).shown)


@pytest.mark.parametrize("url", [*RULES, "/log-in", "/nothing"])
def test_every_answer_forbids_what_is_not_ours(page, url):
    """No inline script or style, nothing from elsewhere, no frame, no type guessing, nothing kept by the browser."""
    for browser in (make_browser(), log_in("curate", "administer")):
        headers = browser.get(url, follow=True).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
        assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "same-origin")


def test_a_recording_s_name_is_nowhere(page):
    """A file's name can hold a phone number, or a script: no page, header or log says it."""
    from pipeline.curate.web.models import Access

    browser = log_in("curate", "administer")
    played = browser.get("/recordings/0/e05")
    assert played.status_code == 200
    assert played["Content-Disposition"] == 'inline; filename="e05-0.wav"'
    told = b"".join(browser.get(url).content for url in (*PAGES, "/access", "/exports/quotes/candidate/c-crash"))
    assert b"5550" not in told
    assert "5550" not in str(list(Access.objects.values_list("subject")))


@pytest.mark.parametrize("call_id", PATHS)
def test_a_path_in_an_id_finds_nothing(page, call_id):
    """An id is compared with ids, never opened: every path is a call that is not there."""
    browser = log_in("curate")
    pages = ("recordings/0", "calls", "candidates", "codes", "split/code", "split/candidate")
    for url in (f"/{page}/{call_id}" for page in pages):
        assert browser.get(url).status_code == 404, url


def test_a_call_whose_id_is_a_path_is_a_call(page):
    """What a manifest names with a path in it is shown like any other, and opens no file."""
    browser = log_in("curate")
    assert browser.get("/calls/%2e%2e%2fe06").status_code == 200
    assert browser.get("/recordings/0/%2e%2e%2fe06").status_code == 404


def test_a_source_that_points_into_the_project_is_not_served(page):
    """A manifest cannot make the page hand out the project's own keys as a recording."""
    from pipeline.curate.web.calls import is_foreign

    assert is_foreign(find_recording_path(page, "e01"), page)
    assert not is_foreign(page.state / "curate-secret", page)
    assert not is_foreign(page.root / "recordings" / ".." / "state" / "curate.db", page)


def test_a_forged_request_changes_nothing(page):
    """A form of another site has no token: nobody is logged in or out, and no setting is kept."""
    log_in("look")
    browser = make_browser(enforce_csrf_checks=True)
    for url, form in (
        ("/log-in", {"name": "wei", "password": PASSWORD}),
        ("/choose", {"language": "zh"}),
    ):
        response = browser.post(url, form, headers={"origin": "http://example.com"})
        assert response.status_code == 403
        assert "callreasons_session" not in response.cookies
        assert "callreasons_language" not in response.cookies


@pytest.mark.parametrize("what", ["example", "not_example", "move", "forget", "teach", "split", "add"])
@pytest.mark.parametrize("said", ["I am delighted", "0:e01 I am delighted", f"0:e01{SCRIPT}", "0", ":e01", "0:*"])
def test_a_form_cannot_put_words_into_a_mouth(desk, what, said):
    """Sentences are sent by name and looked up here: what is none of ours is refused, and nothing changes."""
    content = (desk.taxonomy / TAXONOMY_FILE).read_bytes()
    form = {"what": what, "about": "101", "into": "102", "number": "105", "name_en": "x", "said": said}
    form["revision"] = curate.open_taxonomy(desk.taxonomy, NOW).revision
    assert log_in("curate").post("/acts/save", form).status_code == 400
    assert (desk.taxonomy / TAXONOMY_FILE).read_bytes() == content


def test_a_script_that_a_curator_writes_is_text(desk):
    """In a name, an owner, a cost and a target, on the pages, in the forms and in the preview."""
    browser = log_in("curate")
    fields = curate.Fields(owner=SCRIPT, unit_cost=1.0, unit_cost_what=f'"{SCRIPT}')
    for act in (
        curate.rename_code("101", {"en": SCRIPT, "zh": f"\"'{SCRIPT}"}),
        curate.set_fields("101", fields),
        curate.set_target("101", Target("calls", 1.0, who=SCRIPT)),
    ):
        act_now(desk.taxonomy, act)
    form = {"revision": "x", "what": "rename", "about": "101", "name_en": f"{SCRIPT}!"}
    told = [browser.get(url).content for url in ("/codes", "/codes/101", "/split/code/101", "/candidates/c-crash")]
    told.append(browser.post("/acts/preview", form).content)
    assert all(SCRIPT.encode() not in one and b"&lt;script&gt;" in one for one in told)


def test_a_visit_cannot_log_out_or_choose(page):
    """What changes something is no link, so that an image on another site does nothing."""
    browser = log_in("look")
    assert browser.get("/log-out").status_code == 405
    assert browser.get("/choose?language=zh").status_code == 405
    assert browser.get("/candidates").status_code == 200


@pytest.mark.parametrize("session", ["", "0", "a" * 32, "' or 1=1 --", "../curate.db"])
def test_a_guessed_session_is_nobody(page, session):
    """A session is 32 random letters kept here: what was not given out is not known."""
    log_in("curate")
    browser = make_browser()
    browser.cookies["callreasons_session"] = session
    assert browser.get("/candidates").status_code == 302


def test_a_session_is_another_after_logging_in(page):
    """A session that somebody slipped to a curator before is worth nothing after."""
    from pipeline.curate.web.accounts import add_account

    add_account("wei", ["look"], PASSWORD)
    browser = make_browser()
    browser.session.save()
    planted = browser.cookies["callreasons_session"].value
    browser.post("/log-in", {"name": "wei", "password": PASSWORD})
    assert browser.cookies["callreasons_session"].value != planted


def test_cookies_are_kept_from_scripts(page):
    """No script can read the session, and other sites' forms do not carry it."""
    for cookie in log_in("look").cookies.values():
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_a_flood_of_log_ins_is_slowed(page):
    """After five wrong passwords the right one must wait too, and is told how long."""
    log_in("look")
    browser = make_browser()
    codes = [browser.post("/log-in", {"name": "wei", "password": f"wrong {index}"}).status_code for index in range(8)]
    assert codes == [403] * 5 + [429] * 3
    waiting = browser.post("/log-in", {"name": "wei", "password": PASSWORD})
    assert waiting.status_code == 429
    assert 1 <= int(waiting["Retry-After"]) <= 2


def test_an_unknown_name_is_told_no_more_than_a_wrong_password(page):
    """Nobody learns which accounts there are."""
    log_in("look")
    told = [
        re.sub(rb'value="[^"]*"', b"", make_browser().post("/log-in", {"name": name, "password": "wrong"}).content)
        for name in ("wei", "nobody")
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1.example.com", "localhost:80@example.com", "", "[::1]"])
def test_another_host_is_refused(page, host):
    """A name of an attacker's that leads to this machine gets nothing."""
    from django.test import Client

    response = Client(SERVER_NAME=HOST).get("/log-in", headers={"host": host})
    assert response.status_code == 400
    assert response.content == b"400\n"


@pytest.mark.parametrize("where", ELSEWHERE)
def test_the_log_in_leads_to_no_other_site(page, where):
    """A link that pretends to be ours does not send a curator elsewhere after logging in."""
    from pipeline.curate.web.accounts import add_account

    add_account("wei", ["look"], PASSWORD)
    assert make_browser().post("/log-in", {"name": "wei", "password": PASSWORD, "next": where})["Location"] == "/"


def test_a_formula_in_an_export_does_not_run(page):
    """A caller who says a formula, or a name that is one, stands behind an apostrophe."""
    text = log_in("curate").get("/exports/quotes/candidate/c-crash").content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert f"'{FORMULA} {SCRIPT}" in cells
    assert [cell for cell in cells if cell[:1] in ("=", "+", "@")] == []


def test_a_login_name_cannot_be_a_formula_in_the_exported_log(page):
    """Whoever tries to log in as a formula finds it as text in the log, on the page and in the export."""
    make_browser().post("/log-in", {"name": f"{FORMULA}{SCRIPT}", "password": "wrong"})
    browser = log_in("administer")
    assert SCRIPT.encode() not in browser.get("/access").content
    assert f"'{FORMULA}"[:6] in browser.get("/exports/access.csv").content.decode("utf-8-sig")


def test_an_error_never_tells_what_was_said(page, capsys):
    """The terminal gets an error's kind and place, not its message."""
    from pipeline.curate.web.headers import PlaceFormatter

    try:
        raise ValueError("the customer said: my number is")
    except ValueError as error:
        record = logging.LogRecord("django", logging.ERROR, "", 0, "x", None, (type(error), error, error.__traceback__))
    line = PlaceFormatter().format(record)
    assert "ValueError" in line
    assert "customer" not in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("asked", "piece"),
    [
        ("bytes=0-", (0, 999)), ("bytes=10-19", (10, 19)), ("bytes=-100", (900, 999)), ("bytes=990-5000", (990, 999)),
        ("bytes=1000-", None), ("bytes=20-10", None), ("bytes=-", None), ("bytes=0-1,5-6", None), ("lines=1-2", None),
        ("bytes=-0", None),
    ],
)  # fmt: skip
def test_a_range_is_read_as_browsers_ask(asked, piece):
    """First and last byte, the last so many, or nothing when there are none such."""
    from pipeline.curate.web.recordings import find_piece

    assert find_piece(asked, 1000) == piece


def test_no_more_than_a_piece_is_sent_at_once():
    """A paused player does not keep a thread of the server busy."""
    from pipeline.curate.web.recordings import PIECE_BYTES, find_piece

    assert find_piece("bytes=5-", 10 * PIECE_BYTES) == (5, PIECE_BYTES + 4)


def test_a_piece_is_the_recording_s_own_bytes(page):
    """Pieces are the file, with where they stand in it; one beyond the end is 416."""
    browser, path = log_in("curate"), find_recording_path(page, "e01")
    whole = path.read_bytes()
    response = browser.get("/recordings/0/e01", headers={"range": "bytes=100-199"})
    assert (response.status_code, response["Content-Range"]) == (206, f"bytes 100-199/{len(whole)}")
    assert b"".join(response.streaming_content) == whole[100:200]
    assert b"".join(browser.get("/recordings/0/e01").streaming_content) == whole
    assert browser.get("/recordings/0/e01", headers={"range": f"bytes={len(whole)}-"}).status_code == 416
    assert browser.get("/recordings/1/e01").status_code == 404
