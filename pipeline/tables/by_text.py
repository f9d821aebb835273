"""Rows by text: tables whose rows depend on a text and a model alone, so that they are made once and added.

New rows come in small files; when there are many they are merged into few.

Errors: none of its own.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.tables.store import Store, hash_text

MAX_FILES = 64  # more files than this are merged when they are read, into files of
MERGED_ROWS = 262_144
ROWS_AT_ONCE = 8192  # that are unpacked: little memory, which is used again for the next
TextIds = NDArray[np.uint64]


def read_by_text(store: Store, name: str, fingerprint: str) -> list[pa.Table]:
    """Read all rows, a table a file."""
    paths = sorted((store.root / name / fingerprint).glob("*.parquet"))
    with ThreadPoolExecutor() as threads:  # a file is unpacked on one core
        tables = [table for table in threads.map(_read, paths) if table is not None]
    if len(paths) > MAX_FILES:
        whole = pa.concat_tables(tables)
        starts = range(0, whole.num_rows, MERGED_ROWS)
        merged = {add_by_text(store, name, fingerprint, whole.slice(at, MERGED_ROWS)) for at in starts}
        for path in set(paths) - merged:
            path.unlink(missing_ok=True)
    return tables


def _read(path: Path) -> pa.Table | None:
    try:
        with pq.ParquetFile(path) as file:
            return pa.Table.from_batches(file.iter_batches(ROWS_AT_ONCE, use_threads=False), file.schema_arrow)
    except FileNotFoundError:  # another process merged it just now; what it held is made again
        return None


def add_by_text(store: Store, name: str, fingerprint: str, rows: pa.Table) -> Path:
    """Write one batch; it is named from its texts."""
    text_ids = sorted(rows["text_id"].to_pylist())
    return store.add(name, fingerprint, rows, {hash_text("\n".join(text_ids)): fingerprint})


def keep_by_text(store: Store, name: str, text_ids: TextIds) -> None:
    """Remove the rows of all other texts, whatever they were made with."""
    for path in sorted((store.root / name).glob("*/*.parquet")):
        of_rows = parse_ids(pq.read_table(path, columns=["text_id"], partitioning=None)["text_id"])
        is_kept = np.isin(of_rows, text_ids)
        if is_kept.all():
            continue
        rows = pq.read_table(path, partitioning=None).filter(pa.array(is_kept))
        if rows.num_rows:
            add_by_text(store, name, path.parent.name, rows)
        path.unlink()


def hash_texts(texts: Sequence[str]) -> TextIds:
    """Find the ids of texts as the numbers that they are; `hash_text` writes the same."""
    digests = (hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8] for text in texts)
    return np.frombuffer(b"".join(digests), ">u8").astype(np.uint64)


def name_ids(ids: TextIds) -> list[str]:
    """Write ids as `hash_text` does."""
    return [f"{number:016x}" for number in ids.tolist()]


def parse_ids(text_ids: pa.ChunkedArray | pa.Array) -> TextIds:
    """Read text ids as the numbers that they are."""
    digits = text_ids.to_numpy(zero_copy_only=False).astype("S16").view(np.uint8).reshape(-1, 16)
    values = np.where(digits >= ord("a"), digits - (ord("a") - 10), digits - ord("0")).astype(np.uint8)
    ids: TextIds = (values[:, ::2] << 4 | values[:, 1::2]).view(">u8").ravel().astype(np.uint64)
    return ids


def look_up(ids: TextIds, wanted: TextIds) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Find where each wanted id stands among sorted ones, and whether it does."""
    if not len(ids):
        return np.zeros(len(wanted), np.intp), np.zeros(len(wanted), np.bool_)
    places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return places, ids[places] == wanted
