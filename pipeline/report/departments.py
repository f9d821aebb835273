"""Departments: a page to send to each department, with its own bill and nothing about the others.

Each page needs no other file: no sound, no script, nothing from elsewhere.

Errors: none of its own. A name that makes no safe file name is written another way, never left out.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pipeline.report.actions import Bill
from pipeline.report.content import Content
from pipeline.report.markup import draw_page
from pipeline.report.page import DEPARTMENTS, Charts, name_department
from pipeline.report.quotes import Quote
from pipeline.tables import write_atomically
from pipeline.words import Words


def write_departments(folder: Path, content: Content, charts: Charts, words: Words, *, now: datetime) -> None:
    """Write a page for each department, and remove those of departments that have no bill any more.

    Args:
        folder: The report's folder; the pages lie in `departments/`.
        content: What the report says.
        charts: Its drawings.
        words: The words of its language.
        now: When it is made.
    """
    pages = {
        name_department(bill.owner): make_department(bill, content, charts, words, now=now)
        for bill in content.actions.bills
    }
    (folder / DEPARTMENTS).mkdir(exist_ok=True)
    for name, page in pages.items():
        write_atomically(folder / DEPARTMENTS / name, page.encode("utf-8"))
    for path in (folder / DEPARTMENTS).glob("*.html"):
        if path.name not in pages:
            path.unlink()


def make_department(bill: Bill, content: Content, charts: Charts, words: Words, *, now: datetime) -> str:
    """Make one department's page."""
    anchors = {reason.anchor for reason, _, _ in bill.dearest}
    owned = {reason.anchor for reason in content.reasons if reason.owner == bill.owner}
    return draw_page(
        "department.html",
        "report.css",
        words,
        bill=bill,
        audited=content.estimates.get(f"owner-{bill.owner}"),
        c=content,
        reasons={one.anchor: one for one in content.reasons if one.anchor in anchors},
        quotes=_silence({anchor: content.quotes.get(anchor, ()) for anchor in anchors}),
        promises=[one for one in content.actions.promises if one.reason.anchor in owned],
        charts=charts,
        made_at=words.moment(now),
    )


def _silence(quotes: Mapping[str, tuple[Quote, ...]]) -> dict[str, tuple[Quote, ...]]:
    """Take the recordings away: a page that is sent on has none beside it."""
    return {anchor: tuple(replace(one, audio="", recording="") for one in theirs) for anchor, theirs in quotes.items()}
