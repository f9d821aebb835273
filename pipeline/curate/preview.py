"""Preview: what an act would move before it is made: calls, cost, from which code to which, and the most doubtful.

The same matcher that codes calls is fitted to the codes as they are and as they would be, and both are asked. Up to
MAX_EXACT utterances every one is asked, and the answer is what the next run does. Of more, the utterances that the act
can touch are told from the others by what the last run said of them, and so many of each kind are asked that it takes
about a second; what is said of all is reckoned up from these, with its margin.

Errors: TaxonomyError when a rule forbids the act; MissingTableError before the first run.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from pipeline.config import Project
from pipeline.curate.acts import Act
from pipeline.curate.board import Board, Indices, Positions, load_board
from pipeline.curate.vectors import map_encoder
from pipeline.encoders import Encoder
from pipeline.evidence import Floats, normalize_rows
from pipeline.examples import load_examples
from pipeline.matching import Assigner, Assignment, fit_assigner
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, check_taxonomy
from pipeline.taxonomy.changes import Change, find_changes
from pipeline.threads import use_one_thread

MAX_EXACT = 2500  # utterances: as many as are asked twice within about two seconds
N_DOUBTFUL = 12
# Of more: how many of each kind are asked, first the least sure of the touched codes' own, all of them.
N_LEAST_SURE, N_OWN, N_MEMBERS, N_ALIKE, N_NEAR, N_UNCODED, N_OTHERS = 60, 400, 200, 400, 200, 150, 100
# Candidates that are like new examples: this share of all, told by so many members of each.
ALIKE_RATIO, MIN_ALIKE, N_SHOWN = 0.05, 10, 3
N_KEPT = 4  # fitted matchers that are kept: of the codes as they are, and of what was tried last
Z = 1.96  # of 95 %
SEED = 0
FindAlike = Callable[[Sequence[str]], Indices]


@dataclass(frozen=True)
class Flow:
    """Reason utterances that change code: from and to a code's number or a kind of no-code."""

    from_code: str
    to_code: str
    n_utterances: int
    n_calls: int
    cost: float


@dataclass(frozen=True)
class Doubtful:
    """One utterance that would change code and may be wrong there: the nearer the second code, the more doubtful."""

    call_id: str
    utterance_index: int
    turn_index: int
    text: str
    from_code: str
    to_code: str
    score_ratio: float
    second_code: str | None
    second_score_ratio: float


@dataclass(frozen=True)
class Preview:
    """What an act would do.

    `n_calls`, `n_utterances` and `cost` are those that change code; where not every one of the `n_all` utterances was
    asked, they are estimates, and `margin_calls` is half the width of the 95 % interval.
    """

    changes: tuple[Change, ...]
    n_calls: int
    n_utterances: int
    cost: float
    currency: str
    flows: tuple[Flow, ...]
    doubtful: tuple[Doubtful, ...]
    n_all: int
    n_asked: int
    margin_calls: int

    @property
    def is_exact(self) -> bool:
        """Every utterance was asked."""
        return self.n_asked == self.n_all


@dataclass(frozen=True)
class Stratum:
    """Utterances of one kind, and those among them that are asked."""

    rows: Positions
    asked: Positions


