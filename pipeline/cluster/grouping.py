"""Grouping: which sentences give the same reason, the number of reasons found from the sentences themselves.

Each sentence is drawn towards its nearest neighbours, which makes dense groups denser; then the groups that are most
alike on average are joined, bottom up, so that a reason that half of the customers give stays as whole as a rare one.
The number is the smallest whose silhouette comes near the best one, measured on the sentences as they are and as they
were drawn together alike: the latter alone finds too large a number good. Where the number is given, `joining` chooses
how the groups are joined.

Errors: none of its own.
"""

from collections.abc import Sequence

import numpy as np

from pipeline.cluster.joining import Labels, Tree, choose_power, cut_to_at_most, join_groups, sum_groups
from pipeline.evidence import Floats, center_languages, find_means, fit_evidence, normalize_rows
from pipeline.library import Library

# What words, letters, sounds and known reasons weigh beside meaning, and to how many dimensions each is folded.
WEIGHTS = {"words": 0.3, "letters": 0.15, "sounds": 1.0, "reasons": 0.3}
MAX_FOLDED = 150
# Drawing together: neighbours grow with the root of n, and so does the largest number of groups tried.
N_ROUNDS, N_ROUNDS_OF_FEW = 3, 2
FEW = 200  # sentences: among so few another round would melt small reasons together
MIN_NEIGHBOURS, MAX_NEIGHBOURS = 3, 10
NEIGHBOURS_PER_ROOT = 1 / 3
NEIGHBOURS_PER_MEMBER = 1 / 2  # where the number of groups is given, no more than half of a group are drawn together
GROUPS_PER_ROOT = 4.0
# The silhouette of sentences as they are counts so much, that of drawn ones the rest; how far below the best silhouette
# a smaller number may lie.
PLAIN_SHARE = 0.5
SILHOUETTE_SLACK = 0.03
N_TRIED = 40
MIN_GROUP = 3  # sentences: smaller groups are outliers and say nothing about the number
MIN_SENTENCES = 4  # fewer are one group
MAX_CLUSTERED = (
    8000  # sentences clustered at once: Ward's memory grows with the square; the rest join the nearest group
)
CHUNK = 2048


def group_sentences(features: Floats, *, n_clusters: int, seed: int) -> Labels:
    """Group sentences.

    Args:
        features: Shape (n, n_features), in an order that does not depend on how the sentences came.
        n_clusters: How many groups; 0 finds the number.
        seed: Chooses the sample where there are too many sentences, and the halves by which joining is chosen.

    Returns:
        Shape (n,): the group of each, 0 and up.
    """
    n = len(features)
    if n_clusters >= n:
        return np.arange(n)
    if n_clusters == 1 or (not n_clusters and n < MIN_SENTENCES):
        return np.zeros(n, np.int64)
    if n <= MAX_CLUSTERED:
        return _group(features, n_clusters, seed)
    sample = np.sort(np.random.default_rng(seed).permutation(n)[:MAX_CLUSTERED])
    labels = _group(features[sample], n_clusters, seed)
    centres = normalize_rows(sum_groups(features[sample], labels))
    return np.concatenate([(features[at : at + CHUNK] @ centres.T).argmax(axis=1) for at in range(0, n, CHUNK)])


def make_features(texts: Sequence[str], embeddings: Floats, library: Library | None = None) -> Floats:
    """Join all ways of being alike into one row of unit length a sentence, shape (n, n_features).

    What merely says that a sentence is Chinese or English is taken away, so that one reason is one group in both.
    """
    views = fit_evidence(texts, embeddings, library).view(texts, embeddings)
    folded = [np.sqrt(weight) * _fold(getattr(views, name)) for name, weight in WEIGHTS.items()]
    features = normalize_rows(np.hstack([views.meaning, *folded]).astype(np.float32))
    return center_languages(texts, features, find_means(texts, features))


def _fold(tokens: "csr_matrix") -> Floats:  # type: ignore[name-defined]  # noqa: F821
    from sklearn.utils.extmath import randomized_svd

    n_folded = min(MAX_FOLDED, tokens.shape[1] - 1, tokens.shape[0] - 1)
    if n_folded < 1 or not tokens.nnz:
        return np.zeros((tokens.shape[0], 0), np.float32)
    rows, scales, _ = randomized_svd(tokens, n_folded, random_state=0)
    folded: Floats = rows * scales
    return folded


def _group(features: Floats, n_clusters: int, seed: int) -> Labels:
    if n_clusters:
        power = choose_power(features, n_clusters, _draw_and_join, seed=seed)
        return _draw_and_join(features, n_clusters, (power,))[0]
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import pdist

    drawn = draw_together(features)
    return _find_groups(features, drawn, linkage(pdist(drawn.astype(np.float64), "sqeuclidean"), "average"))


