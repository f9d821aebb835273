"""Agreement: kappa and alpha as their books work them out, and intervals that never pretend to be sure."""

import pytest

from pipeline.audit.agreement import find_alpha, find_kappa


def rate(*people):
    """Turn what each person said, a call a sign and a dot for none, into a call each."""
    return [{str(at): sign for at, sign in enumerate(one) if sign != "."} for one in zip(*people, strict=True)]


def test_kappa_of_fifty_calls():
    """One person says a 25 times and b 25 times, the other a 30 and b 20; 35 agree: (0.7 - 0.5) / 0.5 = 0.4.

    The error by Fleiss, Cohen and Everitt is 0.127, as docs/measures.md has it for logged codes.
    """
    pairs = [("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15
    found = find_kappa(pairs)
    assert found.value == pytest.approx(0.4)
    assert (found.low, found.high) == pytest.approx((0.4 - 1.96 * 0.127, 0.4 + 1.96 * 0.127), abs=0.002)


def test_kappa_of_few_calls_has_an_interval_too():
    """Three of four agree, chance 0.5: 0.5. One of four that disagree is 0.028 to 0.716 (Jeffreys): -0.43 to 0.94."""
    found = find_kappa([("a", "a"), ("a", "a"), ("b", "b"), ("a", "b")])
    by_chance = (3 * 2 + 1 * 2) / 16
    assert found.value == pytest.approx((0.75 - by_chance) / (1 - by_chance))
    assert (found.low, found.high) == pytest.approx((1 - 0.716 / 0.5, 1 - 0.028 / 0.5), abs=0.005)


def test_full_agreement_is_not_certain():
    """Twenty calls that agree leave room for a few that would not have."""
    found = find_kappa([("a", "a")] * 10 + [("b", "b")] * 10)
    assert found.value == found.high == 1
    assert 0.5 < found.low < 0.9


def test_one_answer_alone_says_nothing():
    """Where everybody always says the same there is nothing beyond chance."""
    assert find_kappa([("a", "a")] * 9) is None
    assert find_alpha([{"x": "a", "y": "a"}] * 9) is None
    assert find_kappa([]) is None
    assert find_alpha([{"x": "a"}, {"y": "b"}]) is None


def test_alpha_of_two_people():
    """Krippendorff's own example of ten units and two observers: 0.095."""
    found = find_alpha(rate("0100000010", "1110010000"))
    assert found.value == pytest.approx(0.095, abs=0.0005)
    assert -1 <= found.low < 0.095 < found.high < 1


def test_alpha_of_four_people_with_missing_answers():
    """His example of twelve units, four observers and missing answers, for names: 0.743."""
    people = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
    assert find_alpha(rate(*people)).value == pytest.approx(0.743, abs=0.0005)
