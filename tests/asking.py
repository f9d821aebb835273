"""Asking: a round of three calls on the curators' page, and browsers that answer them."""

from reporting import Reader

DRAWN = ("e01", "a01", "e05")  # in the order in which people see them
FIRST, SECOND, LAST = (f"/audit/calls/1/{call_id}" for call_id in DRAWN)


def say(browser, url, *codes, no_code=""):
    """Answer a call as a form does."""
    return browser.post(url, {"code": [*codes, "", ""][:3], "no_code": no_code})


def answer_all(browser, first=("101",)):
    """Answer the round's calls, the first one as told."""
    say(browser, FIRST, *first)
    say(browser, SECOND, "101")
    say(browser, LAST, no_code="none_of_these")


def show(browser, url, language="en"):
    """Read what a page shows."""
    response = browser.get(url, headers={"accept-language": language}, follow=True)
    assert response.status_code == 200, url
    return " ".join(" ".join(Reader(response.content.decode()).shown).split())
