"""Web: the curators' page, a Django application on the project's own machine.

`site` makes Django's settings from the project, `server` serves them, `doors` lets people in, `views` draws the pages
from `snapshot`, a copy of the tables that answers at once. What people may do hangs on permissions (`accounts`); what
they played and exported is in the access log (`models`). `acting` alone changes the taxonomy, by `pipeline.curate`:
`readers` read which act a form asks for, `splits` and `joining` show what it can be about.

Errors: MissingExtraError when Django is not installed; SettingsError when a door would stand open.
"""

import importlib.util

from pipeline.errors import MissingExtraError

PARTS = ("django", "django_htmx", "gunicorn")


def check_extra() -> None:
    """Check that what the page is served with is installed.

    Raises:
        MissingExtraError: It is not.
    """
    if any(importlib.util.find_spec(part) is None for part in PARTS):
        raise MissingExtraError(
            "The curators' page needs the extra 'curate'. Install it with `pip install 'call-reasons[curate]'`."
        )
