"""Hands: how a scripted curator works on the page: over plain HTTP, or in a Chromium with preview, Save and keys."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Protocol
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

if TYPE_CHECKING:
    from playwright.sync_api import Page

TIMEOUT_S = 120.0
KEYS = {"undo": "u", "redo": "U"}
MADE = ("Saved:", "Taken back:", "Made again:")
SUBMIT = """([action, fields]) => {
  const form = document.createElement("form");
  form.method = "post"; form.action = action;
  const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  const revision = document.querySelector("input[name=revision]").value;
  for (const [name, value] of [["csrfmiddlewaretoken", token], ["revision", revision], ...fields]) {
    const input = document.createElement("input");
    input.type = "hidden"; input.name = name; input.value = value; form.append(input);
  }
  document.body.append(form); form.submit();
}"""


@dataclass(frozen=True)
class Answer:
    """What a curator was told; `seconds` they waited for it."""

    status: int
    text: str
    seconds: float = 0.0

    @property
    def was_made(self) -> bool:
        """The page said that something was done."""
        told = re.search(r'class="told"[^>]*>([^<]*)', self.text)
        return bool(told and told[1].startswith(MADE))


class Hands(Protocol):
    """What a curator does on the page."""

    def look(self, url: str) -> str:
        """Open a page and say what it shows."""

    def save(self, fields: Mapping[str, Sequence[str]]) -> Answer:
        """Save an act on the page that was looked at last."""

    def go_back(self, way: str) -> Answer:
        """Take back or make again: undo or redo."""


class Client:
    """A curator over plain HTTP."""

    def __init__(self, base: str, name: str, password: str) -> None:
        self.base, self.shown = base, ""
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        self.look("/log-in")
        self._post("/log-in", {"name": [name], "password": [password]})

    def look(self, url: str) -> str:
        """Open a page and say what it shows."""
        self.shown = self._open(url).text
        return self.shown

    def preview(self, fields: Mapping[str, Sequence[str]]) -> Answer:
        """Look at what an act would move."""
        return self._post("/acts/preview", fields)

    def save(self, fields: Mapping[str, Sequence[str]]) -> Answer:
        """Save an act on the page that was looked at last."""
        return self._post("/acts/save", fields)

    def go_back(self, way: str) -> Answer:
        """Take back or make again."""
        self.look("/codes")
        return self._post(f"/history/{way}", {})

    def _post(self, url: str, fields: Mapping[str, Sequence[str]]) -> Answer:
        kept = {
            name: [found[1]]
            for name in ("csrfmiddlewaretoken", "revision")
            if (found := re.search(rf'name="{name}" value="(\w+)"', self.shown))
        }
        return self._open(url, urlencode({**kept, **fields}, doseq=True).encode())

    def _open(self, url: str, body: bytes | None = None) -> Answer:
        begun = time.monotonic()
        try:
            with self.opener.open(f"{self.base}{url}", body, timeout=TIMEOUT_S) as response:
                status, text = response.status, response.read().decode()
        except HTTPError as error:
            status, text = error.code, error.read().decode()
        return Answer(status, text, time.monotonic() - begun)


class Browser:
    """A curator in Chromium: an act is looked at first, then saved by its button; ways back are keys."""

    def __init__(self, tab: "Page", base: str) -> None:
        self.tab, self.base = tab, base

    @classmethod
    @contextmanager
    def start(cls, base: str, name: str, password: str, chromium: str | None) -> Iterator["Browser"]:
        """Start Chromium and log in."""
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
            context.set_default_timeout(1000 * TIMEOUT_S)
            tab = context.new_page()
            tab.goto(f"{base}/log-in")
            tab.fill("input[name=name]", name)
            tab.fill("input[name=password]", password)
            tab.press("input[name=password]", "Enter")
            tab.wait_for_selector("#outlook")
            yield cls(tab, base)
            browser.close()

    def look(self, url: str) -> str:
        """Open a page and say what it shows."""
        self.tab.goto(f"{self.base}{url}")
        return self.tab.content()

    def save(self, fields: Mapping[str, Sequence[str]]) -> Answer:
        """Look at what an act would move, then save it; what is refused there is not saved."""
        sent = [[name, value] for name, values in fields.items() for value in values]
        with self.tab.expect_navigation():
            self.tab.evaluate(SUBMIT, ["/acts/preview", sent])
        self.tab.wait_for_selector(".saving .strong, .preview .mistake[role=alert]")
        if not self.tab.locator(".saving .strong").count():
            return Answer(400, "")
        return self._answer(lambda: self.tab.click(".saving .strong"))

    def go_back(self, way: str) -> Answer:
        """Take back or make again by its key."""
        self.look("/codes")
        return self._answer(lambda: self.tab.keyboard.press(KEYS[way]))

    def _answer(self, press: object) -> Answer:
        with self.tab.expect_navigation() as gone:
            press()  # type: ignore[operator]
        response = gone.value
        return Answer(response.status if response else 0, self.tab.content())
