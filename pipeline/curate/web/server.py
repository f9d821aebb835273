"""Server: one process with threads, by gunicorn, over HTTP on this machine alone or over TLS.

Errors: SettingsError when a door would stand open, the port is taken, or a certificate cannot be read.
"""

import ipaddress
import os
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from pipeline.config import Project
from pipeline.curate.web.site import LOCAL_HOSTS, Site
from pipeline.errors import SettingsError
from pipeline.threads import use_one_thread

N_THREADS = 16
ANY_HOSTS = ("0.0.0.0", "::", "")  # noqa: S104 - named to be refused
STOP_S = 3  # for what is still being answered


@dataclass(frozen=True)
class Address:
    """Where the page is served: on which address and port, with which certificate, under which names."""

    host: str = "127.0.0.1"
    port: int = 8765
    certificate: Path | None = None
    certificate_key: Path | None = None
    is_behind_proxy: bool = False
    names: tuple[str, ...] = ()

    @property
    def is_local(self) -> bool:
        """Only this machine can reach it, and nothing passes on what comes from others."""
        if self.is_behind_proxy:
            return False
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host in LOCAL_HOSTS

    @property
    def bind(self) -> str:
        """What the server listens on."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """What a browser on this machine, or the first of its names, opens."""
        if self.is_behind_proxy:
            return f"https://{self.names[0]}/"
        name = self.names[0] if self.names else self.host
        shown = f"[{name}]" if ":" in name else name
        return f"{'https' if self.certificate else 'http'}://{shown}:{self.port}/"


def check_address(address: Address) -> None:
    """Check that nobody could listen in, and that requests can be told from forged ones.

    Raises:
        SettingsError: The address is open without TLS or a proxy, has no name, or its certificate cannot be read.
    """
    if bool(address.certificate) != bool(address.certificate_key):
        raise SettingsError("--certificate and --certificate-key belong together. Give both or neither.")
    if address.certificate:
        _check_certificate(address.certificate, address.certificate_key)
    if not address.is_local and not address.certificate and not address.is_behind_proxy:
        raise SettingsError(
            f"Address {address.host} can be reached by others, so the page needs TLS there. Give --certificate and "
            "--certificate-key, or --behind-proxy where a proxy does it."
        )
    if not address.names and (address.is_behind_proxy or address.host in ANY_HOSTS):
        raise SettingsError(
            "Browsers must know the page by a name there. Give it with --name, such as --name reasons.example.com."
        )


def check_accounts(address: Address, n_accounts: int) -> None:
    """Check that there is somebody to log in where others can come.

    Raises:
        SettingsError: There is no account.
    """
    if not address.is_local and not n_accounts:
        raise SettingsError(
            "Others can reach the page there, and there are no accounts. Make one first: "
            "`callreasons curate accounts add NAME --role curate`."
        )


def check_port(address: Address) -> None:
    """Check that the address is there and its port is free.

    Raises:
        SettingsError: It is not.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((address.host, address.port))
    except (OSError, OverflowError):
        raise SettingsError(
            f"Address {address.bind} is taken or not of this machine. Name another with --port or --host."
        ) from None


def make_site(project: Project, address: Address) -> Site:
    """Make the site that is served on an address."""
    own = LOCAL_HOSTS if address.is_local else ()
    hosts = dict.fromkeys((*own, *((address.host,) if address.host not in ANY_HOSTS else ()), *address.names))
    return Site(
        project,
        hosts=tuple(f"[{host}]" if ":" in host else host for host in hosts),
        is_secure=bool(address.certificate) or address.is_behind_proxy,
        is_behind_proxy=address.is_behind_proxy,
    )


def serve(address: Address, say_ready: Callable[[], None]) -> None:
    """Serve until stopped; Django is configured before.

    Args:
        address: Where.
        say_ready: Called once browsers can come.
    """
    from django.db import connections

    connections.close_all()  # the process that serves opens its own
    with use_one_thread():  # finds the libraries while there is one thread
        pass
    settings: dict[str, Any] = {
        "bind": address.bind,
        "workers": 1,
        "worker_class": "gthread",
        "threads": N_THREADS,
        "graceful_timeout": STOP_S,
        "loglevel": "error",
        "accesslog": None,
        "forwarded_allow_ips": "",
        "control_socket_disable": True,
        "preload_app": True,
        "when_ready": lambda _: say_ready(),
        "worker_exit": lambda _, __: os._exit(0),  # at once: what is worked out in the background can be again
    }
    if address.certificate:
        settings |= {"certfile": str(address.certificate), "keyfile": str(address.certificate_key)}
    _Page(settings).run()


class _Page(BaseApplication):  # type: ignore[misc]
    """The Django application as gunicorn wants it."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        super().__init__(prog="callreasons curate")

    def load_config(self) -> None:
        for name, value in self.settings.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        from django.core.wsgi import get_wsgi_application

        return get_wsgi_application()


def _check_certificate(certificate: Path, key: Path | None) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError):
        raise SettingsError(
            f"Certificate '{certificate}' and its key cannot be read as a pair of PEM files. Check both paths."
        ) from None
