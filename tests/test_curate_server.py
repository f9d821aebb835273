"""Curate, server: where it listens, when it refuses to, and the accounts at the command line."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from curated_project import PASSWORD

from pipeline.config import Project, Settings
from pipeline.curate.web.link import make_link, use_link, void_link, write_page
from pipeline.curate.web.server import Address, check_accounts, check_address, check_port, make_site
from pipeline.curate.web.site import read_secret
from pipeline.errors import SettingsError

REPOSITORY = Path(__file__).parent.parent


def callreasons(*arguments, words=""):
    """Run the command."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200"}
    command = [sys.executable, "-m", "pipeline.cli", "curate", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, input=words, env=environment)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_this_machine_alone_needs_neither_tls_nor_accounts(host):
    """Nobody else can come: the link guards against other users of the machine."""
    check_address(Address(host))
    check_accounts(Address(host), 0)


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        (Address("10.0.0.5"), "needs TLS there"),
        (Address("0.0.0.0"), "needs TLS there"),
        (Address("example.com"), "needs TLS there"),
        (Address("0.0.0.0", is_behind_proxy=True), "by a name"),
        (Address("127.0.0.1", is_behind_proxy=True), "by a name"),
        (Address(certificate=Path("page.pem")), "belong together"),
        (Address(certificate=Path("no.pem"), certificate_key=Path("no.key")), "cannot be read"),
    ],
)
def test_an_open_door_is_refused(address, rule):
    """Every way in which others could listen in, or come under any name, is one line that says how to mend it."""
    with pytest.raises(SettingsError, match=rule):
        check_address(address)


@pytest.mark.parametrize(
    "address", [Address("10.0.0.5"), Address("127.0.0.1", is_behind_proxy=True, names=("reasons.example.com",))]
)
def test_where_others_can_come_there_must_be_an_account(address):
    """A link is for this machine; behind a proxy others come too, wherever it listens."""
    with pytest.raises(SettingsError, match="accounts add"):
        check_accounts(address, 0)
    check_accounts(address, 1)


def test_a_taken_port_is_said_before_anything_starts():
    """The line names the address and the options that change it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsError, match="is taken"):
            check_port(Address(port=taken.getsockname()[1]))


def test_the_site_knows_its_names_and_whether_browsers_come_safely():
    """Only names that were given, or the address itself, are answered; cookies are safe where TLS is."""
    project = Project(Path(), Settings())
    assert make_site(project, Address()).hosts == ("127.0.0.1", "localhost")
    proxied = make_site(project, Address("0.0.0.0", is_behind_proxy=True, names=("reasons.example.com",)))
    assert proxied.hosts == ("reasons.example.com",)
    assert proxied.is_secure
    own = make_site(project, Address("10.0.0.5", certificate=Path("a"), certificate_key=Path("b")))
    assert (own.hosts, own.is_secure) == (("10.0.0.5",), True)


def test_settings_are_strict_where_browsers_come_safely(project):
    """Cookies travel by HTTPS alone, and behind a proxy plain HTTP is sent to HTTPS."""
    from pipeline.curate.web.site import Site, make_settings

    settings = make_settings(Site(project, ("x",), is_secure=True, is_behind_proxy=True))
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]
    assert settings["SECURE_SSL_REDIRECT"]
    assert settings["DEBUG"] is False
    assert "PASSWORD_HASHERS" not in settings
    assert not make_settings(Site(project))["SESSION_COOKIE_SECURE"]


def test_keys_links_and_the_database_are_for_their_owner_alone(page):
    """Other users of the machine can read none of them."""
    make_link(page, "maria")
    shown = write_page(page, "http://127.0.0.1:8765/enter/x")
    for path in (page.state / "curate-secret", page.state / "curate-link", page.state / "curate.db", shown):
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_the_secret_is_made_once(project):
    """Sessions outlive a restart; the key is long."""
    assert read_secret(project) == read_secret(project)
    assert len(read_secret(project)) >= 50


def test_a_link_is_used_up_and_its_token_is_not_kept(project):
    """The file has the token's hash; a newer link, or none, makes it void."""
    token = make_link(project, "maria li")
    assert token not in (project.state / "curate-link").read_text()
    assert use_link(project, "wrong") == ""
    assert use_link(project, token) == "maria li"
    assert use_link(project, token) == ""
    old, new = make_link(project, "maria"), make_link(project, "maria")
    assert (use_link(project, old), use_link(project, new)) == ("", "maria")
    last = make_link(project, "maria")
    void_link(project)
    assert use_link(project, last) == ""


def test_accounts_are_kept_at_the_command_line(tmp_path):
    """Add, list, change and remove; the password comes on stdin and is never an argument."""
    (tmp_path / "pipeline.toml").write_text("")
    folder = ("--project", tmp_path)
    added = callreasons("accounts", "add", "wei", "--role", "look", "--role", "audit", *folder, words=f"{PASSWORD}\n")
    assert (added.returncode, added.stderr) == (0, "")
    assert PASSWORD not in added.stdout
    callreasons("accounts", "role", "wei", "--role", "curate", *folder)
    (row,) = [json.loads(line) for line in callreasons("accounts", "list", "--json", *folder).stdout.splitlines()]
    assert row == {"name": "wei", "roles": ["curate"], "last_at": None}
    refused = callreasons("accounts", "remove", "ida", *folder)
    assert refused.returncode == 2
    assert refused.stderr == "callreasons: There is no account 'ida'. `callreasons curate accounts list` lists them.\n"
    assert callreasons("accounts", "remove", "wei", *folder).returncode == 0
    assert "no accounts" in callreasons("accounts", "list", *folder).stdout


def test_an_open_address_ends_with_2_and_one_line(tmp_path):
    """Nothing is served where others could listen in."""
    (tmp_path / "pipeline.toml").write_text("")
    done = callreasons("--host", "0.0.0.0", "--project", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("callreasons: Address 0.0.0.0 can be reached by others")
    assert done.stderr.count("\n") == 1


def test_a_missing_extra_names_its_command(monkeypatch):
    """Without Django the command says what to install."""
    import importlib.util

    from pipeline.curate.web import check_extra
    from pipeline.errors import MissingExtraError

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'call-reasons\[curate\]'"):
        check_extra()
