"""Embed: make sure that every reason utterance has an embedding and that its signs are known.

Reads `reason_utterances`; writes `embeddings` through the reason encoder, and `text_signs`, each distinct text once.
Both depend on the text and the model alone, so none is ever made again. Signs hold words: those of a text that no call
says any more are removed.

Errors: ModelError when the encoder cannot be had.
"""

from collections.abc import Iterator

from pipeline.encoders import make_reason_encoder
from pipeline.kept_signs import SignKeeper, forget_others
from pipeline.matching import clean_text
from pipeline.spoken import read_spoken
from pipeline.tables import Store, in_batches
from pipeline.work import Outcome, Work

BATCH_TEXTS = 512  # texts embedded before progress is shown again


def run(work: Work) -> Outcome:
    """Embed the texts that are new."""
    table = work.store.read("reason_utterances", ["text_id", "text"])
    texts = dict(zip(table["text_id"].to_pylist(), table["text"].to_pylist(), strict=True))
    keeper = SignKeeper(work.store, make_reason_encoder(work.project))
    known = _read_known(work.store, keeper.encoder.name) & keeper.list_known()
    todo = [text_id for text_id in texts if text_id not in known]
    for batch in in_batches(work.progress.track(todo, total=len(todo), label=work.stage), BATCH_TEXTS):
        keeper.gather([texts[text_id] for text_id in batch])
    keeper.write()
    forget_others(work.store, _list_said(work.store))
    return Outcome(n_done=len(todo), n_kept=len(texts) - len(todo))


def _list_said(store: Store) -> Iterator[str]:
    """List each text that codes are matched by, as it was said and as it is matched."""
    for text in read_spoken(store).list_texts():
        yield from {text, clean_text(text)}


def _read_known(store: Store, name: str) -> set[str]:
    """Read which texts this encoder has embedded."""
    if store.current("embeddings") != [name]:
        return set()
    return set(store.read("embeddings", ["text_id"])["text_id"].to_pylist())