@dataclass
class Previewer:
    """What previews need, loaded once: the last run's utterances, their embeddings and fitted matchers."""

    project: Project
    board: Board
    encoder: Encoder
    max_exact: int = MAX_EXACT
    _centres: Floats | None = field(default=None, init=False, repr=False)
    _fitted: "OrderedDict[str, Assigner]" = field(default_factory=OrderedDict, init=False, repr=False)

    def preview(self, act: Act, taxonomy: Taxonomy) -> Preview:
        """Say what an act would move.

        Args:
            act: What is thought of.
            taxonomy: The codes as they are.
        """
        new = act.edit(taxonomy)
        check_taxonomy(new, self.project.taxonomy / TAXONOMY_FILE)
        changes = find_changes(taxonomy, new)
        if new.examples_fingerprint == taxonomy.examples_fingerprint or not len(self.board):
            return Preview(changes, 0, 0, 0.0, self.board.currency, (), (), len(self.board), len(self.board), 0)
        strata = choose_strata(self.board, taxonomy, new, self.max_exact, self._find_alike)
        with use_one_thread():
            outcomes = self._ask(np.concatenate([one.asked for one in strata]), taxonomy, new)
        moved = [_count_moved(self.board, stratum, outcomes) for stratum in strata]
        return Preview(
            changes,
            n_calls=round(sum(one.n_calls for one in moved)),
            n_utterances=round(sum(one.n_utterances for one in moved)),
            cost=round(sum(one.cost for one in moved), 2),
            currency=self.board.currency,
            flows=_add_flows(moved),
            doubtful=_find_doubtful(self.board, outcomes),
            n_all=len(self.board),
            n_asked=len(outcomes),
            margin_calls=round(Z * sum(one.variance for one in moved) ** 0.5),
        )

    def warm_up(self, taxonomy: Taxonomy) -> None:
        """Do what the first preview would wait for: fit the matcher to the codes as they are, place the candidates."""
        with use_one_thread():
            self._fit(taxonomy)
            some = [text for _, text in taxonomy.list_examples()][:1]
            if some and len(self.board) > self.max_exact:
                self._find_alike(some)

    def list_alike(self, cluster_id: str, n: int) -> list[str]:
        """List the candidates that are most like one, nearest first; none where no utterance is in it."""
        clusters, centres = self._find_centres()
        own = np.flatnonzero(np.isin(clusters, self.board.find_indices([cluster_id])))
        if not len(own):
            return []
        order = np.argsort(-(centres @ centres[own[0]]), kind="stable")
        return [self.board.names[clusters[at]] for at in order if at != own[0]][:n]

    def _ask(self, rows: Positions, old: Taxonomy, new: Taxonomy) -> dict[int, tuple[Assignment, Assignment]]:
        """Ask what becomes of utterances, before and after."""
        pairs = self.board.read_pairs(rows)
        before, after = self._fit(old)(pairs), self._fit(new)(pairs)
        return {row: (one, other) for row, one, other in zip(rows.tolist(), before, after, strict=True)}

    def _find_alike(self, texts: Sequence[str]) -> Indices:
        """Find the candidates whose first members are most like some sentence."""
        clusters, centres = self._find_centres()
        if not len(clusters):
            return clusters
        likeness = (centres @ self.encoder.encode(texts).T).max(axis=1)
        n_alike = max(MIN_ALIKE, int(ALIKE_RATIO * len(clusters)))
        return clusters[np.argsort(-likeness, kind="stable")[:n_alike]]

    def _find_centres(self) -> tuple[Indices, Floats]:
        clusters = np.unique(self.board.clusters[self.board.clusters >= 0])
        if self._centres is None:
            none = np.zeros((0, self.encoder.dim), np.float32)
            self._centres = _find_centres(self.board, clusters, self.encoder) if len(clusters) else none
        return clusters, self._centres

    @cached_property
    def _background(self) -> Sequence[str]:
        return load_examples("background", self.project).texts

    def _fit(self, taxonomy: Taxonomy) -> Assigner:
        name = taxonomy.examples_fingerprint
        if name not in self._fitted:
            settings = self.project.settings.assign
            self._fitted[name] = fit_assigner(taxonomy, self.encoder, settings, background=self._background)
        self._fitted.move_to_end(name)
        while len(self._fitted) > N_KEPT:
            self._fitted.popitem(last=False)
        return self._fitted[name]


def open_previewer(project: Project, *, max_exact: int = MAX_EXACT) -> Previewer:
    """Load what previews need; the first time after a run the embeddings are laid out anew."""
    return Previewer(project, load_board(project), map_encoder(project), max_exact)


