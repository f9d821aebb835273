"""Judging: are the two sides of near pairs told apart, and the sentences of one side brought together?

One answer is one test sentence, or one test sentence of each side, put to one question:

    two_codes   does it take its own side's code where the pair is the whole taxonomy? A refusal is wrong
    all_codes   the same where every reason of every pair is a code
    apart       are two test sentences, one of each side, in different clusters? Noise is no cluster
    together    is a test sentence in the cluster that holds the most of its side's examples?

The last two are asked of all sentences of all pairs grouped at once, and `pair_apart` and `pair_together` of each
pair's sentences grouped alone, in two.

Errors: none of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from pipeline.languages import find_language
from pipeline.near_pairs.reading import NearPair, Side, make_pair_taxonomy
from pipeline.taxonomy import Taxonomy

NOISE = -1
# Learns codes, and assigns one to each sentence, or none.
Teach = Callable[[Taxonomy], Callable[[Sequence[str]], Sequence[str | None]]]
# Groups sentences, into so many groups or, when that is 0, as many as it finds.
Group = Callable[[Sequence[str], int], Sequence[int]]


@dataclass(frozen=True)
class Answer:
    """One question put to one test sentence, or to one of each side; `language` is "" for two of different ones."""

    question: str
    pair: str
    reason: str
    language: str
    is_put_away: bool
    is_right: bool
    text: str
    other: str = ""  # what it was mixed up with: a reason, or the other sentence


@dataclass(frozen=True)
class Share:
    """How many answers are right, and of how many."""

    n_right: int
    n_asked: int

    @property
    def ratio(self) -> float:
        """Right ones of all, 0 to 1."""
        return self.n_right / self.n_asked if self.n_asked else 0.0


def count_answers(
    answers: Iterable[Answer], question: str, *, is_put_away: bool | None = None, language: str | None = None
) -> Share:
    """Count the right answers to one question, of some pairs and of one language when told so."""
    asked = [
        one.is_right
        for one in answers
        if one.question == question and is_put_away in (None, one.is_put_away) and language in (None, one.language)
    ]
    return Share(sum(asked), len(asked))


def keep_language(pairs: Sequence[NearPair], language: str) -> list[NearPair]:
    """Keep the sentences of one language; a pair that is left without examples or tests on a side goes."""
    kept = [
        NearPair(pair.name, _keep_side(pair.a, language), _keep_side(pair.b, language), is_put_away=pair.is_put_away)
        for pair in pairs
    ]
    return [pair for pair in kept if all(side.examples and side.tests for side in pair.sides)]


def _keep_side(side: Side, language: str) -> Side:
    examples, tests = (
        tuple(text for text in texts if find_language(text) == language) for texts in (side.examples, side.tests)
    )
    return replace(side, examples=examples, tests=tests)


def judge_coding(pairs: Sequence[NearPair], teach: Teach) -> list[Answer]:
    """Ask every test sentence for its code, of its pair's two and of all."""
    place_among_all = teach(make_pair_taxonomy(pairs, with_tests=False))
    answers: list[Answer] = []
    for pair in pairs:
        answers += _ask_codes("two_codes", pair, teach(make_pair_taxonomy([pair], with_tests=False)))
        answers += _ask_codes("all_codes", pair, place_among_all)
    return answers


def _ask_codes(
    question: str, pair: NearPair, place: Callable[[Sequence[str]], Sequence[str | None]]
) -> Iterator[Answer]:
    for side in pair.sides:
        for text, code in zip(side.tests, place(side.tests), strict=True):
            yield Answer(
                question,
                pair.name,
                side.reason,
                find_language(text),
                pair.is_put_away,
                code == side.reason,
                text,
                other=code or "",
            )


def judge_grouping(pairs: Sequence[NearPair], group: Group, *, n_clusters: int = 0) -> list[Answer]:
    """Ask whether sentences lie together that should, and apart that should.

    Args:
        pairs: What to ask about.
        group: Puts sentences into groups.
        n_clusters: How many groups for all pairs; 0 lets `group` find the number.
    """
    texts = _list_texts(pairs)
    labels = dict(zip(texts, group(texts, n_clusters), strict=True))
    answers: list[Answer] = []
    for pair in pairs:
        answers += _ask_groups("", pair, labels)
        own = _list_texts([pair])
        answers += _ask_groups("pair_", pair, dict(zip(own, group(own, 2), strict=True)))
    return answers


def _list_texts(pairs: Sequence[NearPair]) -> list[str]:
    return sorted({text for pair in pairs for side in pair.sides for text in (*side.examples, *side.tests)})


def _ask_groups(prefix: str, pair: NearPair, labels: Mapping[str, int]) -> Iterator[Answer]:
    for one, other in product(pair.a.tests, pair.b.tests):
        is_right = labels[one] == NOISE or labels[one] != labels[other]
        language = find_language(one) if find_language(one) == find_language(other) else ""
        yield Answer(f"{prefix}apart", pair.name, pair.a.reason, language, pair.is_put_away, is_right, one, other)
    for side in pair.sides:
        found = Counter(labels[text] for text in side.examples if labels[text] != NOISE)
        most = max(found.values(), default=0)
        homes = {label for label, n in found.items() if n == most}
        for text in side.tests:
            yield Answer(
                f"{prefix}together",
                pair.name,
                side.reason,
                find_language(text),
                pair.is_put_away,
                labels[text] in homes,
                text,
            )
