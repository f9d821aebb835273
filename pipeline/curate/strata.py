"""Strata: which utterances are asked before an act: all of few, of many some of each kind.

Those that the act can touch are told from the others by what the last run said of them.

Errors: none of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.curate.board import Board, Indices, Positions
from pipeline.taxonomy import Taxonomy

# Of many: how many of each kind are asked, first the least sure of the touched codes' own, all of them.
N_LEAST_SURE, N_OWN, N_MEMBERS, N_ALIKE, N_NEAR, N_UNCODED, N_OTHERS = 60, 400, 200, 400, 200, 150, 100
SEED = 0
FindAlike = Callable[[Sequence[str]], Indices]


@dataclass(frozen=True)
class Stratum:
    """Utterances of one kind, and those among them that are asked."""

    rows: Positions
    asked: Positions


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
        fields = ("wordings", "examples", "not_examples", "status", "merged_into")
        if was is None or any(getattr(was, name) != getattr(code, name) for name in fields):
            changed.append(code.number)
    return sorted({*changed, *(one.find_current(number) for one in (old, new) for number in changed)})


def _find_candidates(
    board: Board, old: Taxonomy, new: Taxonomy, find_alike: FindAlike | None
) -> tuple[Indices, Indices]:
    """Find the candidates of which a member became an example, and those most like new examples and names."""
    none = np.zeros(0, np.int32)
    taught, teaching = ({text for _, text in (*one.list_examples(), *one.list_names())} for one in (old, new))
    added = sorted(teaching - taught)
    if not added:
        return none, none
    members = np.unique(board.clusters[board.find_said(added)])
    return members[members >= 0], find_alike(added) if find_alike else none


def _find_least_sure(board: Board, rows: Positions) -> Positions:
    margins = board.scores[rows] - board.second_scores[rows]
    return np.sort(rows[np.argsort(margins, kind="stable")[:N_LEAST_SURE]])
