"""Accounts: who may come in and what they may do there; Django's own accounts, groups and password hashing.

Errors: InputError names the account or the rule, and never the password.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Group, Permission, User
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError

from pipeline.curate.web.site import LABEL
from pipeline.errors import InputError

# Recordings are as they were spoken, so reading redacted words does not include hearing them; who keeps the accounts
# and reads the log needs neither. Who audits sees the calls that were drawn and nothing that the machine says.
ROLES: dict[str, tuple[str, ...]] = {
    "look": ("look",),
    "curate": ("look", "hear", "export", "curate"),
    "audit": ("audit",),
    "administer": ("administer",),
}


@dataclass(frozen=True)
class Account:
    """One account as `callreasons curate accounts list` shows it; `last_at` is UTC."""

    name: str
    roles: tuple[str, ...]
    last_at: datetime | None


def make_roles() -> None:
    """Make every role, with what it may do."""
    for role, permissions in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(Permission.objects.filter(content_type__app_label=LABEL, codename__in=permissions))


def list_accounts() -> list[Account]:
    """List the accounts that can log in with a password, by name."""
    users = User.objects.filter(is_active=True).prefetch_related("groups").order_by("username")
    return [Account(user.username, _list_roles(user), user.last_login) for user in users if user.has_usable_password()]


def add_account(name: str, roles: Sequence[str], password: str) -> None:
    """Add an account.

    Raises:
        InputError: The name is taken or not allowed, a role is unknown, or the password is too weak.
    """
    _check_roles(roles)
    user = User.objects.filter(username=name).first() or User(username=name)
    if user.pk and user.has_usable_password() and user.is_active:
        raise InputError(f"Account '{name}' is there already. Change its role or its password instead.")
    try:
        UnicodeUsernameValidator()(name)
    except ValidationError:
        raise InputError(f"Account '{name}': a name has letters, digits and @ . + - _ only. Choose another.") from None
    _set_password(user, password)
    user.is_active = True
    user.save()
    user.groups.set(Group.objects.filter(name__in=roles))


def change_roles(name: str, roles: Sequence[str]) -> None:
    """Give an account these roles and no others.

    Raises:
        InputError: There is no such account, or no such role.
    """
    _check_roles(roles)
    _find_user(name).groups.set(Group.objects.filter(name__in=roles))


def change_password(name: str, password: str) -> None:
    """Give an account another password; whoever is logged in with the old one is logged out.

    Raises:
        InputError: There is no such account, or the password is too weak.
    """
    user = _find_user(name)
    _set_password(user, password)
    user.save()


def remove_account(name: str) -> None:
    """Remove an account; whoever is logged in with it is logged out. The access log keeps its name.

    Raises:
        InputError: There is no such account.
    """
    _find_user(name).delete()


def find_local(login: str) -> User:
    """Find whoever started the page, who comes in by its link and has every role; made when not there yet."""
    user, _ = User.objects.get_or_create(username=login, defaults={"password": "!"})
    user.groups.set(Group.objects.filter(name__in=ROLES))
    return user


def shut_link() -> None:
    """Let nobody stay in who came by a link, now that there are accounts."""
    for user in User.objects.filter(is_active=True):
        if not user.has_usable_password():
            user.delete()


def _list_roles(user: User) -> tuple[str, ...]:
    names = {group.name for group in user.groups.all()}
    return tuple(role for role in ROLES if role in names)


def _find_user(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise InputError(f"There is no account '{name}'. `callreasons curate accounts list` lists them.")
    return user


def _check_roles(roles: Sequence[str]) -> None:
    unknown = [role for role in roles if role not in ROLES]
    if unknown or not roles:
        raise InputError(f"Roles should be some of {', '.join(ROLES)}, got {', '.join(roles) or 'none'}. Mend --role.")


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InputError(f"{' '.join(error.messages)} Choose another password.") from None
    user.set_password(password)
