"""Desk: what acts are previewed with, opened once a server in the background and again when a run made other rows.

Loading the last run's rows and fitting the matcher takes seconds; until then the pages say that it is getting ready.

Errors: none of its own. Why it could not be opened is in `mistake`.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.config import Project
from pipeline.curate.acts import Act
from pipeline.curate.board import name_board
from pipeline.curate.preview import Preview, Previewer, open_previewer
from pipeline.curate.tasks import Found, read_found
from pipeline.curate.vectors import map_encoder
from pipeline.curate.web.codes import read_codes
from pipeline.encoders import Encoder
from pipeline.errors import CallReasonsError
from pipeline.state import is_running
from pipeline.taxonomy import Taxonomy

CHECK_EVERY_S = 5.0


@dataclass
class Desk:
    """The previewer of one project: none while it is being opened, or where `mistake` says why it cannot be.

    `found` is what else the run that it was opened on left to look at.
    """

    project: Project
    previewer: Previewer | None = None
    found: Found | None = None
    mistake: str = ""
    board_name: str = ""
    checked_at_s: float = 0.0
    opener: threading.Thread | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    asking: threading.Lock = field(default_factory=threading.Lock)  # a previewer answers one at a time

    @property
    def is_ready(self) -> bool:
        """Whether it can be asked, or can be said why not."""
        return self.previewer is not None or bool(self.mistake)

    def open(self) -> "Desk":
        """Begin to open the previewer unless that is done; when a run made other rows, a new one takes its place."""
        with self.lock:
            is_due = not self.checked_at_s or time.monotonic() - self.checked_at_s > CHECK_EVERY_S
            if is_due and not (self.opener and self.opener.is_alive()):
                self.checked_at_s = time.monotonic()
                self.opener = start(self._renew)
        return self

    def preview(self, act: Act, taxonomy: Taxonomy) -> Preview | None:
        """Say what an act would move; null until there is a previewer.

        Raises:
            TaxonomyError: A rule forbids the act.
        """
        previewer = self.previewer  # another may take its place meanwhile
        if previewer is None:
            return None
        with self.asking:
            return previewer.preview(act, taxonomy)

    def find_encoder(self) -> Encoder:
        """Find what embeds sentences."""
        previewer = self.previewer
        return previewer.encoder if previewer else map_encoder(self.project)

    def _renew(self) -> None:
        """Open it on the last run's rows; while a run changes them, only where there is none yet."""
        import duckdb

        if is_running(self.project) and self.is_ready:
            return
        name = name_board(self.project)
        if name == self.board_name:
            return
        try:
            previewer, self.found, self.mistake = open_previewer(self.project), read_found(self.project.store), ""
            self.previewer = previewer
        except CallReasonsError as error:
            self.previewer, self.found, self.mistake = None, None, str(error)
        except (OSError, duckdb.IOException):  # the run took a file away: the next look tries again
            return
        self.board_name = name
        self._warm_up()

    def _warm_up(self) -> None:
        """Let nobody wait for what the first preview needs longer than for the rest of it."""
        if self.previewer is None:
            return
        with self.asking, suppress(CallReasonsError):  # a preview says what is wrong
            self.previewer.warm_up(read_codes(self.project))


DESKS: dict[Path, Desk] = {}


def open_desk(project: Project) -> Desk:
    """Find the desk of a project, and begin to open it."""
    return DESKS.setdefault(project.root, Desk(project)).open()


def start(work: Callable[[], None]) -> threading.Thread:
    """Start something in the background that does not keep the server from stopping."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread
