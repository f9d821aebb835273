"""Contexts: the words around a reason utterance in its turn.

The clause that states a reason is short, and the transcriber may have misheard its one telling word; what the customer
says just before and after is about the same. A long turn is mostly not the reason, so only so much of it counts.

Errors: MissingTableError when no turns were made yet.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.languages import WORD
from pipeline.tables import Store

MAX_WORDS = 60  # words, or Chinese characters, of a turn that count as being about the reason


def read_contexts(store: Store, utterances: Sequence[Mapping[str, Any]]) -> list[str]:
    """Read the words around each reason utterance, itself among them, in order.

    Args:
        store: Holds `turns`.
        utterances: Rows with call_id, turn_index and text.
    """
    wanted = {(row["call_id"], row["turn_index"]) for row in utterances}
    turns = {
        (row["call_id"], row["turn_index"]): row["text"]
        for row in store.read("turns", ["call_id", "turn_index", "text"]).to_pylist()
        if (row["call_id"], row["turn_index"]) in wanted
    }
    return [cut_context(turns.get((row["call_id"], row["turn_index"]), ""), row["text"]) for row in utterances]


def cut_context(turn: str, text: str) -> str:
    """Cut the words around a text out of its turn, as many before as after where there are enough."""
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
