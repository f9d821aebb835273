"""Tasks: what a curator should look at next, worst first, each with why and about how many minutes it takes.

Worst is what most calls hang on. What was found by others (the check of near pairs, the matcher's doubts, clusters) is
put into one order here; what a decision has settled since the last run is left out.

Errors: MissingTableError before the first run.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.config import Project
from pipeline.curate.board import Board, load_board
from pipeline.curate.health import CodeHealth, judge_codes
from pipeline.curate.vectors import map_encoder
from pipeline.encoders import Encoder
from pipeline.examples import load_examples
from pipeline.lint.usage import MIN_CALLS_TO_JUDGE
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, read_taxonomy
from pipeline.words import LANGUAGES, Words

# Minutes that one of a kind takes a person who reads the examples and listens to some calls.
MINUTES = {"candidate": 4, "undecided": 3, "near_pair": 5, "disagree": 3, "loose": 6, "unused": 1}
MIN_UNDECIDED_CALLS = 2  # between the same two codes: one may be a chance
MAX_FOUND_RATIO = 0.75  # of a code's examples that find it; above, they agree well enough


@dataclass(frozen=True)
class Task:
    """One thing to look at.

    `kind` is candidate, undecided, near_pair, disagree, loose or unused; `about` names the candidate, codes or pair;
    `n_calls` hang on it, and `cost`, in the project's currency, is theirs today. `figures` are what its words speak of,
    those of a language under a name that ends in it.
    """

    kind: str
    about: tuple[str, ...]
    n_calls: int
    cost: float
    minutes: int
    figures: Mapping[str, str | int] = field(default_factory=dict)

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
    tasks = [
        *_list_candidates(project, taxonomy, board),
        *_list_undecided(taxonomy, board),
        *_list_near_pairs(project, taxonomy, board),
        *_list_disagreeing(codes, taxonomy, board),
        *_list_loose(board),
        *_list_unused(taxonomy, board),
    ]
    return sorted(tasks, key=lambda task: (-task.n_calls, list(MINUTES).index(task.kind), task.about))


def _list_candidates(project: Project, taxonomy: Taxonomy, board: Board) -> Iterator[Task]:
    """List candidates of which no member became an example since."""
    if not project.store.has("clusters"):
        return
    names = {
        row["cluster_id"]: row["name"] for row in project.store.read("clusters", ["cluster_id", "name"]).to_pylist()
    }
    taught = {text for _, text in taxonomy.list_examples()}
    settled = {board.names[at] for at in np.unique(board.clusters[board.find_said(taught)]) if at >= 0}
    for index, (n_calls, cost) in _add_up(board, board.clusters).items():
        cluster_id = board.names[index]
        if cluster_id in names and cluster_id not in settled:
            yield _make("candidate", (cluster_id,), n_calls, cost, name=names[cluster_id])


def _list_undecided(taxonomy: Taxonomy, board: Board) -> Iterator[Task]:
    """List pairs of codes that utterances are undecided between, unless they were merged since."""
    rows = np.flatnonzero(np.isin(board.outcomes, board.find_indices(["undecided"])) & (board.second >= 0))
    low, high = (np.array(order(board.best[rows], board.second[rows])) for order in (np.minimum, np.maximum))
    keys = np.full(len(board), -1, np.int64)
    keys[rows] = low.astype(np.int64) * len(board.names) + high
    for key, (n_calls, cost) in _add_up(board, keys).items():
        pair = sorted({taxonomy.find_current(board.names[at]) for at in divmod(key, len(board.names))})
        if len(pair) == 2 and n_calls >= MIN_UNDECIDED_CALLS:
            yield _make("undecided", tuple(pair), n_calls, cost, a=pair[0], b=pair[1])


def _list_near_pairs(project: Project, taxonomy: Taxonomy, board: Board) -> Iterator[Task]:
    """List near pairs that fell together in the last run, with the calls of the codes or candidates they met in."""
    if not project.store.has("near_pairs"):
        return
    sums = _add_up(board, board.codes) | _add_up(board, board.clusters)
    by_name = {board.names[index]: values for index, values in sums.items()}
    for row in project.store.read("near_pairs").to_pylist():
        places = [place for place in row["places"] or () if _is_there(taxonomy, place)]
        if places:
            found = [by_name.get(place, (0, 0.0)) for place in places]
            wrong = 1 - row["n_right"] / max(1, row["n_asked"])
            n_calls, cost = (wrong * sum(one) for one in zip(*found, strict=True))
            names = {f"pair_{one}": f"{row[f'reason_a_{one}']} / {row[f'reason_b_{one}']}" for one in LANGUAGES}
            about = (row["pair"], *places)
            yield _make("near_pair", about, round(n_calls), cost, places=", ".join(places), **names)


def _is_there(taxonomy: Taxonomy, place: str) -> bool:
    code = taxonomy.find_code(place)
    return code is None or code.is_active


def _list_disagreeing(codes: Sequence[CodeHealth], taxonomy: Taxonomy, board: Board) -> Iterator[Task]:
    """List codes whose examples, unseen, find others; the calls at stake are that share of the code's."""
    sums = {taxonomy.find_current(board.names[at]): one for at, one in _add_up(board, board.codes).items()}
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
    rows = np.isin(board.outcomes, board.find_indices(["none_of_these"])) & (board.clusters < 0)
    for n_calls, cost in _add_up(board, np.where(rows, 0, -1)).values():
        yield _make("loose", (), n_calls, cost)


def _list_unused(taxonomy: Taxonomy, board: Board) -> Iterator[Task]:
    """List codes that no call took, once there are calls enough to say so."""
    n_calls = len(np.unique(board.calls))
    used = {taxonomy.find_current(board.names[at]) for at in np.unique(board.codes) if at >= 0}
    for code in taxonomy.active:
        if n_calls >= MIN_CALLS_TO_JUDGE and code.number not in used:
            yield _make("unused", (code.number,), 0, 0.0, code=code.number, n_all=n_calls)


def _add_up(board: Board, keys: NDArray[Any]) -> dict[int, tuple[int, float]]:
    """Count calls and cost by key; a key below 0 is none."""
    rows = np.flatnonzero(keys >= 0)
    found, groups = np.unique(keys[rows], return_inverse=True)
    once = np.unique(groups.astype(np.int64) * (int(board.calls.max(initial=0)) + 1) + board.calls[rows])
    n_calls = Counter((once // (int(board.calls.max(initial=0)) + 1)).tolist())
    costs = np.bincount(groups, weights=board.costs[rows], minlength=len(found))
    return {int(key): (n_calls[at], float(costs[at])) for at, key in enumerate(found)}


def _make(kind: str, about: tuple[str, ...], n_calls: int, cost: float, **figures: str | int) -> Task:
    return Task(kind, about, n_calls, round(cost, 2), MINUTES[kind], figures)
