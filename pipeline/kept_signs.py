"""Kept signs: the signs of each distinct text are found once a model and kept in `text_signs`, beside its embedding.

When codes change, old texts are coded again from both without being read again. A name of what was kept ends in a
fingerprint of how signs are found, so that rows of two encoders, libraries or ways of finding never mix.

Errors: ModelError when a text is new and the encoder cannot be had.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.encoders import Encoder
from pipeline.evidence import Floats
from pipeline.library import LEAST_RATIO, NONE_COSINE, TEMPERATURE
from pipeline.pieces import from_lists, to_lists
from pipeline.signs import Signs, find_signs, join_signs
from pipeline.tables import TABLES, Store, hash_text
from pipeline.tables.by_text import (
    TextIds,
    add_by_text,
    hash_texts,
    keep_by_text,
    look_up,
    name_ids,
    parse_ids,
    read_by_text,
)

TABLE = "text_signs"
WRITE_EVERY = 16_384  # new texts a file: what a killed run may have to look through again, in seconds
VERSION = 1  # raised when the code finds other signs of the same text


@dataclass
class SignKeeper:
    """Sees texts as an encoder and its library do; what was seen before is read, what is new is kept."""

    store: Store
    encoder: Encoder
    _kept: tuple[TextIds, Signs] | None = field(default=None, init=False, repr=False)
    _waiting: list[pa.Table] = field(default_factory=list, init=False, repr=False)

    @property
    def name(self) -> str:
        """Encoder, and fingerprint of how signs are found."""
        return f"{self.encoder.name}-{hash_text(repr((VERSION, TEMPERATURE, NONE_COSINE, LEAST_RATIO)))[:8]}"

    def see(self, texts: Sequence[str]) -> tuple[Floats, Signs]:
        """Embed texts, shape (n, dim), and find their signs; what was new is kept."""
        seen = self.gather(texts)
        self.write()
        return seen

    def gather(self, texts: Sequence[str]) -> tuple[Floats, Signs]:
        """Do so, and let what was new wait until it fills a file; `write` ends it."""
        embeddings = self.encoder.encode(texts)
        known_ids, signs = self._read()
        text_ids = hash_texts(texts)
        places, is_known = look_up(known_ids, text_ids)
        if is_known.all():
            return embeddings, signs.take(places)
        new = np.flatnonzero(~is_known)
        found = find_signs([texts[at] for at in new.tolist()], embeddings[new], self.encoder.library)
        self._waiting.append(_to_rows(pa.array(name_ids(text_ids[new]), pa.string()), found))
        if sum(map(len, self._waiting)) >= WRITE_EVERY:
            self.write()
        order = np.argsort(np.concatenate([np.flatnonzero(is_known), new]), kind="stable")
        return embeddings, join_signs(signs.take(places[is_known]), found).take(order)

    def write(self) -> None:
        """Write what waits."""
        rows = pa.concat_tables([TABLES[TABLE].schema.empty_table(), *self._waiting])
        self._waiting.clear()
        if not len(rows):
            return
        _, first = np.unique(parse_ids(rows["text_id"]), return_index=True)
        add_by_text(self.store, TABLE, self.name, rows.take(pa.array(first)))
        if self.store.current(TABLE) != [self.name]:
            self.store.set_current(TABLE, [self.name], keep_older=True)

    def list_known(self) -> set[str]:
        """List the texts, by id, whose signs are kept."""
        known_ids, _ = self._read()
        return set(name_ids(known_ids))

    def _read(self) -> tuple[TextIds, Signs]:
        """Read what is kept: ids in order, each with the position of its signs."""
        if self._kept is None:
            tables = read_by_text(self.store, TABLE, self.name)
            rows = pa.concat_tables([TABLES[TABLE].schema.empty_table(), *tables])
            ids, first = np.unique(parse_ids(rows["text_id"]), return_index=True)
            n_reasons = len(self.encoder.library.centres) if self.encoder.library else 1
            self._kept = ids, _from_rows(rows, n_reasons).take(first)
        return self._kept


def forget_others(store: Store, texts: Iterable[str]) -> None:
    """Forget every text but these, whatever encoder saw it: an older redactor may have left words in it."""
    keep_by_text(store, TABLE, np.fromiter((int(hash_text(text), 16) for text in texts), np.uint64))


def _to_rows(text_ids: pa.Array, signs: Signs) -> pa.Table:
    starts = pa.array(signs.reasons.indptr, pa.int32())
    columns = {
        "text_id": text_ids,
        "language": pa.array(signs.languages.tolist(), pa.string()),
        "words": to_lists(signs.words),
        "letters": to_lists(signs.letters),
        "sounds": to_lists(signs.sounds),
        "reasons": pa.ListArray.from_arrays(starts, pa.array(signs.reasons.indices, pa.int32())),
        "reason_roots": pa.ListArray.from_arrays(starts, pa.array(signs.reasons.data, pa.float32())),
    }
    return pa.table(columns).cast(TABLES[TABLE].schema)


def _from_rows(rows: pa.Table, n_reasons: int) -> Signs:
    from scipy.sparse import csr_matrix

    reasons, roots = (rows[name].combine_chunks() for name in ("reasons", "reason_roots"))
    starts = np.concatenate([[0], np.cumsum(reasons.value_lengths().to_numpy())])
    placed = csr_matrix((roots.flatten().to_numpy(), reasons.flatten().to_numpy(), starts), (len(rows), n_reasons))
    is_chinese = pc.equal(rows["language"], "zh").to_numpy()
    return Signs(
        np.where(is_chinese, "zh", "en"),
        from_lists(rows["words"]),
        from_lists(rows["letters"]),
        from_lists(rows["sounds"]),
        placed,
    )
