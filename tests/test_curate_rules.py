"""Curate, rules: who may see which page, who is let in, and what the log keeps."""

from datetime import UTC, datetime, timedelta

import pytest
from curated_project import HOST, PASSWORD

from pipeline.errors import InputError

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LOOK, EXPORT = ("look", "curate"), ("curate",)
# Every page, and the roles that see it.
RULES = {
    "/": (*LOOK, "audit", "administer"),
    "/queue": LOOK,
    "/uncoded": LOOK,
    "/uncoded?a=101&b=102": LOOK,
    "/health": LOOK,
    "/history": LOOK,
    "/candidates": LOOK,
    "/candidates/c-crash": LOOK,
    "/codes": LOOK,
    "/codes/101": LOOK,
    "/calls/e01": LOOK,
    "/quotes/candidate/c-crash": LOOK,
    "/quotes/code/101": LOOK,
    "/find?q=app": LOOK,
    "/alike/c-crash": ("curate",),
    "/joined/c-crash": ("curate",),
    "/split/candidate/c-crash": ("curate",),
    "/split/code/101": ("curate",),
    "/access": ("administer",),
    "/audit": (*LOOK, "audit"),
    "/recordings/0/e01": ("curate",),
    "/exports/candidates.csv": EXPORT,
    "/exports/codes.csv": EXPORT,
    "/exports/quotes/candidate/c-crash": EXPORT,
    "/exports/quotes/code/101": EXPORT,
    "/exports/access.csv": ("administer",),
}
OPEN_TO_ALL = {"log_in", "enter", "choose", "asset"}


def make_browser(**options):
    """Make a browser on this machine."""
    from django.test import Client

    return Client(SERVER_NAME=HOST, **options)


def log_in(*roles, name="wei"):
    """Make an account with some roles, and a browser that is in with it."""
    from pipeline.curate.web.accounts import add_account

    add_account(name, roles, PASSWORD)
    browser = make_browser()
    assert browser.post("/log-in", {"name": name, "password": PASSWORD}).status_code == 302
    return browser


@pytest.mark.parametrize("role", ["look", "curate", "audit", "administer"])
@pytest.mark.parametrize("url", RULES)
def test_each_role_sees_its_pages_and_no_others(page, url, role):
    """Whoever may see a page gets it; everybody else gets 403."""
    response = log_in(role).get(url, follow=True)
    assert response.status_code == (200 if role in RULES[url] else 403), (url, role)


@pytest.mark.parametrize("url", RULES)
def test_nobody_sees_anything_before_logging_in(page, url):
    """Without an account every page leads to the log-in."""
    response = make_browser().get(url)
    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/log-in")


def test_no_page_is_without_a_rule(page):
    """A new page must say who may see it, or be named here."""
    from pipeline.curate.web.urls import urlpatterns

    unruled = {one.name for one in urlpatterns if not hasattr(one.callback, "permissions")}
    assert unruled == OPEN_TO_ALL | {"start", "log_out"}


def test_a_page_that_may_not_be_seen_is_not_in_the_navigation(page):
    """Who may only administer sees the log and nothing of calls."""
    shown = log_in("administer").get("/access").content.decode()
    assert 'href="/access"' in shown
    assert 'href="/candidates"' not in shown


def test_who_may_only_look_gets_no_play_buttons(page):
    """Words are redacted, recordings are not: reading does not include hearing."""
    assert b'class="play"' not in log_in("look").get("/candidates/c-crash").content
    assert b'class="play"' in log_in("curate", name="ida").get("/candidates/c-crash").content


def test_the_link_lets_in_once(page):
    """Whoever started the page comes in by its link with every role; a second visitor does not."""
    from pipeline.curate.web.link import make_link

    token = make_link(page, "maria")
    first = make_browser()
    assert first.get(f"/enter/{token}")["Location"] == "/"
    assert first.get("/access").status_code == 200
    assert make_browser().get(f"/enter/{token}").status_code == 403
    assert make_browser().get("/enter/guessed").status_code == 403


def test_the_link_is_shut_where_there_are_accounts(page):
    """An account is the only way in once there is one, and who came by link is out."""
    from pipeline.curate.web.accounts import add_account, shut_link
    from pipeline.curate.web.link import make_link

    browser = make_browser()
    browser.get(f"/enter/{make_link(page, 'maria')}")
    add_account("wei", ["look"], PASSWORD)
    shut_link()
    assert browser.get("/candidates").status_code == 302
    assert make_browser().get(f"/enter/{make_link(page, 'maria')}").status_code == 403


def test_another_password_or_no_account_throws_out(page):
    """Whoever is in with the old password, or with an account that is gone, must log in again."""
    from pipeline.curate.web.accounts import change_password, remove_account

    browser = log_in("look")
    change_password("wei", "another long pass phrase")
    assert browser.get("/candidates").status_code == 302
    other = log_in("look", name="ida")
    remove_account("ida")
    assert other.get("/candidates").status_code == 302


