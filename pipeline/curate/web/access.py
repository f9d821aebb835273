"""Access: who may see a page, in whose name, and the log of what was played and taken out.

Errors: none of its own. Whoever may not gets 403.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from pipeline.curate.web.drawn import may
from pipeline.curate.web.models import MAX_NAME, MAX_SUBJECT, Access

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
SAME_PLAY = timedelta(minutes=10)  # a browser asks for a recording in many pieces


def needs(*permissions: str) -> Callable[[View], View]:
    """Let in who has one of the permissions; the view says so in its `permissions`."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **values: object) -> HttpResponseBase:
            if not any(may(request, one) for one in permissions):
                raise PermissionDenied
            return view(request, *args, **values)

        guarded.permissions = permissions  # type: ignore[attr-defined]
        return cast(View, guarded)

    return guard


def find_name(request: HttpRequest) -> str:
    """Find in whose name something is done."""
    name = request.user.get_username()
    if not name:
        raise PermissionDenied
    return name


def note(request: HttpRequest, what: str, subject: str = "", *, who: str = "") -> None:
    """Write a line of the access log."""
    name = who or request.user.get_username()
    Access.objects.create(at=timezone.now(), who=name[:MAX_NAME], what=what, subject=subject[:MAX_SUBJECT])


def note_play(request: HttpRequest, subject: str, *, now: datetime | None = None) -> None:
    """Write that somebody hears a recording, once for all its pieces."""
    since = (now or timezone.now()) - SAME_PLAY
    name = request.user.get_username()
    if not Access.objects.filter(who=name, what="play", subject=subject[:MAX_SUBJECT], at__gt=since).exists():
        note(request, "play", subject)
