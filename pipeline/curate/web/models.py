"""Models: who played or took out what, and who failed to log in; kept in `state/curate.db` beside Django's own tables.

Errors: none of its own.
"""

from datetime import datetime
from typing import ClassVar

from django.db import models

MAX_NAME, MAX_SUBJECT, MAX_ADDRESS = 150, 400, 64  # characters


class Access(models.Model):
    """One line of the access log: who did what, to what, and when; never what was said."""

    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(db_index=True)
    who: "models.CharField[str, str]" = models.CharField(max_length=MAX_NAME)
    what: "models.CharField[str, str]" = models.CharField(max_length=20)  # play, export, log_in, log_out, refused
    subject: "models.CharField[str, str]" = models.CharField(max_length=MAX_SUBJECT)

    objects: ClassVar[models.Manager["Access"]] = models.Manager()

    class Meta:
        """What people may do, as permissions: they hang on this model because the log tells who did it."""

        ordering = ("-at", "-id")
        default_permissions = ()
        permissions = (
            ("look", "Read candidates, codes and redacted words"),
            ("hear", "Play recordings"),
            ("export", "Take words and figures out as a file"),
            ("curate", "Change the taxonomy"),
            ("audit", "Code calls without the machine's answer"),
            ("administer", "Read the access log"),
        )


class FailedLogIn(models.Model):
    """One log-in that has failed, or is being tried."""

    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(db_index=True)
    account: "models.CharField[str, str]" = models.CharField(max_length=MAX_NAME)
    address: "models.CharField[str, str]" = models.CharField(max_length=MAX_ADDRESS)

    objects: ClassVar[models.Manager["FailedLogIn"]] = models.Manager()

    class Meta:
        """Nobody is asked for leave to fail."""

        default_permissions = ()