def test_another_role_counts_at_once(page):
    """A role that is taken away shuts its pages to who is in already."""
    from pipeline.curate.web.accounts import change_roles

    browser = log_in("curate")
    change_roles("wei", ["look"])
    assert browser.get("/exports/codes.csv").status_code == 403


@pytest.mark.parametrize(
    ("name", "roles", "password", "rule"),
    [
        ("wei", ["rule"], PASSWORD, "Roles should be some of"),
        ("wei", [], PASSWORD, "got none"),
        ("we<i", ["look"], PASSWORD, "letters, digits"),
        ("wei", ["look"], "tiny", "at least 12"),
        ("wei", ["look"], "123456789012", "entirely numeric"),
        ("wei", ["look"], "administrator", "too common"),
    ],
)
def test_a_wrong_account_is_refused(page, name, roles, password, rule):
    """Each mistake is one line that never holds the password."""
    from pipeline.curate.web.accounts import add_account, list_accounts

    with pytest.raises(InputError, match=rule) as raised:
        add_account(name, roles, password)
    assert password not in str(raised.value)
    assert list_accounts() == []


def test_a_name_is_given_once(page):
    """An account is never overwritten."""
    from pipeline.curate.web.accounts import add_account

    add_account("wei", ["look"], PASSWORD)
    with pytest.raises(InputError, match="there already"):
        add_account("wei", ["curate"], PASSWORD)


def test_log_ins_that_fail_wait_longer_and_longer(page):
    """The sixth try of an account from an address waits 2 s, the seventh 4, never more than a quarter of an hour."""
    from pipeline.curate.web.slowing import count_try, find_wait_s

    waits = []
    for _ in range(14):
        waits.append(find_wait_s("wei", "10.0.0.9", NOW))
        count_try("wei", "10.0.0.9", NOW)
    assert waits == [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    assert find_wait_s("wei", "10.0.0.9", NOW) == 900
    assert find_wait_s("wei", "10.0.0.9", NOW + timedelta(minutes=15)) == 0


def test_one_account_is_not_another_and_one_address_not_another(page):
    """Somebody's failed tries do not shut out a colleague, nor the owner at another desk."""
    from pipeline.curate.web.slowing import count_try, find_wait_s

    for _ in range(10):
        count_try("wei", "10.0.0.9", NOW)
    assert find_wait_s("ida", "10.0.0.9", NOW) == 0
    assert find_wait_s("wei", "10.0.0.8", NOW) == 0


def test_many_accounts_from_one_address_wait_too(page):
    """Trying one password on many accounts is slowed by the address; many addresses on one account by the account."""
    from pipeline.curate.web.slowing import count_try, find_wait_s

    for index in range(30):
        count_try(f"name{index}", "10.0.0.9", NOW)
    assert find_wait_s("fresh", "10.0.0.9", NOW) == 2
    for index in range(70):
        count_try("wei", f"10.0.1.{index}", NOW)
    assert find_wait_s("wei", "10.0.2.1", NOW) == 60


def test_a_right_password_forgets_the_wrong_ones(page):
    """Four slips and then the right one leave nothing behind."""
    from pipeline.curate.web.models import FailedLogIn

    browser = log_in("look")
    for _ in range(4):
        assert browser.post("/log-in", {"name": "wei", "password": "wrong"}).status_code == 403
    assert browser.post("/log-in", {"name": "wei", "password": PASSWORD}).status_code == 302
    assert FailedLogIn.objects.count() == 0


def test_every_play_and_export_is_in_the_log(page):
    """Who, when, what: once a recording however many pieces a browser fetches, and each export."""
    from pipeline.curate.web.models import Access

    browser = log_in("curate")
    for first in (0, 1000, 2000):
        browser.get("/recordings/0/e01", headers={"range": f"bytes={first}-"})
    browser.get("/exports/quotes/candidate/c-crash")
    kept = list(Access.objects.order_by("id").values_list("who", "what", "subject"))
    assert kept == [
        ("wei", "log_in", "127.0.0.1"),
        ("wei", "play", "e01 0"),
        ("wei", "export", "quotes candidate c-crash"),
    ]


def test_the_log_can_be_read_by_name(page):
    """Whoever administers sees all lines, or those of one person."""
    log_in("curate").get("/exports/codes.csv")
    browser = log_in("administer", name="maria")
    assert b"codes" in browser.get("/access").content
    assert b"codes" not in browser.get("/access?who=maria").content


def test_a_session_ends_after_a_working_day(page):
    """Ten hours after logging in everybody logs in again."""
    from django.conf import settings
    from django.contrib.sessions.models import Session

    log_in("look")
    ends_in = Session.objects.get().expire_date - datetime.now(UTC)
    assert timedelta(hours=9) < ends_in <= timedelta(seconds=settings.SESSION_COOKIE_AGE) == timedelta(hours=10)
