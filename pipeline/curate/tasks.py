"""Tasks: what a curator should look at next, worst first, each with why and about how many minutes it takes.

Worst is what rose in the last week, then what most calls hang on. What was found by others (the check of near pairs,
the matcher's doubts, clusters) is put into one order here; what a decision has settled since the last run is left out.

Errors: MissingTableError before the first run.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pipeline.config import Project
from pipeline.curate.board import Board, load_board
from pipeline.curate.health import CodeHealth, judge_codes
from pipeline.curate.vectors import map_encoder
from pipeline.encoders import Encoder
from pipeline.examples import load_examples
from pipeline.lint.usage import MIN_CALLS_TO_JUDGE
from pipeline.tables import Store
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, read_taxonomy
from pipeline.words import LANGUAGES, Words

# Minutes that one of a kind takes a person who reads the examples and listens to some calls.
MINUTES = {"rose": 5, "candidate": 4, "undecided": 3, "near_pair": 5, "disagree": 3, "loose": 6, "unused": 1}
MIN_UNDECIDED_CALLS = 2  # between the same two codes: one may be a chance
MAX_FOUND_RATIO = 0.75  # of a code's examples that find it; above, they agree well enough
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """One thing to look at.

    `kind` is rose, candidate, undecided, near_pair, disagree, loose or unused; `about` names the candidate, codes or
    pair; `n_calls` hang on it, and `cost`, in the project's currency, is theirs today. `figures` are what its words
    speak of, those of a language under a name that ends in it. `alert` is rose, new or empty.
    """

    kind: str
    about: tuple[str, ...]
    n_calls: int
    cost: float
    minutes: int
    figures: Mapping[str, str | int] = field(default_factory=dict)
    alert: str = ""

    def title(self, words: Words) -> str:
        """Say what to look at."""
        return words(f"curate.queue.{self.kind}.title", **self._write(words))

    def why(self, words: Words) -> str:
        """Say why it is there, and what to do."""
        return words(f"curate.queue.{self.kind}.why", **self._write(words))

    def _write(self, words: Words) -> dict[str, str]:
        figures = {"n_calls": self.n_calls, "minutes": self.minutes, **self.figures}
        own = {name.removesuffix(f"_{words.language}"): one for name, one in figures.items()}
        return {name: words.number(one) if isinstance(one, int) else one for name, one in own.items()}


@dataclass(frozen=True)
class Found:
    """What the last run found beside its utterances: rows of `clusters` and of `reason_changes` by id, `near_pairs`."""

    candidates: Mapping[str, Row]
    rises: Mapping[str, Row]
    near_pairs: Sequence[Row]


def list_queue(
    project: Project,
    *,
    taxonomy: Taxonomy | None = None,
    board: Board | None = None,
    encoder: Encoder | None = None,
) -> list[Task]:
    """List what to look at next, worst first.

    Args:
        project: Whose codes and calls.
        taxonomy: The codes as they are; read when not given.
        board: The last run's utterances; loaded when not given.
        encoder: Embeds examples; the project's when not given.
    """
    taxonomy = taxonomy or read_taxonomy(project.taxonomy / TAXONOMY_FILE)
    board = board or load_board(project)
    background = load_examples("background", project).texts
    codes = judge_codes(taxonomy, encoder or map_encoder(project), background)
    return list_tasks(taxonomy, board, codes, read_found(project.store))


def read_found(store: Store) -> Found:
    """Read what the last run found; what it did not come to is empty."""
    columns = ["cluster_id", "name", "is_new"]
    clusters = store.read("clusters", columns).to_pylist() if store.has("clusters") else []
    rises = [row for row in store.list_rows("reason_changes") if row["change"] == "rose"]
    by_id = {row["reason_id"]: row for row in rises if row["reason_kind"] in ("code", "candidate")}
    return Found({row["cluster_id"]: row for row in clusters}, by_id, store.list_rows("near_pairs"))


def list_tasks(taxonomy: Taxonomy, board: Board, codes: Sequence[CodeHealth], found: Found) -> list[Task]:
    """List what to look at next, worst first, where the codes are judged."""
    settled = _find_settled(taxonomy, board)
    tasks = [
        *_list_rises(taxonomy, board, found),
        *_list_candidates(board, found, settled),
        *_list_undecided(taxonomy, board),
        *_list_near_pairs(taxonomy, board, found, settled),
        *_list_disagreeing(codes, taxonomy, board),
        *_list_loose(board),
        *_list_unused(taxonomy, board),
    ]
    order = list(MINUTES)
    return sorted(tasks, key=lambda task: (task.alert != "rose", -task.n_calls, order.index(task.kind), task.about))


def _list_rises(taxonomy: Taxonomy, board: Board, found: Found) -> Iterator[Task]:
    """List codes that rose in the last full week, with that week's calls and what they cost."""
    sums = _name_sums(board)
    for number, row in found.rises.items():
        code = taxonomy.find_code(number)
        if row["reason_kind"] == "code" and code and code.is_active:
            n_calls, cost = sums.get(number, (0, 0.0))
            n_week = row["observed"]
            week_cost = cost * n_week / n_calls if n_calls else 0.0
            task = _make("rose", (number,), n_week, week_cost, code=number, usual=round(row["expected"]))
            yield replace(task, alert="rose")


