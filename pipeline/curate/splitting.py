"""Splitting: which sentences of a code or candidate would go elsewhere, for a curator to look at before the act.

Either in two by themselves, or by one sentence that must go: what is more like it than like the rest goes along.

Errors: none of its own.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.curate.acts import Sentence
from pipeline.encoders import Encoder
from pipeline.evidence import Floats, center_languages, find_means, normalize_rows

Cut = tuple[tuple[Sentence, ...], tuple[Sentence, ...]]
MAX_ROUNDS = 20


def suggest_cut(sentences: Sequence[Sentence], encoder: Encoder) -> Cut:
    """Cut sentences into two that are as unlike as can be (Ward); the larger part first.

    Returns:
        Those that stay and those that would go; fewer than two sentences all stay.
    """
    from sklearn.cluster import AgglomerativeClustering

    if len(sentences) < 2:
        return tuple(sentences), ()
    rows = _embed([one.text for one in sentences], encoder)
    labels = AgglomerativeClustering(n_clusters=2).fit_predict(rows)
    return _part(sentences, labels != np.bincount(labels).argmax())


def cut_by_sentence(sentences: Sequence[Sentence], sentence: str, encoder: Encoder) -> Cut:
    """Cut off what goes along with one sentence: what is nearer to its group than to that of the rest.

    Args:
        sentences: What is to be cut, the sentence among them or not.
        sentence: What must go elsewhere.
        encoder: Embeds.

    Returns:
        Those that stay and those that would go.
    """
    rows = _embed([*(one.text for one in sentences), sentence], encoder)
    given, own = rows[-1], rows[:-1]
    must_go = np.array([one.text == sentence for one in sentences], np.bool_)
    goes = must_go | (own @ given > own @ normalize_rows(own.mean(axis=0)[None])[0])
    for _ in range(MAX_ROUNDS):
        centres = [normalize_rows(part.sum(axis=0)[None])[0] for part in (np.vstack([own[goes], given]), own[~goes])]
        moved = must_go | (own @ centres[0] > own @ centres[1])
        if np.array_equal(moved, goes):
            break
        goes = moved
    return _part(sentences, goes)


def _embed(texts: Sequence[str], encoder: Encoder) -> Floats:
    """Embed without what only says which language it is, so that a cut is none between languages."""
    embeddings = np.asarray(encoder.encode(texts), np.float32)
    return center_languages(texts, embeddings, find_means(texts, embeddings))


def _part(sentences: Sequence[Sentence], goes: NDArray[np.bool_]) -> Cut:
    stay = tuple(one for one, gone in zip(sentences, goes.tolist(), strict=True) if not gone)
    return stay, tuple(one for one, gone in zip(sentences, goes.tolist(), strict=True) if gone)
