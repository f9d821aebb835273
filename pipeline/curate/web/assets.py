"""Assets: the page's own few files, and htmx as django-htmx brings it; nothing comes from elsewhere.

Errors: none of its own.
"""

from functools import cache
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from pipeline.tables import hash_text

FOLDER = Path(__file__).with_name("files")
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
NAMES = ("curate.css", "curate.js", "audit.js", "mark.svg", "htmx.js")
KEPT = "public, max-age=31536000, immutable"


@login_not_required
@require_GET
def serve_asset(request: HttpRequest, name: str) -> HttpResponse:
    """Serve one of the files; its address changes with its content."""
    if name not in NAMES:
        raise Http404
    kind = TYPES[Path(name).suffix]
    return HttpResponse(read_asset(name), content_type=f"{kind}; charset=utf-8", headers={"Cache-Control": KEPT})


@cache
def read_asset(name: str) -> str:
    """Read one of the files."""
    if name != "htmx.js":
        return (FOLDER / name).read_text(encoding="utf-8")
    import django_htmx

    folder = Path(django_htmx.__file__).parent / "static" / "django_htmx"
    return (folder / "htmx-2.min.js").read_text(encoding="utf-8")


@cache
def link_asset(name: str) -> str:
    """Say where a file is found."""
    return f"/assets/{name}?{hash_text(read_asset(name))}"
