"""Contexts: the words around a reason utterance in its turn.

The clause that states a reason is short, and the transcriber may have misheard its one telling word; what the customer
says just before and after is about the same. A long turn is mostly not the reason, so only so much of it counts, and
where whole turns are grouped, a clause counts by how surely it states a reason.

Errors: MissingTableError when no turns were made yet.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.clauses import split_clauses
from pipeline.encoders import Encoder, EncoderAround
from pipeline.evidence import Floats, normalize_rows
from pipeline.languages import WORD, find_language
from pipeline.tables import Store, make_table

KEYS = ["call_id", "turn_index"]
MAX_WORDS = 60  # words, or Chinese characters, of a turn that count as being about the reason
SHARPNESS = 0.5  # times the log odds that a clause states a reason: how far the likeliest outweighs the others

Weigh = Callable[[Sequence[str]], Floats]  # log odds that each text states a reason


def read_contexts(store: Store, utterances: Sequence[Mapping[str, Any]]) -> list[str]:
    """Read the words around each reason utterance, itself among them, in order.

    Args:
        store: Holds `turns`.
        utterances: Rows with call_id, turn_index and text.
    """
    wanted = make_table("reason_utterances", [{key: row[key] for key in KEYS} for row in utterances])
    turns = read_turns(store, wanted).to_pylist()
    return [cut_context(turn, row["text"]) for turn, row in zip(turns, utterances, strict=True)]


def read_turns(store: Store, utterances: pa.Table) -> pa.Array:
    """Read what was said in the turn of each reason utterance, in order; an empty text where there is no such turn.

    Args:
        store: Holds `turns`.
        utterances: Columns call_id and turn_index.
    """
    wanted = utterances.select(KEYS).append_column("row", pa.array(np.arange(len(utterances))))
    said = store.read("turns", [*KEYS, "text"])
    found = wanted.join(said, KEYS, join_type="left outer").sort_by("row")
    _, first = np.unique(found["row"].to_numpy(), return_index=True)  # a crash can leave a turn twice
    return pc.fill_null(found["text"].take(pa.array(first)).combine_chunks(), "")


def cut_context(turn: str, text: str) -> str:
    """Cut the words around a text out of its turn, as many before as after where there are enough."""
    if turn == text:
        return text
    if len(turn) <= MAX_WORDS:  # no more words than characters
        return turn if WORD.search(turn) else text
    words = list(WORD.finditer(turn))
    if len(words) <= MAX_WORDS:
        return turn if words else text
    start = max(turn.find(text), 0)
    first = sum(word.end() <= start for word in words)
    last = first + sum(1 for _ in WORD.finditer(text))
    spare = max(0, MAX_WORDS - (last - first))
    first = max(0, min(first - spare // 2, len(words) - (last - first) - spare))
    last = min(len(words), first + max(MAX_WORDS, last - first))
    return turn[words[first].start() : words[last - 1].end()]


@dataclass(frozen=True)
class ClauseEncoder(EncoderAround):
    """An encoder of whole turns, of which the clause that states the reason counts most."""

    encoder: Encoder
    weigh: Weigh = field(repr=False)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Embed texts."""
        return embed_by_clauses(texts, self.encoder, self.weigh)


def embed_by_clauses(texts: Sequence[str], encoder: Encoder, weigh: Weigh) -> Floats:
    """Embed texts: the whole and the mean of its clauses, weighed by how surely they state a reason.

    In a long turn the whole drowns the clause that states the reason; the clauses alone lose how they belong together.

    Args:
        texts: n texts.
        encoder: Embeds them and their clauses.
        weigh: Asked once about all clauses of the texts that have several, if there are any.

    Returns:
        Shape (n, dim), rows of unit length; a text of one clause keeps its own embedding.
    """
    whole = np.asarray(encoder.encode(texts), np.float32)
    clauses = {
        position: [clause.text for clause in split_clauses(text, find_language(text))]
        for position, text in enumerate(texts)
    }
    several = {position: said for position, said in clauses.items() if len(said) > 1}
    owners = np.repeat(np.array(list(several), np.int64), [len(said) for said in several.values()])
    if not len(owners):
        return whole
    flat = [text for said in several.values() for text in said]
    weights = _weigh_clauses(np.asarray(weigh(flat), np.float32), owners, len(texts))
    means = np.zeros_like(whole)
    np.add.at(means, owners, encoder.encode(flat) * weights[:, None])
    return normalize_rows(whole + means)


def _weigh_clauses(log_odds: Floats, owners: NDArray[np.int64], n: int) -> Floats:
    """Make weights that add up to 1 over the clauses of each of n texts."""
    best = np.full(n, -np.inf, np.float32)
    np.maximum.at(best, owners, log_odds)
    weights = np.exp(SHARPNESS * (log_odds - best[owners]))
    shares: Floats = weights / np.bincount(owners, weights, minlength=n)[owners].astype(np.float32)
    return shares
