"""Growing: groups take in new sentences and keep what they have; parting: groups fall into sub-reasons."""

import numpy as np
import pytest
from test_cluster import SETTINGS, TEXTS
from toy_encoder import ToyEncoder

from pipeline.cluster import Before, cluster_texts
from pipeline.cluster.growing import Places, grow_groups
from pipeline.cluster.parting import part_group

DIM = 40


def draw(direction: int, n: int, seed: int, spread: float = 0.35) -> np.ndarray:
    """Draw unit rows about one of the axes."""
    rows = np.random.default_rng(seed).normal(size=(n, DIM)) * spread / np.sqrt(DIM)
    rows[:, direction] += 1.0
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def place(*labels: int) -> Places:
    """Say where sentences were; -1 is new, and 100 more is a place for the time being."""
    found = np.array(labels)
    return Places(np.where(found >= 100, found - 100, found), (found >= 0) & (found < 100))


def test_what_is_settled_stays():
    """Whatever comes, no settled sentence moves."""
    rows = np.vstack([draw(0, 8, 1), draw(1, 8, 2), draw(0, 20, 3, 1.5), draw(2, 20, 4)])
    grown = grow_groups(rows, place(*[0] * 8, *[1] * 8, *[-1] * 40), min_size=3)
    assert grown.labels[:16].tolist() == [0] * 8 + [1] * 8


def test_what_is_alike_joins():
    """A sentence like the members of a group settles there."""
    rows = np.vstack([draw(0, 8, 1), draw(1, 8, 2), draw(1, 2, 3, 0.1)])
    grown = grow_groups(rows, place(*[0] * 8, *[1] * 8, -1, -1), min_size=3)
    assert grown.labels[16:].tolist() == [1, 1]
    assert grown.is_settled[16:].all()


def test_a_new_reason_becomes_a_new_group():
    """Three new sentences that are like each other and like no group are a group of their own; two are not yet."""
    old = np.vstack([draw(0, 8, 1), draw(1, 8, 2)])
    known = [0] * 8 + [1] * 8
    three = grow_groups(np.vstack([old, draw(2, 3, 3)]), place(*known, -1, -1, -1), min_size=3)
    two = grow_groups(np.vstack([old, draw(2, 2, 3)]), place(*known, -1, -1), min_size=3)
    assert three.labels[16:].tolist() == [2, 2, 2]
    assert not two.is_settled[16:].any()
    assert two.labels.max() == 1


def test_a_new_reason_takes_what_waited_for_it():
    """What was put somewhere for the time being leaves for the new group it belongs to."""
    rows = np.vstack([draw(0, 8, 1), draw(1, 8, 2), draw(2, 4, 3)])
    grown = grow_groups(rows, place(*[0] * 8, *[1] * 8, 101, -1, -1, -1), min_size=3)
    assert grown.labels[16:].tolist() == [2] * 4


def test_no_group_is_added_where_none_may_be():
    """With the number of groups given, new sentences join or are nowhere."""
    rows = np.vstack([draw(0, 8, 1), draw(1, 8, 2), draw(2, 4, 3)])
    assert grow_groups(rows, place(*[0] * 8, *[1] * 8, *[-1] * 4), min_size=3, may_add=False).labels.max() == 1


def test_two_reasons_in_one_group_are_parted():
    """A group that falls in two by itself has two sub-reasons, one that does not has none."""
    two = part_group(np.vstack([draw(0, 10, 1), draw(1, 8, 2)]), np.full(18, -1), min_size=3)
    assert len(set(two[:10])) == len(set(two[10:])) == 1
    assert two[0] != two[-1]
    assert set(part_group(draw(0, 18, 1, 0.9), np.full(18, -1), min_size=3)) == {-1}


@pytest.mark.parametrize("n", [1, 2, 11])
def test_a_small_group_is_not_parted(n):
    """It is read at a glance."""
    rows = np.vstack([draw(0, (n + 1) // 2, 1), draw(1, n // 2, 2)])
    assert set(part_group(rows, np.full(n, -1), min_size=3)) == {-1}


def test_parts_are_kept():
    """A sentence that comes later joins a part; those that had one keep theirs."""
    rows = np.vstack([draw(0, 10, 1), draw(1, 8, 2), draw(1, 1, 3, 0.1)])
    parts = part_group(rows, np.array([0] * 10 + [1] * 8 + [-1]), min_size=3)
    assert parts.tolist() == [0] * 10 + [1] * 9


def test_the_order_of_the_rows_does_not_matter_when_groups_grow():
    """A permutation of the input permutes the output, from old groups too."""
    texts = [*TEXTS, "parcel late", "lamp broken", "broken lamp", "my lamp is broken"]
    order = np.random.default_rng(3).permutation(len(texts))
    labels = np.array([0] * 5 + [1] * 5 + [2] * 5 + [-1] * 4)
    none = np.full(len(texts), -1)
    grown = []
    for rows in (np.arange(len(texts)), order):
        given = [texts[row] for row in rows]
        before = Before(labels[rows], none, labels[rows] >= 0)
        grown.append(cluster_texts(given, ToyEncoder().encode(given), SETTINGS, before=before).labels)
    assert grown[1].tolist() == grown[0][order].tolist()
    assert len(set(grown[0].tolist())) == 4
