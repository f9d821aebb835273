"""Preview: what an act would move before it is made: calls, cost, from which code to which, and the most doubtful.

The same matcher that codes calls is fitted to the codes as they are and as they would be, and both are asked. Up to
MAX_EXACT utterances every one is asked, and the answer is what the next run does. Of more, `strata` chooses whom to
ask, so many that it takes about a second, and `moving` reckons up from these what is said of all, with its margin.

Errors: TaxonomyError when a rule forbids the act; MissingTableError before the first run.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from pipeline.config import Project
from pipeline.curate.acts import Act
from pipeline.curate.board import Board, Indices, Positions, load_board
from pipeline.curate.moving import Doubtful, Flow, add_flows, count_moved, find_doubtful
from pipeline.curate.strata import choose_strata
from pipeline.curate.vectors import map_encoder
from pipeline.encoders import Encoder
from pipeline.evidence import Floats, normalize_rows
from pipeline.examples import load_examples
from pipeline.matching import Assigner, Assignment, fit_assigner
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, check_taxonomy
from pipeline.taxonomy.changes import Change, find_changes
from pipeline.threads import use_one_thread

MAX_EXACT = 2500  # utterances: as many as are asked twice within about two seconds
# Candidates that are like new examples: this share of all, told by so many members of each.
ALIKE_RATIO, MIN_ALIKE, N_SHOWN = 0.05, 10, 3
N_KEPT = 4  # fitted matchers that are kept: of the codes as they are, and of what was tried last
Z = 1.96  # of 95 %


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
        moved = [count_moved(self.board, stratum, outcomes) for stratum in strata]
        return Preview(
            changes,
            n_calls=round(sum(one.n_calls for one in moved)),
            n_utterances=round(sum(one.n_utterances for one in moved)),
            cost=round(sum(one.cost for one in moved), 2),
            currency=self.board.currency,
            flows=add_flows(moved),
            doubtful=find_doubtful(self.board, outcomes),
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


def _find_centres(board: Board, clusters: Indices, encoder: Encoder) -> Floats:
    """Find about where each candidate lies, by its first members, shape (n, dim)."""
    rows = np.flatnonzero(board.clusters >= 0)
    ordered = rows[np.argsort(board.clusters[rows], kind="stable")]
    starts = np.searchsorted(board.clusters[ordered], clusters)
    ends = np.append(starts[1:], len(ordered))
    shown = [ordered[start : min(end, start + N_SHOWN)] for start, end in zip(starts, ends, strict=True)]
    embeddings = encoder.encode(board.read_texts(np.concatenate(shown)))
    return normalize_rows(np.add.reduceat(embeddings, np.cumsum([0, *(len(one) for one in shown[:-1])]), axis=0))