def _draw_and_join(features: Floats, n_clusters: int, powers: Sequence[float]) -> list[Labels]:
    return join_groups(draw_together(features, n_clusters), min(n_clusters, len(features)), powers)


def draw_together(features: Floats, n_groups: int = 0) -> Floats:
    """Draw each row towards its nearest neighbours, a few times over; of small groups towards fewer."""
    wanted = np.sqrt(len(features)) * NEIGHBOURS_PER_ROOT
    if n_groups:
        wanted = min(wanted, len(features) / n_groups * NEIGHBOURS_PER_MEMBER)
    n_neighbours = int(np.clip(round(wanted), MIN_NEIGHBOURS, MAX_NEIGHBOURS))
    n_rounds = N_ROUNDS_OF_FEW if len(features) < FEW else N_ROUNDS
    for _ in range(n_rounds if n_neighbours < len(features) else 0):
        chunks = [_find_neighbour_means(features, at, n_neighbours) for at in range(0, len(features), CHUNK)]
        features = normalize_rows(features + np.concatenate(chunks))
    return features


def _find_neighbour_means(features: Floats, at: int, n_neighbours: int) -> Floats:
    rows = features[at : at + CHUNK]
    cosines = rows @ features.T
    cosines[np.arange(len(rows)), np.arange(at, at + len(rows))] = -1.0
    nearest = np.argpartition(-cosines, n_neighbours - 1, axis=1)[:, :n_neighbours]
    weights = np.maximum(np.take_along_axis(cosines, nearest, axis=1), 0.0)
    sums = np.einsum("nk,nkd->nd", weights, features[nearest])
    means: Floats = sums / np.maximum(weights.sum(axis=1, keepdims=True), 1e-6)
    return means


def _find_groups(features: Floats, drawn: Floats, tree: Tree) -> Labels:
    """Find the cut of the fewest groups whose silhouette comes near the best."""
    n = len(features)
    largest = max(2, min(int(GROUPS_PER_ROOT * np.sqrt(n)), n // 2))
    tried: list[int] = sorted({round(k) for k in np.geomspace(2, largest, N_TRIED).tolist()})
    cuts = [absorb_small(drawn, cut_to_at_most(tree, k), MIN_GROUP) for k in tried]
    silhouettes = [_blend_silhouettes(features, drawn, labels) for labels in cuts]
    best = max(silhouettes)
    return next(cut for cut, silhouette in zip(cuts, silhouettes, strict=True) if silhouette >= best - SILHOUETTE_SLACK)


def absorb_small(features: Floats, labels: Labels, min_size: int) -> Labels:
    """Let the members of groups that are too small join the nearest of the others, if there are two."""
    sizes = np.bincount(labels)
    large = np.flatnonzero(sizes >= min_size)
    if len(large) < 2:
        return labels
    small = ~np.isin(labels, large)
    centres = normalize_rows(sum_groups(features, labels))[large]
    joined = labels.copy()
    joined[small] = large[(features[small] @ centres.T).argmax(axis=1)]
    renumbered: Labels = np.unique(joined, return_inverse=True)[1].astype(np.int64)
    return renumbered


def _blend_silhouettes(features: Floats, drawn: Floats, labels: Labels) -> float:
    return PLAIN_SHARE * measure_silhouette(features, labels) + (1 - PLAIN_SHARE) * measure_silhouette(drawn, labels)


def measure_silhouette(features: Floats, labels: Labels) -> float:
    """Mean cosine silhouette, -1 to 1; 0 for one group. Rows have unit length: group sums give the mean distances."""
    sizes = np.bincount(labels)
    if len(sizes) < 2:
        return 0.0
    toward = features @ sum_groups(features, labels).T
    rows = np.arange(len(labels))
    own_size = sizes[labels]
    inside = 1 - (toward[rows, labels] - 1) / np.maximum(own_size - 1, 1)
    distances = 1 - toward / sizes
    distances[rows, labels] = np.inf
    outside = distances.min(axis=1)
    silhouettes = (outside - inside) / np.maximum(np.maximum(outside, inside), 1e-9)
    return float(np.where(own_size > 1, silhouettes, 0.0).mean())


def measure_tightness(features: Floats) -> float:
    """Mean cosine of all pairs of rows, which have unit length; 0 for a single one."""
    n = len(features)
    return (float(np.square(features.sum(axis=0)).sum()) - n) / (n * (n - 1)) if n > 1 else 0.0
