"""Pair trials: put the near pairs to assigning and grouping as they are, with any encoder.

Errors: none of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipeline.cluster import cluster_texts
from pipeline.config import AssignSettings, ClusterSettings
from pipeline.encoders import Encoder
from pipeline.matching import fit_assigner
from pipeline.near_pairs import Answer, NearPair, judge_coding, judge_grouping
from pipeline.taxonomy import Taxonomy


@dataclass(frozen=True)
class PairTrial:
    """What became of the near pairs: every answer, and the answers that were wrong."""

    answers: tuple[Answer, ...] = field(repr=False)

    @property
    def failed(self) -> tuple[Answer, ...]:
        """What was mixed up, refused or torn apart."""
        return tuple(one for one in self.answers if not one.is_right)


def try_near_pairs(pairs: Sequence[NearPair], encoder: Encoder, *, is_number_given: bool = False) -> PairTrial:
    """Code and group the sentences of all pairs.

    Args:
        pairs: What to try.
        encoder: Embeds each text; one that remembers is much faster.
        is_number_given: Tell the grouping how many reasons there are.
    """
    n_reasons = len({side.reason for pair in pairs for side in pair.sides})
    coded = judge_coding(pairs, lambda taxonomy: _teach(taxonomy, encoder))
    grouped = judge_grouping(
        pairs, lambda texts, n: _group(texts, n, encoder), n_clusters=n_reasons if is_number_given else 0
    )
    return PairTrial((*coded, *grouped))


def _teach(taxonomy: Taxonomy, encoder: Encoder) -> Callable[[Sequence[str]], Sequence[str | None]]:
    assign = fit_assigner(taxonomy, encoder, AssignSettings())
    return lambda texts: [one.code for one in assign([(text, text) for text in texts])]


def _group(texts: Sequence[str], n_clusters: int, encoder: Encoder) -> list[int]:
    labels: list[int] = cluster_texts(
        texts,
        encoder.encode(texts),
        ClusterSettings(),
        library=encoder.library,
        n_clusters=n_clusters,
    ).labels.tolist()
    return labels
