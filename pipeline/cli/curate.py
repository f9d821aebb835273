"""`callreasons curate`: the curators' page in the browser, and the accounts that may come in."""

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from pipeline.cli.options import (
    HERE,
    JsonOption,
    ProjectOption,
    console,
    error_console,
    find_login,
    open_project,
    write_json,
)
from pipeline.errors import InputError

if TYPE_CHECKING:
    from pipeline.curate.web.server import Address

app = typer.Typer(invoke_without_command=True)
accounts = typer.Typer(help="Who may come in to the curators' page, and what they may do there.", no_args_is_help=True)
app.add_typer(accounts, name="accounts")

RolesOption = Annotated[
    list[str], typer.Option("--role", help="look, curate, audit or administer; may be given again.", metavar="ROLE")
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
PortOption = Annotated[int, typer.Option(help="Port to serve on.", min=1, max=65535)]
OpenOption = Annotated[
    bool | None, typer.Option("--open/--no-open", help="Open a browser.", show_default="where there is a screen")
]
CertificateOption = Annotated[
    Path | None, typer.Option("--certificate", help="Certificate for TLS, PEM.", metavar="FILE")
]
KeyOption = Annotated[Path | None, typer.Option("--certificate-key", help="Its private key, PEM.", metavar="FILE")]
ProxyOption = Annotated[
    bool, typer.Option("--behind-proxy", help="A proxy does TLS and passes on X-Forwarded-For and -Proto.")
]
SiteOption = Annotated[
    list[str] | None,
    typer.Option("--name", help="Name under which browsers know the page; may be given again.", metavar="NAME"),
]


@app.callback(invoke_without_command=True)
def curate(  # noqa: PLR0913, PLR0917
    context: typer.Context,
    project: ProjectOption = HERE,
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
    port: PortOption = 8765,
    open_browser: OpenOption = None,
    certificate: CertificateOption = None,
    certificate_key: KeyOption = None,
    behind_proxy: ProxyOption = False,
    name: SiteOption = None,
) -> None:
    """Look through candidates and codes in the browser, with every quote in its call and its recording.

    On this machine alone it needs no account: the link that it prints lets in, once. On any other address it wants TLS,
    or a proxy that does it, and accounts.

    Examples: `callreasons curate`, `… --host 10.0.0.5 --certificate page.pem --certificate-key page.key`
    """
    if context.invoked_subcommand:
        return
    from pipeline.curate.web import check_extra

    check_extra()
    from pipeline.curate.web.server import Address, check_address

    address = Address(host, port, certificate, certificate_key, behind_proxy, tuple(name or ()))
    check_address(address)
    _serve(project, address, open_browser)


@accounts.command("add")
def add(name: NameArgument, role: RolesOption, project: ProjectOption = HERE) -> None:
    """Add an account; its password is asked for, or read from the first line of stdin.

    Examples: `callreasons curate accounts add wei --role curate`, `… add maria --role look --role administer`
    """
    _start(project)
    from pipeline.curate.web.accounts import add_account

    add_account(name, role, _read_password(name))
    console.print(f"Account '{name}' can log in: {', '.join(role)}.", markup=False)


@accounts.command("list")
def show(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """List the accounts, what they may do, and when each last logged in.

    Example: `callreasons curate accounts list --json`
    """
    _start(project)
    from pipeline.curate.web.accounts import list_accounts

    found = list_accounts()
    if as_json:
        write_json(asdict(one) for one in found)
        return
    table = Table("name", "roles", "last log-in", box=None, pad_edge=False)
    for one in found:
        table.add_row(one.name, ", ".join(one.roles), f"{one.last_at:%Y-%m-%d %H:%M} UTC" if one.last_at else "never")
    console.print(table if found else "There are no accounts: whoever starts the page comes in by its link.")


@accounts.command("role")
def change_role(name: NameArgument, role: RolesOption, project: ProjectOption = HERE) -> None:
    """Give an account these roles and no others; it counts at once.

    Example: `callreasons curate accounts role wei --role curate --role audit`
    """
    _start(project)
    from pipeline.curate.web.accounts import change_roles

    change_roles(name, role)
    console.print(f"Account '{name}' now has: {', '.join(role)}.", markup=False)


@accounts.command("password")
def change_password(name: NameArgument, project: ProjectOption = HERE) -> None:
    """Give an account another password, asked for or read from stdin; whoever is in with the old one is out.

    Example: `callreasons curate accounts password wei`
    """
    _start(project)
    from pipeline.curate.web.accounts import change_password as change

    change(name, _read_password(name))
    console.print(f"Account '{name}' has its new password.", markup=False)


@accounts.command("remove")
def remove(name: NameArgument, project: ProjectOption = HERE) -> None:
    """Remove an account; whoever is in with it is out. The access log keeps its name.

    Example: `callreasons curate accounts remove wei`
    """
    _start(project)
    from pipeline.curate.web.accounts import remove_account

    remove_account(name)
    console.print(f"Account '{name}' is removed.", markup=False)


def _start(folder: Path) -> None:
    from pipeline.curate.web import check_extra

    check_extra()
    from pipeline.curate.web.site import Site, configure

    configure(Site(open_project(folder)))


def _read_password(name: str) -> str:
    """Ask for a password twice, or read it from stdin where nobody sits.

    Raises:
        InputError: Stdin has none.
    """
    if sys.stdin.isatty():
        return str(typer.prompt(f"Password for {name}", hide_input=True, confirmation_prompt=True, err=True))
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise InputError("No password came on stdin. Type it at a terminal, or send it as the first line.")
    return password


def _serve(folder: Path, address: "Address", open_browser: bool | None) -> None:
    from pipeline.curate.web.server import check_accounts, check_port, make_site, serve
    from pipeline.curate.web.site import configure

    project = open_project(folder)
    check_port(address)
    configure(make_site(project, address))
    from pipeline.curate.web.accounts import list_accounts, shut_link
    from pipeline.curate.web.link import make_link, void_link, write_page
    from pipeline.curate.web.snapshot import make_snapshot

    n_accounts = len(list_accounts())
    check_accounts(address, n_accounts)
    void_link(project)
    if n_accounts:
        shut_link()
    url = address.url if n_accounts else f"{address.url}enter/{make_link(project, find_login())}"
    error_console.print("Reading the tables …")
    make_snapshot(project.store)

    def say_ready() -> None:
        once = "" if n_accounts else " This link lets in once."
        console.print(f"Open {url}", markup=False, soft_wrap=True)
        console.print(f"Ctrl-C stops the page.{once}")
        if _is_wanted(open_browser):
            typer.launch(write_page(project, url).as_uri())

    owner = os.getpid()
    try:
        serve(address, say_ready)
    finally:
        if os.getpid() == owner:  # the process that answers ends here too
            void_link(project)


def _is_wanted(open_browser: bool | None) -> bool:
    """Open a browser when told to, and else where a person sits before a screen."""
    has_screen = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform == "darwin")
    return (has_screen and sys.stdout.isatty()) if open_browser is None else open_browser
