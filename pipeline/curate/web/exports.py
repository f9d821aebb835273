"""Exports: lists of the page as CSV that no spreadsheet runs; each is in the access log.

Errors: none of its own. What is not there is 404.
"""

from collections.abc import Iterable, Sequence

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET

from pipeline.curate.web import candidates, codes, quotes
from pipeline.curate.web.access import needs, note
from pipeline.curate.web.drawn import find_words
from pipeline.curate.web.models import Access
from pipeline.curate.web.site import find_site
from pipeline.curate.web.views import read_asked
from pipeline.report.csvs import make_csv

MAX_ROWS = 10_000
CANDIDATE = (
    "cluster_id",
    "name",
    "other_name",
    "language",
    "n_calls",
    "n_utterances",
    "share_ratio",
    "n_negative",
    "cost",
    "is_new",
)
CODE = ("number", "name_en", "name_zh", "owner", "status", "n_examples", "n_calls", "share_ratio", "n_negative", "cost")
QUOTE = ("call_id", "started_at", "second", "language", "quote", "nearness_ratio")
LINE = ("at", "who", "what", "subject")


@require_GET
@needs("export")
def export_candidates(request: HttpRequest) -> HttpResponseBase:
    """Export the candidates as they are listed."""
    rows = candidates.list_candidates(find_site().project, read_asked(request), MAX_ROWS)
    return _send(request, "candidates", CANDIDATE, ([row[name] for name in CANDIDATE] for row in rows))


@require_GET
@needs("export")
def export_codes(request: HttpRequest) -> HttpResponseBase:
    """Export the codes with what was counted of each."""
    rows = []
    for one in codes.list_codes(find_site().project):
        code, counted = one.code, one.counted
        told = (code.number, code.names.get("en"), code.names.get("zh"), code.owner, code.status, len(code.examples))
        rows.append((*told, *(counted.get(name) for name in CODE[6:])))
    return _send(request, "codes", CODE, rows)


@require_GET
@needs("export")
def export_quotes(request: HttpRequest, kind: str, reason_id: str) -> HttpResponseBase:
    """Export the quotes of a candidate or a code, the nearest to its centre first."""
    found = quotes.list_quotes(find_site().project, kind, reason_id, "nearness", n=MAX_ROWS)
    if not found:
        raise Http404
    rows = ((q.call_id, q.started_at, q.start_s, q.language, q.text, q.nearness_ratio) for q in found)
    return _send(request, f"quotes {kind} {reason_id}", QUOTE, rows)


@require_GET
@needs("administer")
def export_access(request: HttpRequest) -> HttpResponseBase:
    """Export the access log."""
    lines = Access.objects.all()[:MAX_ROWS]
    return _send(request, "access", LINE, ((line.at, line.who, line.what, line.subject) for line in lines))


def _send(
    request: HttpRequest, subject: str, names: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponseBase:
    words = find_words(request)
    text = make_csv([words(f"web.csv.{name}") for name in names], rows)
    note(request, "export", subject)
    response = HttpResponse(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{subject.partition(" ")[0]}.csv"'
    return response
