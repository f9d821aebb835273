"""Outlook: the queue and the health as the pages show them, worked out in the background and kept.

Judging the codes by their examples takes seconds, so it is done once for the examples and rows there are; until it is
done again, what was judged before counts, but for the codes that a decision changed. The rest of the queue takes
milliseconds and follows every decision at once.

Errors: none of its own. Why nothing can be said is in `mistake`.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.audit.table import TABLE as AUDITED
from pipeline.audit.table import read_agreement
from pipeline.config import Project
from pipeline.curate import CodeHealth, Health, Task, judge_codes, list_tasks, score_health
from pipeline.curate.web.codes import read_codes
from pipeline.curate.web.desk import Desk, open_desk, start
from pipeline.errors import CallReasonsError
from pipeline.examples import load_examples
from pipeline.state import is_running
from pipeline.taxonomy import Code, Taxonomy


@dataclass(frozen=True)
class Outlook:
    """What to look at next and how good the codes are; `is_current` says that no decision or run came since."""

    tasks: Sequence[Task]
    health: Health
    codes: Sequence[CodeHealth]  # weakest first
    is_current: bool
    mistake: str = ""


@dataclass(frozen=True)
class Judged:
    """The codes of a taxonomy, judged; `name` says of which examples, rows and audit."""

    name: tuple[str, ...]
    taxonomy: Taxonomy
    codes: Sequence[CodeHealth]
    health: Health
    agreement: float | None


@dataclass
class Lookout:
    """The outlook of one project: none while the first is being worked out."""

    project: Project
    judged: Judged | None = None
    mistake: str = ""
    judger: threading.Thread | None = None
    listed: tuple[Judged, Taxonomy, Sequence[Task]] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> Outlook | None:
        """Say what to look at as far as it is known, and begin to work out what is not."""
        desk = open_desk(self.project)
        if not desk.is_ready:
            return None
        taxonomy = read_codes(self.project)
        name = self._name(desk, taxonomy)
        with self.lock:
            if (self.judged is None or self.judged.name != name) and not (self.judger and self.judger.is_alive()):
                self.judger = start(lambda: self._judge(desk, taxonomy, name))
        judged = self.judged
        if judged is None:
            return Outlook((), Health(0.0, ()), (), is_current=False, mistake=self.mistake) if self.mistake else None
        ranked = sorted(judged.codes, key=lambda code: (code.strength, code.number))
        tasks = self._list(desk, judged, taxonomy)
        return Outlook(tasks, judged.health, ranked, judged.name == name, desk.mistake or self.mistake)

    def _name(self, desk: Desk, taxonomy: Taxonomy) -> tuple[str, ...]:
        return desk.board_name, taxonomy.examples_fingerprint, *self.project.store.current(AUDITED)

    def _judge(self, desk: Desk, taxonomy: Taxonomy, name: tuple[str, ...]) -> None:
        board = desk.previewer.board if desk.previewer else None
        known = self.judged.agreement if self.judged else None
        try:
            background = load_examples("background", self.project).texts
            codes = judge_codes(taxonomy, desk.find_encoder(), background)
            agreement = known if is_running(self.project) else read_agreement(self.project.store)
        except CallReasonsError as error:
            self.mistake = str(error)
            return
        health = score_health(taxonomy, codes, board=board, agreement=agreement)
        self.judged, self.mistake = Judged(name, taxonomy, codes, health, agreement), ""

    def _list(self, desk: Desk, judged: Judged, taxonomy: Taxonomy) -> Sequence[Task]:
        """List the queue; the same one is not listed twice."""
        previewer, listed = desk.previewer, self.listed
        if previewer is None or desk.found is None:
            return ()
        if listed and listed[0] is judged and listed[1] is taxonomy:
            return listed[2]
        was = {code.number: _find_taught(code) for code in judged.taxonomy.codes}
        same = {code.number for code in taxonomy.codes if was.get(code.number) == _find_taught(code)}
        codes = [code for code in judged.codes if {code.number, code.taken_by or code.number} <= same]
        tasks = list_tasks(taxonomy, previewer.board, codes, desk.found)
        self.listed = judged, taxonomy, tasks
        return tasks


LOOKOUTS: dict[Path, Lookout] = {}


def look(project: Project) -> Outlook | None:
    """Find the outlook of a project; none while the first is being worked out."""
    return LOOKOUTS.setdefault(project.root, Lookout(project)).look()


def _find_taught(code: Code) -> tuple[object, ...]:
    return code.examples, code.not_examples, code.status, code.merged_into
