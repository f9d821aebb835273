"""Candidates: what the pages show of them, read from the snapshot.

Errors: none of its own. One that is not there is None.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.config import Project
from pipeline.curate.web.snapshot import Row, ask
from pipeline.languages import find_language
from pipeline.placeholders import PLACEHOLDER

SORTS = ("calls", "cost", "feeling", "loose")
PAGE_ROWS = 50
N_NEAR = 5
N_WORDS, N_READ = 14, 400  # words shown; members whose words are counted
MIN_MEMBERS = 2  # that say a word
USUAL_ZIPF = 5.8  # words said more often hold nothing together: 6 is once in a thousand
MIN_LETTERS = 2  # of a word that says something


@dataclass(frozen=True)
class Held:
    """A word that holds a candidate together, and the share of its members that say it."""

    word: str
    share_ratio: float


@dataclass(frozen=True)
class Asked:
    """What a list was asked for; `page_index` counts from 0."""

    words: str = ""
    sort: str = "calls"
    only_new: bool = False
    page_index: int = 0


def list_candidates(project: Project, asked: Asked, n_rows: int = PAGE_ROWS) -> list[Row]:
    """List a page of candidates; each row says how many there are in all, `n_found`."""
    return _read(project, asked, n_rows, reason_id="")


def find_candidate(project: Project, cluster_id: str) -> Row | None:
    """Find one candidate."""
    return next(iter(_read(project, Asked(), 1, reason_id=cluster_id)), None)


def _read(project: Project, asked: Asked, n_rows: int, *, reason_id: str) -> list[Row]:
    values: dict[str, Any] = {"words": asked.words, "sort": asked.sort, "only_new": asked.only_new, "n": n_rows}
    return ask(project, "candidates", values | {"start": asked.page_index * n_rows, "reason_id": reason_id})


def list_parts(project: Project, cluster_id: str) -> list[Row]:
    """List the sub-reasons of a candidate, largest first."""
    return ask(project, "select name, n_calls from sub_clusters where cluster_id = $id", {"id": cluster_id})


def list_near_codes(project: Project, cluster_id: str) -> list[Row]:
    """List the codes that a candidate's members came closest to."""
    return ask(project, "near_codes", {"reason_id": cluster_id, "n": N_NEAR})


def find_words(project: Project, cluster_id: str) -> list[Held]:
    """Find the words that hold a candidate together, those that most members say and few others do first."""
    values = {"id": cluster_id, "n": N_READ}
    rows = ask(
        project,
        "select u.text from (from cluster_members where cluster_id = $id order by similarity_ratio desc limit $n) m "
        "join reason_utterances u using (call_id, utterance_index)",
        values,
    )
    return rank_words([row["text"] for row in rows])


def rank_words(texts: Sequence[str]) -> list[Held]:
    """Rank the words of some sentences by how many of them say each and how seldom people do otherwise."""
    counted = Counter(word for text in texts for word in set(cut_words(text)))
    scored = {
        word: n / len(texts) * (USUAL_ZIPF - find_zipf(word))
        for word, n in counted.items()
        if n >= min(MIN_MEMBERS, len(texts)) and find_zipf(word) < USUAL_ZIPF
    }
    best = sorted(scored, key=lambda word: (-scored[word], word))[:N_WORDS]
    return [Held(word, counted[word] / len(texts)) for word in best]


def cut_words(text: str) -> list[str]:
    """Cut a sentence into the words that can say something; Chinese ones too."""
    import jieba
    from wordfreq import tokenize

    jieba.setLogLevel("WARNING")
    found = tokenize(PLACEHOLDER.sub(" ", text), find_language(text))
    return [word for word in found if len(word) >= MIN_LETTERS and not word.isdecimal()]


def find_zipf(word: str) -> float:
    """Find how often people say a word: 3 is once in a million, 6 once in a thousand."""
    from wordfreq import zipf_frequency

    found = zipf_frequency(word, find_language(word))
    return found if math.isfinite(found) else 0.0
