"""Chances: every call can be drawn, rare codes likelier than common ones, and a draw keeps the chances."""

import numpy as np
import pytest

from pipeline.audit.chances import draw_calls, find_chances


def test_a_rare_code_is_likelier_to_be_drawn():
    """16 calls of one code want 16^-0.25 = 0.5 each, the one call of another 1: of three, 8/9 x 3 and 1/9 x 3."""
    chances = find_chances(np.array([1] * 16 + [2]), np.zeros(17, bool), 3)
    assert chances[:16] == pytest.approx(np.full(16, 0.5 / 9 * 3))
    assert chances[16] == pytest.approx(1 / 9 * 3)


def test_a_doubtful_call_is_twice_as_likely():
    """Of four calls of a code two are in doubt: 1/6, 1/6, 2/6 and 2/6 of the draw."""
    chances = find_chances(np.ones(4, int), np.array([False, False, True, True]), 1)
    assert chances == pytest.approx([1 / 6, 1 / 6, 2 / 6, 2 / 6])


@pytest.mark.parametrize("n_calls", [1, 5, 19, 20, 50])
def test_no_chance_is_above_one(n_calls):
    """However many are drawn, chances stay within 0 and 1 and add up to them; what is left over goes to the others."""
    chances = find_chances(np.array([1] * 17 + [2, 2, 3]), np.arange(20) % 3 == 0, n_calls)
    assert chances.min() > 0
    assert chances.max() <= 1
    assert chances.sum() == pytest.approx(min(n_calls, 20))


def test_a_draw_keeps_the_chances():
    """Over all starts each call is drawn as often as its chance says, and every draw is as large."""
    chances = find_chances(np.array([1] * 30 + [2] * 5), np.arange(35) % 4 == 0, 7)
    drawn = [draw_calls(chances, start) for start in np.linspace(0, 1, 4000, endpoint=False)]
    assert {len(one) for one in drawn} == {7}
    assert all(len(set(one.tolist())) == 7 for one in drawn)
    often = np.bincount(np.concatenate(drawn), minlength=35) / len(drawn)
    assert often == pytest.approx(chances, abs=0.001)


def test_what_stands_together_is_drawn_in_proportion():
    """Ten weeks of ten calls each in a row, drawn alike: two calls of every week, whatever the start."""
    chances = find_chances(np.ones(100, int), np.zeros(100, bool), 20)
    for start in (0.1, 0.37, 0.99):
        assert np.bincount(draw_calls(chances, start) // 10).tolist() == [2] * 10


def test_impossible_chances_are_refused():
    """A chance above 1 would draw a call twice."""
    with pytest.raises(ValueError, match="within 0 and 1"):
        draw_calls(np.array([0.5, 1.5]), 0.1)