def _find_settled(taxonomy: Taxonomy, board: Board) -> set[str]:
    """Find the candidates of which a member became an example since."""
    taught = {text for _, text in taxonomy.list_examples()}
    return {board.names[at] for at in np.unique(board.clusters[board.find_said(taught)]) if at >= 0}


def _list_candidates(board: Board, found: Found, settled: Collection[str]) -> Iterator[Task]:
    """List candidates that are not settled."""
    for index, (n_calls, cost) in board.by_cluster.items():
        cluster_id = board.names[index]
        row = found.candidates.get(cluster_id)
        if row and cluster_id not in settled:
            alert = "rose" if cluster_id in found.rises else "new" if row["is_new"] else ""
            yield replace(_make("candidate", (cluster_id,), n_calls, cost, name=row["name"]), alert=alert)


def _list_undecided(taxonomy: Taxonomy, board: Board) -> Iterator[Task]:
    """List pairs of codes that utterances are undecided between, unless they were merged since."""
    for names, (n_calls, cost) in board.by_undecided.items():
        a, b = sorted(taxonomy.find_current(name) for name in names)
        if a != b and n_calls >= MIN_UNDECIDED_CALLS:
            yield _make("undecided", (a, b), n_calls, cost, a=a, b=b)


def _list_near_pairs(taxonomy: Taxonomy, board: Board, found: Found, settled: Collection[str]) -> Iterator[Task]:
    """List near pairs that fell together in the last run, with the calls of the codes or candidates they met in."""
    sums = _name_sums(board)
    for row in found.near_pairs:
        places = [place for place in row["places"] or () if place not in settled and _is_there(taxonomy, place)]
        if places:
            wrong = 1 - row["n_right"] / max(1, row["n_asked"])
            n_calls, cost = (wrong * sum(one) for one in zip(*(sums.get(p, (0, 0.0)) for p in places), strict=True))
            names = {f"pair_{one}": f"{row[f'reason_a_{one}']} / {row[f'reason_b_{one}']}" for one in LANGUAGES}
            about = (row["pair"], *places)
            yield _make("near_pair", about, round(n_calls), cost, places=", ".join(places), **names)


def _is_there(taxonomy: Taxonomy, place: str) -> bool:
    code = taxonomy.find_code(place)
    return code is None or code.is_active


def _list_disagreeing(codes: Sequence[CodeHealth], taxonomy: Taxonomy, board: Board) -> Iterator[Task]:
    """List codes whose examples, unseen, find others; the calls at stake are that share of the code's."""
    sums = {taxonomy.find_current(board.names[at]): one for at, one in board.by_code.items()}
    for code in codes:
        if code.n_asked and code.n_found <= MAX_FOUND_RATIO * code.n_asked:
            wrong = 1 - code.n_found / code.n_asked
            n_calls, cost = sums.get(code.number, (0, 0.0))
            n_others = code.n_asked - code.n_found
            yield _make(
                "disagree", (code.number, code.taken_by), round(wrong * n_calls), wrong * cost,
                code=code.number, other=code.taken_by, n_others=n_others, n_examples=code.n_asked,
            )  # fmt: skip


def _list_loose(board: Board) -> Iterator[Task]:
    """List, as one task, calls that no code fits and no candidate holds."""
    if board.loose[0]:
        yield _make("loose", (), *board.loose)


def _list_unused(taxonomy: Taxonomy, board: Board) -> Iterator[Task]:
    """List codes that no call took, once there are calls enough to say so."""
    used = {taxonomy.find_current(board.names[at]) for at in board.by_code}
    for code in taxonomy.active:
        if board.n_calls >= MIN_CALLS_TO_JUDGE and code.number not in used:
            yield _make("unused", (code.number,), 0, 0.0, code=code.number, n_all=board.n_calls)


def _name_sums(board: Board) -> dict[str, tuple[int, float]]:
    return {board.names[index]: sums for index, sums in [*board.by_code.items(), *board.by_cluster.items()]}


def _make(kind: str, about: tuple[str, ...], n_calls: int, cost: float, **figures: str | int) -> Task:
    return Task(kind, about, n_calls, round(cost, 2), MINUTES[kind], figures)
