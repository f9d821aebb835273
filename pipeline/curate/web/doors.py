"""Doors: logging in with a password, coming in by the one-time link, going out, and changing language or shade.

Errors: none of its own.
"""

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pipeline.curate.web.access import note
from pipeline.curate.web.accounts import find_local, list_accounts
from pipeline.curate.web.drawn import LANGUAGE_COOKIE, SHADE_COOKIE, SHADES, draw
from pipeline.curate.web.link import use_link
from pipeline.curate.web.models import MAX_ADDRESS, MAX_NAME
from pipeline.curate.web.site import find_site
from pipeline.curate.web.slowing import count_try, find_wait_s, forget_tries
from pipeline.words import LANGUAGES

KEPT_S = 365 * 24 * 3600  # how long a browser keeps language and shade
MAX_PASSWORD = 1024  # characters; a longer one is refused before it is hashed


@login_not_required
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password, or check them."""
    next_page = find_next_page(request)
    if request.method == "GET":
        return draw(request, "log_in", next_page=next_page, mistake="", has_accounts=bool(list_accounts()))
    name, password = request.POST.get("name", "")[:MAX_NAME], request.POST.get("password", "")
    address, now = find_address(request), timezone.now()
    with transaction.atomic():
        wait_s = find_wait_s(name, address, now)
        if not wait_s:
            count_try(name, address, now)
    if wait_s:
        note(request, "refused", address, who=name)
        response = draw(request, "log_in", 429, next_page=next_page, mistake="wait", wait_s=wait_s, has_accounts=True)
        response["Retry-After"] = str(wait_s)
        return response
    user = authenticate(request, username=name, password=password) if len(password) <= MAX_PASSWORD else None
    if user is None:
        note(request, "refused", address, who=name)
        return draw(request, "log_in", 403, next_page=next_page, mistake="wrong", has_accounts=True)
    forget_tries(name, address)
    login(request, user)
    note(request, "log_in", address)
    return redirect(next_page)


@login_not_required
@require_GET
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Let in who has the link, once; whoever comes with it again is a stranger."""
    name = "" if list_accounts() else use_link(find_site().project, token)
    if not name:
        return draw(request, "mistake", 403, kind="link")
    login(request, find_local(name), backend="django.contrib.auth.backends.ModelBackend")
    note(request, "log_in", find_address(request))
    return redirect("start")


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Go out."""
    note(request, "log_out")
    logout(request)
    return redirect("log_in")


@login_not_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep which language or shade the reader wants, and go back to where they were."""
    response = redirect(find_next_page(request))
    for name, cookie, known in (("language", LANGUAGE_COOKIE, LANGUAGES), ("shade", SHADE_COOKIE, SHADES)):
        value = request.POST.get(name, "")
        if value in known:
            response.set_cookie(cookie, value, max_age=KEPT_S, httponly=True, samesite="Lax")
    return response


def find_address(request: HttpRequest) -> str:
    """Find where a request comes from: behind a proxy, what the proxy itself saw."""
    seen = str(request.META.get("REMOTE_ADDR") or "")
    if find_site().is_behind_proxy:
        seen = request.headers.get("X-Forwarded-For", seen).split(",")[-1].strip()
    return seen[:MAX_ADDRESS]


def find_next_page(request: HttpRequest) -> str:
    """Find the page to go on to, of ours alone."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours else reverse("start")
