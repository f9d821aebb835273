"""Checking: in every run, do two reasons of a near pair share a code of this taxonomy, or a candidate?

Writes the table `near_pairs`: one row a pair whose sides have codes, from stage assign, and one row a pair of the file,
from stage cluster. What did not change since the last run is not asked again.

Errors: TaxonomyError when the file of pairs cannot be read.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.matching import Assigner
from pipeline.near_pairs.reading import NEAR_PAIRS_FILE, NearPair, read_near_pairs
from pipeline.tables import hash_text, make_table
from pipeline.taxonomy import Taxonomy
from pipeline.work import Work

TABLE = "near_pairs"
VERSION = 1  # raised when the same pairs and calls make other rows
# A candidate holds both sides when each has at least so many of its reason utterances, and such a part of those that
# are of either side.
MIN_MEMBERS = 2
MIN_MEMBERS_RATIO = 0.2


@dataclass(frozen=True)
class PairCheck:
    """What became of one pair: the places, codes or candidates, where its sides met, and how many were right of all."""

    pair: NearPair
    places: tuple[str, ...]
    n_asked: int
    n_right: int


def read_project_pairs(work: Work) -> tuple[NearPair, ...]:
    """Read the pairs of the project."""
    return read_near_pairs(work.project.taxonomy / NEAR_PAIRS_FILE)


CodedPair = tuple[NearPair, tuple[str, str]]  # a pair and the codes of its sides


def find_coded_pairs(pairs: Iterable[NearPair], taxonomy: Taxonomy) -> list[CodedPair]:
    """Find the pairs of which both sides have a code today, with the codes; a merged one is what it was merged into."""
    active = {code.number for code in taxonomy.active if code.examples}
    found = [(pair, (taxonomy.find_current(pair.a.code), taxonomy.find_current(pair.b.code))) for pair in pairs]
    return [(pair, codes) for pair, codes in found if set(codes) <= active]


def check_codes(coded: Sequence[CodedPair], assign: Assigner) -> list[PairCheck]:
    """Put the test sentences of each coded pair to the taxonomy: does one take the code of the other side?"""
    texts = sorted({text for pair, _ in coded for side in pair.sides for text in side.tests})
    codes = {text: one.code for text, one in zip(texts, assign([(text, text) for text in texts]), strict=True)}
    return [_check_pair(pair, numbers, codes) for pair, numbers in coded]


def _check_pair(pair: NearPair, numbers: tuple[str, str], codes: Mapping[str, str | None]) -> PairCheck:
    taken = [[codes[text] for text in side.tests] for side in pair.sides]
    strayed = {code for code in taken[0] if code == numbers[1]} | {code for code in taken[1] if code == numbers[0]}
    shared = (set(taken[0]) & set(taken[1])) - {None}
    n_right = sum(code == number for own, number in zip(taken, numbers, strict=True) for code in own)
    return PairCheck(pair, tuple(sorted(str(one) for one in strayed | shared)), sum(map(len, taken)), n_right)


def check_candidates(pairs: Iterable[NearPair], members: Mapping[str, Sequence[str | None]]) -> list[PairCheck]:
    """Find the pairs of which both sides lie in one candidate.

    Args:
        pairs: What must be kept apart.
        members: For each candidate, the pairs' reason that each of its reason utterances gives, or none.
    """
    counts = {candidate: Counter(one for one in reasons if one) for candidate, reasons in members.items()}
    return [_check_candidates_of(pair, counts) for pair in pairs]


def _check_candidates_of(pair: NearPair, counts: Mapping[str, Counter[str]]) -> PairCheck:
    places, n_asked, n_right = [], 0, 0
    for candidate, of_reason in sorted(counts.items()):
        of_sides = [of_reason[side.reason] for side in pair.sides]
        n_asked += sum(of_sides)
        n_right += max(of_sides)
        if min(of_sides) >= max(MIN_MEMBERS, MIN_MEMBERS_RATIO * sum(of_sides)):
            places.append(candidate)
    return PairCheck(pair, tuple(places), n_asked, n_right)


def name_check(work: Work, pairs: Iterable[NearPair], made_from: str) -> str:
    """Name everything that the rows of a stage depend on."""
    return hash_text(repr((VERSION, work.stage, made_from, tuple(pairs))))


def is_checked(work: Work, fingerprint: str) -> bool:
    """Say whether the stage's rows are those of this fingerprint."""
    return not work.force and work.store.covers(TABLE, work.stage) == {f"*{work.stage}": fingerprint}


def write_checks(work: Work, fingerprint: str, checks: Sequence[PairCheck]) -> None:
    """Replace this stage's rows; those of the other stage stay."""
    rows = make_table(TABLE, [_describe(work.stage, check) for check in checks])
    work.store.write(TABLE, work.stage, rows, {f"*{work.stage}": fingerprint})
    work.store.set_current(TABLE, sorted({*work.store.current(TABLE), work.stage}))


def _describe(stage: str, check: PairCheck) -> dict[str, object]:
    names = {
        f"reason_{letter}_{language}": side.name(language)
        for letter, side in zip("ab", check.pair.sides, strict=True)
        for language in ("en", "zh")
    }
    return {
        "stage": stage,
        "pair": check.pair.name,
        **names,
        "places": list(check.places),
        "n_asked": check.n_asked,
        "n_right": check.n_right,
    }


def list_warnings(work: Work) -> tuple[str, ...]:
    """Name the pairs that this stage puts together, in one line."""
    rows: list[dict[str, Any]] = work.store.read(TABLE, ["stage", "pair", "places"]).to_pylist()
    fallen = sorted(f"{row['pair']} ({', '.join(row['places'])})" for row in rows if _is_fallen(row, work.stage))
    if not fallen:
        return ()
    return (f"near pairs that share {'a code' if work.stage == 'assign' else 'a candidate'}: {'; '.join(fallen)}",)


def _is_fallen(row: Mapping[str, Any], stage: str) -> bool:
    return row["stage"] == stage and bool(row["places"])