def choose_strata(
    board: Board, old: Taxonomy, new: Taxonomy, max_exact: int, find_alike: FindAlike | None = None
) -> list[Stratum]:
    """Choose which utterances are asked: all of few; of many some of each kind, the likelier to change the more.

    Args:
        board: The utterances.
        old: The codes as they are.
        new: The codes as they would be.
        max_exact: Up to so many utterances all are asked.
        find_alike: Finds the candidates that are most like new examples; without it none is.
    """
    everything = np.arange(len(board))
    if len(board) <= max_exact:
        return [Stratum(everything, everything)]
    touched = board.find_indices(_find_touched(old, new))
    own = [np.flatnonzero(board.codes == index) for index in touched]
    members, alike = _find_candidates(board, old, new, find_alike)
    near = np.isin(board.best, touched) | np.isin(board.second, touched)
    kinds = [
        (_find_least_sure(board, np.flatnonzero(np.isin(board.codes, touched))), N_LEAST_SURE),
        *((rows, N_OWN // len(own)) for rows in own),
        (np.flatnonzero(np.isin(board.clusters, members)), N_MEMBERS),
        (np.flatnonzero(np.isin(board.clusters, alike)), N_ALIKE),
        (np.flatnonzero(near), N_NEAR),
        (np.flatnonzero(board.codes < 0), N_UNCODED),
        (everything, N_OTHERS),
    ]
    return _draw(kinds, len(board))


def _draw(kinds: Sequence[tuple[Positions, int]], n: int) -> list[Stratum]:
    """Draw so many of each kind; what is of several kinds is of the first."""
    draw, taken, strata = np.random.default_rng(SEED), np.zeros(n, np.bool_), []
    for found, n_asked in kinds:
        rows = found[~taken[found]]
        taken[rows] = True
        if len(rows):
            asked = rows if len(rows) <= n_asked else np.sort(draw.choice(rows, n_asked, replace=False))
            strata.append(Stratum(rows, asked))
    return strata


def _find_touched(old: Taxonomy, new: Taxonomy) -> list[str]:
    """Find the codes that mean something else afterwards, and what they count for in either."""
    known = {code.number: code for code in old.codes}
    changed = []
    for code in new.codes:
        was = known.get(code.number)
        fields = ("examples", "not_examples", "status", "merged_into")
        if was is None or any(getattr(was, name) != getattr(code, name) for name in fields):
            changed.append(code.number)
    return sorted({*changed, *(one.find_current(number) for one in (old, new) for number in changed)})


def _find_candidates(
    board: Board, old: Taxonomy, new: Taxonomy, find_alike: FindAlike | None
) -> tuple[Indices, Indices]:
    """Find the candidates of which a member became an example, and those that are most like new examples."""
    none = np.zeros(0, np.int32)
    added = sorted({text for _, text in new.list_examples()} - {text for _, text in old.list_examples()})
    if not added:
        return none, none
    members = np.unique(board.clusters[board.find_said(added)])
    return members[members >= 0], find_alike(added) if find_alike else none


def _find_centres(board: Board, clusters: Indices, encoder: Encoder) -> Floats:
    """Find about where each candidate lies, by its first members, shape (n, dim)."""
    rows = np.flatnonzero(board.clusters >= 0)
    ordered = rows[np.argsort(board.clusters[rows], kind="stable")]
    starts = np.searchsorted(board.clusters[ordered], clusters)
    ends = np.append(starts[1:], len(ordered))
    shown = [ordered[start : min(end, start + N_SHOWN)] for start, end in zip(starts, ends, strict=True)]
    embeddings = encoder.encode(board.read_texts(np.concatenate(shown)))
    return normalize_rows(np.add.reduceat(embeddings, np.cumsum([0, *(len(one) for one in shown[:-1])]), axis=0))


def _find_least_sure(board: Board, rows: Positions) -> Positions:
    margins = board.scores[rows] - board.second_scores[rows]
    return np.sort(rows[np.argsort(margins, kind="stable")[:N_LEAST_SURE]])


@dataclass(frozen=True)
class _Moved:
    """What moves in one stratum, reckoned up to all of its utterances; `flows` are (utterances, calls, cost)."""

    n_utterances: float
    n_calls: float
    cost: float
    variance: float  # of n_calls
    flows: Mapping[tuple[str, str], tuple[float, float, float]]


def _count_moved(board: Board, stratum: Stratum, outcomes: Mapping[int, tuple[Assignment, Assignment]]) -> _Moved:
    n_rows, n_asked = len(stratum.rows), len(stratum.asked)
    by_flow: dict[tuple[str, str], list[int]] = {}
    for row in stratum.asked.tolist():
        was, now = (_name(one) for one in outcomes[row])
        if was != now:
            by_flow.setdefault((was, now), []).append(row)
    moved = np.array([row for rows in by_flow.values() for row in rows], np.intp)
    if not len(moved):
        return _Moved(0, 0, 0, 0, {})
    n_calls_all, n_calls_asked = (len(np.unique(board.calls[rows])) for rows in (stratum.rows, stratum.asked))
    asked_cost = float(board.costs[stratum.asked].sum(dtype=np.float64))
    costlier = float(board.costs[stratum.rows].sum(dtype=np.float64)) / asked_cost if asked_cost else 0.0
    more, more_calls = n_rows / n_asked, n_calls_all / n_calls_asked

    def reckon(rows: Sequence[int] | Positions) -> tuple[float, float, float]:
        places = np.asarray(rows)
        n_calls = len(np.unique(board.calls[places]))
        return len(places) * more, n_calls * more_calls, float(board.costs[places].sum(dtype=np.float64)) * costlier

    ratio = len(moved) / n_asked
    variance = n_calls_all**2 * ratio * (1 - ratio) / n_asked * (1 - n_asked / n_rows)
    return _Moved(*reckon(moved), variance, {flow: reckon(rows) for flow, rows in by_flow.items()})


def _add_flows(moved: Sequence[_Moved]) -> tuple[Flow, ...]:
    sums: dict[tuple[str, str], Any] = {}
    for one in moved:
        for flow, values in one.flows.items():
            sums[flow] = sums.get(flow, np.zeros(3)) + np.array(values)
    flows = [Flow(*flow, round(n), round(n_calls), round(cost, 2)) for flow, (n, n_calls, cost) in sums.items()]
    return tuple(sorted(flows, key=lambda flow: (-flow.n_utterances, flow.from_code, flow.to_code)))


def _find_doubtful(board: Board, outcomes: Mapping[int, tuple[Assignment, Assignment]]) -> tuple[Doubtful, ...]:
    """Find the utterances that change and are least sure where they come to."""
    changed = [row for row, (was, now) in outcomes.items() if _name(was) != _name(now)]
    changed.sort(key=lambda row: (outcomes[row][1].score_ratio - outcomes[row][1].second_score_ratio, row))
    rows = np.array(changed[:N_DOUBTFUL], np.intp)
    texts, call_ids = board.read_texts(rows), board.read_call_ids(rows)
    return tuple(
        Doubtful(
            call_id,
            int(board.utterance_indices[row]),
            int(board.turn_indices[row]),
            text,
            _name(outcomes[int(row)][0]),
            _name(now := outcomes[int(row)][1]),
            now.score_ratio,
            now.second_code,
            now.second_score_ratio,
        )
        for row, text, call_id in zip(rows, texts, call_ids, strict=True)
    )


def _name(one: Assignment) -> str:
    return one.code or one.no_code or ""
