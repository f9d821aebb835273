"""Page: the report as one HTML file that needs nothing else, so that it opens offline and can be sent on.

Every word comes from the catalogue.

Errors: none of its own.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pipeline.report.audited import AuditedReason, find_amount
from pipeline.report.bars import draw_top
from pipeline.report.causes import describe_causes
from pipeline.report.charts import Chart, draw_corners, draw_coverage, draw_shares, draw_trends
from pipeline.report.content import STEPS, Content
from pipeline.report.cuts import link_cuts, name_value
from pipeline.report.markup import draw_page, read_template, trust_markup
from pipeline.report.reasons import Reason
from pipeline.report.recordings import is_device
from pipeline.tables import hash_text
from pipeline.words import Words

DEPARTMENTS = "departments"  # the folder of their pages
MAX_NAME = 60  # characters of a page's file name
N_TOP = 15  # reasons on the first page; the others are one click further


@dataclass(frozen=True)
class Charts:
    """All drawings of one report."""

    coverage: Chart | None
    shares: Chart | None
    volumes: Chart | None
    costs: Chart | None
    corners: Chart | None
    trends: Mapping[str, Chart | None]


def draw_charts(content: Content, words: Words) -> Charts:
    """Draw every chart of a report."""
    shown = [*content.reasons, *(one for one in content.no_codes if content.quotes.get(one.anchor))]
    trends = {one.anchor: content.reason_trends[one.anchor] for one in shown}
    return Charts(
        draw_coverage(content.trend, words),
        draw_shares(content.trend, words),
        draw_top(content.reasons, "n_calls", words, content.estimates),
        draw_top(content.reasons, "cost", words, content.estimates, n_digits=content.n_money_digits),
        draw_corners(content.actions.corners, words),
        draw_trends(trends, words(f"chart.by_{content.trend.period}"), words),
    )


def make_page(content: Content, charts: Charts, words: Words, *, made_from: str, now: datetime) -> str:
    """Make the page.

    Args:
        content: What to say.
        charts: Its drawings.
        words: The words of its language.
        made_from: Names everything that the page is made from.
        now: When it is made.
    """
    script = read_template("report.js")
    return draw_page(
        "report.html",
        "report.css",
        words,
        c=content,
        charts=charts,
        steps=STEPS,
        headlines=find_headlines(content),
        n_top=N_TOP,
        n_restated=N_TOP,
        describe_causes=describe_causes,
        script=trust_markup(script),
        pages={bill.owner: f"{DEPARTMENTS}/{name_department(bill.owner)}" for bill in content.actions.bills},
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        name_value=name_value,
        link_cuts=link_cuts,
        made_from=made_from,
        made_at=words.moment(now),
    )


def name_department(owner: str) -> str:
    """Name a department's page: itself where that is plain, small and no device's, else letters of it and a hash."""
    safe = re.sub(r"\W+", "-", owner.lower()).strip("-_")[:MAX_NAME]
    return (
        f"{owner}.html" if safe == owner and not is_device(owner) else f"{safe}-{hash_text(owner)[:8]}.html".lstrip("-")
    )


def find_headlines(content: Content) -> list[tuple[Reason, list[str]]]:
    """Find the reasons to read first, each with what it leads in: calls, cost, bad feelings, repeats."""
    found: dict[str, tuple[Reason, list[str]]] = {}
    for key in ("n_calls", "cost", "n_negative", "n_repeat_calls"):
        estimates = content.estimates if key in {"n_calls", "cost"} else {}
        first = max(content.reasons, key=partial(_rank, key=key, estimates=estimates), default=None)
        if first and getattr(first, key):
            found.setdefault(first.anchor, (first, []))[1].append(key)
    return list(found.values())


def _rank(reason: Reason, *, key: str, estimates: Mapping[str, AuditedReason]) -> tuple[float, int]:
    return find_amount(reason, key, estimates) if getattr(reason, key) is not None else 0.0, reason.n_calls
