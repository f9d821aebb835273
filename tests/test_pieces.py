"""Pieces: words in order, cut, taken, joined and kept as lists."""

import numpy as np
import pyarrow as pa
import pytest

from pipeline.languages import WORD
from pipeline.pieces import Pieces, find_pieces, from_lists, join_pieces, make_pieces, to_lists

TEXTS = ["late late parcel", "", "没收到 late", "…", "Parcel"]
LISTS = [["late", "late", "parcel"], [], ["没", "收", "到", "late"], [], ["parcel"]]


@pytest.fixture
def pieces() -> Pieces:
    """Find some."""
    return find_pieces(WORD, TEXTS)


def list_names(pieces: Pieces) -> list[list[str]]:
    """List the pieces of each text."""
    return [[pieces.names[number] for number in pieces[at : at + 1].numbers] for at in range(len(pieces))]


def test_each_text_keeps_its_words_in_order(pieces):
    """In lower case; a text without a word has none."""
    assert list_names(pieces) == LISTS and len(set(pieces.names)) == len(pieces.names)
    assert pieces.owners.tolist() == [0, 0, 0, 2, 2, 2, 2, 4]


@pytest.mark.parametrize("rows", [[4, 0, 0, 1], [3], [], [0, 1, 2, 3, 4]])
def test_any_texts_can_be_taken_in_any_order(pieces, rows):
    """Twice, too."""
    assert list_names(pieces.take(np.array(rows, np.intp))) == [LISTS[row] for row in rows]


@pytest.mark.parametrize(("start", "stop"), [(0, 2), (1, 9), (5, 9), (2, 2)])
def test_texts_that_stand_together_are_cut(pieces, start, stop):
    """As a list is, also past its end."""
    assert list_names(pieces[start:stop]) == LISTS[start:stop]


def test_others_are_put_behind(pieces):
    """Each keeps its own words."""
    assert list_names(join_pieces(pieces, make_pieces([["late", "new"], []]))) == [*LISTS, ["late", "new"], []]


@pytest.mark.parametrize("lists", [LISTS, [], [[]]])
def test_lists_come_back(lists):
    """What a table keeps is read as it was."""
    kept = pa.chunked_array([to_lists(make_pieces(lists))])
    assert kept.to_pylist() == lists and list_names(from_lists(kept)) == lists
