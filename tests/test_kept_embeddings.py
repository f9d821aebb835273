"""Kept embeddings: rows of many files are found by text, as they were written, without being copied together."""

import numpy as np
import pyarrow as pa
import pytest

from pipeline.kept_embeddings import KeptEmbeddings, read_kept
from pipeline.tables import Store, hash_text
from pipeline.tables.by_text import add_by_text, hash_texts

TEXTS = ["late parcel", "货没到", "refund", "", "发票错了"]


def draw(n: int) -> np.ndarray:
    """Draw embeddings."""
    return np.random.default_rng(n).standard_normal((n, 4)).astype(np.float32)


@pytest.mark.parametrize("cuts", [[5], [1, 5], [2, 3, 4, 5]])
def test_rows_come_in_the_order_asked_for(cuts):
    """In whatever blocks they are, in any order and as often as wanted."""
    kept, rows, ids = KeptEmbeddings(), draw(5), hash_texts(TEXTS)
    for start, end in zip([0, *cuts], cuts, strict=False):
        kept.add((ids[start:end], rows[start:end]))
    order = [4, 0, 0, 3, 1, 2, 4]
    assert np.array_equal(kept.take(ids[order]), rows[order])
    assert (len(kept), kept.dim) == (5, 4)


def test_what_is_not_kept_is_said():
    """Nothing is kept at first; later only what is new is missing."""
    kept, ids = KeptEmbeddings(), hash_texts(TEXTS)
    assert kept.list_missing(ids).tolist() == [0, 1, 2, 3, 4]
    kept.add((ids[[3, 1]], draw(2)))
    assert kept.list_missing(ids).tolist() == [0, 2, 4]


def test_a_text_keeps_its_first_row():
    """A text that stands in two files has one embedding."""
    kept, ids = KeptEmbeddings(), hash_texts(TEXTS)
    kept.add((ids[:2], draw(2)), (ids, draw(5)))
    kept.add((ids[4:], draw(1)))
    assert np.array_equal(kept.take(ids), np.vstack([draw(2), draw(5)[2:]]))


def test_rows_are_read_as_they_were_written(tmp_path):
    """All files of one encoder, none of another's; none where it has embedded nothing."""
    store, rows = Store(tmp_path), draw(5)
    for name, some in (("one", slice(0, 3)), ("one", slice(3, 5)), ("other", slice(0, 1))):
        columns = {"text_id": [hash_text(text) for text in TEXTS[some]], "embedding": rows[some].tolist()}
        add_by_text(store, "embeddings", name, pa.table(columns))
    kept = read_kept(store, "embeddings", "one")
    assert np.array_equal(kept.take(hash_texts(TEXTS)), rows)
    assert len(read_kept(store, "embeddings", "third")) == 0
