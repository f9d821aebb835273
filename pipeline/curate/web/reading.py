"""Reading: what an address asks for; what cannot be read is as if it were not asked.

Errors: none of its own.
"""

from django.http import HttpRequest


def read_choice(request: HttpRequest, name: str, known: tuple[str, ...]) -> str:
    """Read one of several words; the first where it is none of them."""
    asked = request.GET.get(name, "")
    return asked if asked in known else known[0]


def read_number(request: HttpRequest, name: str) -> int:
    """Read a count of up to six digits; 0 where it is none."""
    asked = request.GET.get(name, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 6 else 0
