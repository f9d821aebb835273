"""Near pairs: read from their file, and found when they meet."""

from pathlib import Path

import pytest

from pipeline.errors import TaxonomyError
from pipeline.near_pairs import FallenPair, NearPair, Side, find_fallen_pairs, read_near_pairs

PAIR = NearPair("late or never", Side("late", (), ("it is late",), "1"), Side("never", (), ("it never came",), "2"))


@pytest.mark.parametrize(
    ("places", "fallen"),
    [
        ({"it is late": "1", "it never came": "2"}, []),
        ({"it is late": "1", "it never came": "1"}, [FallenPair("late or never", "1")]),
        ({"it is late": None, "it never came": None}, []),
    ],
)
def test_a_pair_falls_when_both_sides_are_put_in_one_place(places, fallen):
    """Two codes are apart, one code is together, and nowhere is no place."""
    assert find_fallen_pairs([PAIR], lambda texts: [places[text] for text in texts]) == fallen


def test_the_pairs_of_the_project_can_be_read():
    """Every side of the default file has a reason, examples and tests."""
    pairs = read_near_pairs(Path("taxonomy/near_pairs.yaml"))
    assert pairs
    assert all(side.reason and side.examples and side.tests for pair in pairs for side in (pair.a, pair.b))


def test_a_project_without_the_file_has_no_pairs(tmp_path):
    """The file is optional."""
    assert read_near_pairs(tmp_path / "near_pairs.yaml") == ()


@pytest.mark.parametrize(
    "content", ["pairs: [{name: x, a: {}}]", "pairs: 3", "pairs: [", "pairs: [{a: {tests: x}, b: {}}]"]
)
def test_a_broken_file_is_named(tmp_path, content):
    """The message begins with the file."""
    path = tmp_path / "near_pairs.yaml"
    path.write_text(content)
    with pytest.raises(TaxonomyError, match=r"near_pairs\.yaml"):
        read_near_pairs(path)
