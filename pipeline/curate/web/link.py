"""Link: the one-time link with which whoever started the page comes in, where there are no accounts.

Other users of the same machine can reach 127.0.0.1 too, so being there is not enough. The token stands on the terminal
alone; `state/` keeps its hash. A browser is opened by way of a file that only its owner can read, because everybody can
see what programs are started with.

Errors: none of its own.
"""

import hmac
import os
import secrets
from hashlib import sha256
from html import escape
from pathlib import Path

from pipeline.config import Project

LINK_FILE, PAGE_FILE = "curate-link", "curate-link.html"
TOKEN_BYTES = 32


def make_link(project: Project, login: str) -> str:
    """Make the token of a new link for somebody; earlier links are void."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    write_private(project.state / LINK_FILE, f"{_hash(token)} {login}")
    return token


def use_link(project: Project, token: str) -> str:
    """Use up the link and say whose it was, '' for a wrong one; of two who come at once, one is let in."""
    path = project.state / LINK_FILE
    used = path.with_name(f"{LINK_FILE}-{secrets.token_hex(4)}")
    kept, _, login = path.read_text(encoding="utf-8").partition(" ") if path.exists() else ("", "", "")
    if not kept or not hmac.compare_digest(kept, _hash(token)):
        return ""
    try:
        path.rename(used)
    except FileNotFoundError:
        return ""
    used.unlink()
    (project.state / PAGE_FILE).unlink(missing_ok=True)
    return login


def void_link(project: Project) -> None:
    """Make the link that nobody has used void."""
    for name in (LINK_FILE, PAGE_FILE):
        (project.state / name).unlink(missing_ok=True)


def write_page(project: Project, address: str) -> Path:
    """Write a page for its owner alone that leads to an address, and say where it lies."""
    path = project.state / PAGE_FILE
    write_private(path, f'<!doctype html><meta http-equiv="refresh" content="0; url={escape(address)}">')
    return path


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
