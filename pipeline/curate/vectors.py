"""Vectors: the embeddings of the store laid out so that any few of millions are read at once, without loading the rest.

The table `embeddings` is made for reading whole; here its rows lie in one file from which any are read. It is made
again when the table has other files. A sentence that the store does not know is embedded by the model itself.

Errors: ModelError when a sentence is new and the model cannot be had.
"""

import fcntl
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.config import Project
from pipeline.encoders import CachedEncoder, Encoder, make_reason_encoder
from pipeline.evidence import Floats
from pipeline.library import Library
from pipeline.tables import Store, hash_text

FOLDER, IDS, PLACES, ROWS = ".vectors", "ids.npy", "places.npy", "rows.f32"
COUNT = "count.npy"  # of rows; an id can have several
BATCH_ROWS, BYTES = 8192, 4
TABLE = "embeddings"
Ids = NDArray[np.uint64]


@dataclass
class MappedEncoder:
    """An encoder that reads what the store knows from one file, and keeps what is new in memory alone.

    The model is loaded for the first new sentence, once, whoever asks at the same time.
    """

    name: str
    dim: int
    library: Library | None = field(repr=False)
    ids: Ids = field(repr=False)  # sorted; `places` are the positions of their rows in the file
    places: NDArray[np.intp] = field(repr=False)
    path: Path | None = field(repr=False)
    load: Callable[[], Encoder] = field(repr=False)
    _new: dict[str, Floats] = field(default_factory=dict, init=False, repr=False)
    _model: Encoder | None = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Embed texts, shape (n, dim)."""
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        wanted = np.array([int(hash_text(text), 16) for text in texts], np.uint64)
        places = np.minimum(np.searchsorted(self.ids, wanted), max(0, len(self.ids) - 1))
        is_known = self.ids[places] == wanted if len(self.ids) else np.zeros(len(texts), np.bool_)
        embeddings = np.zeros((len(texts), self.dim), np.float32)
        embeddings[is_known] = self._read(self.places[places[is_known]])
        unknown = np.flatnonzero(~is_known).tolist()
        self._embed({texts[at] for at in unknown})
        for at in unknown:
            embeddings[at] = self._new[texts[at]]
        return embeddings

    def _read(self, places: NDArray[np.intp]) -> Floats:
        """Read rows one by one: a mapped file would bring their neighbours to memory too."""
        rows = np.empty((len(places), self.dim), np.float32)
        if self.path and len(rows):
            with self.path.open("rb", buffering=0) as file:
                for at, place in enumerate(places.tolist()):
                    os.preadv(file.fileno(), [rows[at].data], place * self.dim * BYTES)
        return rows

    def _embed(self, texts: set[str]) -> None:
        with self._lock:
            new = sorted(texts - self._new.keys())
            if new:
                self._model = self._model or self.load()
                self._new.update(zip(new, self._model.encode(new), strict=True))


def map_encoder(project: Project) -> MappedEncoder:
    """Map the project's reason encoder; the first time after a run its file is made."""
    encoder = make_reason_encoder(project)
    folder = _bring_up_to_date(project.store, encoder)
    if folder is None:
        none = np.zeros(0, np.uint64), np.zeros(0, np.intp)
        return MappedEncoder(encoder.name, encoder.dim, encoder.library, *none, None, encoder.load)
    ids, places, path = np.load(folder / IDS), np.load(folder / PLACES), folder / ROWS
    dim = path.stat().st_size // BYTES // (int(np.load(folder / COUNT)))
    return MappedEncoder(encoder.name, dim, encoder.library, ids, places, path, encoder.load)


def _bring_up_to_date(store: Store, encoder: CachedEncoder) -> Path | None:
    """Make the mapped file of the table's files, unless it is there; none where the table has no row."""
    batches = store.list_batches(TABLE, encoder.name)
    if not batches:
        return None
    folder = store.root / FOLDER / f"{encoder.name}-{hash_text(repr(batches))}"
    with _hold(folder.parent):
        if not folder.exists():
            for other in folder.parent.iterdir():
                if other.is_dir():
                    shutil.rmtree(other)
            temporary = folder.with_name(f".{folder.name}")
            temporary.mkdir()
            _write(temporary, [store.root / TABLE / encoder.name / name for name, _, _ in batches])
            temporary.rename(folder)
    return folder


@contextmanager
def _hold(folder: Path) -> Iterator[None]:
    """Let one process at a time make the file; a second one finds it made."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(folder: Path, paths: Sequence[Path]) -> None:
    """Write the rows one after the other, and where each id's lies; never more than a batch is in memory."""
    ids = np.concatenate([_read_ids(path) for path in paths])
    ordered, places = np.unique(ids, return_index=True)
    np.save(folder / IDS, ordered)
    np.save(folder / PLACES, places)
    np.save(folder / COUNT, len(ids))
    with (folder / ROWS).open("wb") as file:
        for path in paths:
            for batch in pq.ParquetFile(path).iter_batches(BATCH_ROWS, columns=["embedding"]):
                file.write(batch.column(0).flatten().to_numpy().astype("<f4").tobytes())


def _read_ids(path: Path) -> Ids:
    ids = pq.read_table(path, columns=["text_id"], partitioning=None)["text_id"].to_pylist()
    return np.array([int(text_id, 16) for text_id in ids], np.uint64)
