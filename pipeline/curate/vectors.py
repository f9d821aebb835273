"""Vectors: the embeddings of the store laid out so that any few of millions are read at once, without loading the rest.

The table `embeddings` is made for reading whole; here its rows lie in one file that is mapped into memory. It is made
again when the table has other files. A sentence that the store does not know is embedded by the model itself.

Errors: ModelError when a sentence is new and the model cannot be had.
"""

import fcntl
import mmap
import shutil
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

FOLDER, IDS, PLACES, ROWS = ".vectors", "ids.npy", "places.npy", "rows.npy"
BATCH_ROWS = 8192
TABLE = "embeddings"
Ids = NDArray[np.uint64]


@dataclass
class MappedEncoder:
    """An encoder that reads what the store knows from a mapped file, and keeps what is new in memory alone."""

    name: str
    dim: int
    library: Library | None = field(repr=False)
    ids: Ids = field(repr=False)  # sorted; `places` are the positions of theirs in `rows`
    places: NDArray[np.intp] = field(repr=False)
    rows: Floats = field(repr=False)
    load: Callable[[], Encoder] = field(repr=False)
    _new: dict[str, Floats] = field(default_factory=dict, init=False, repr=False)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Embed texts, shape (n, dim)."""
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        wanted = np.array([int(hash_text(text), 16) for text in texts], np.uint64)
        places = np.minimum(np.searchsorted(self.ids, wanted), max(0, len(self.ids) - 1))
        is_known = self.ids[places] == wanted if len(self.ids) else np.zeros(len(texts), np.bool_)
        embeddings = np.zeros((len(texts), self.dim), np.float32)
        embeddings[is_known] = self.rows[self.places[places[is_known]]]
        unknown = np.flatnonzero(~is_known).tolist()
        self._embed(sorted({texts[at] for at in unknown} - self._new.keys()))
        for at in unknown:
            embeddings[at] = self._new[texts[at]]
        return embeddings

    def _embed(self, texts: Sequence[str]) -> None:
        if texts:
            self._new.update(zip(texts, self.load().encode(texts), strict=True))


def map_encoder(project: Project) -> MappedEncoder:
    """Map the project's reason encoder; the first time after a run its file is made."""
    encoder = make_reason_encoder(project)
    folder = _bring_up_to_date(project.store, encoder)
    if folder is None:
        ids, places, rows = np.zeros(0, np.uint64), np.zeros(0, np.intp), np.zeros((0, encoder.dim), np.float32)
    else:
        ids, places = np.load(folder / IDS), np.load(folder / PLACES)
        rows = np.load(folder / ROWS, mmap_mode="r")
        rows._mmap.madvise(mmap.MADV_RANDOM)  # else each row brings its neighbours to memory
    return MappedEncoder(encoder.name, rows.shape[1], encoder.library, ids, places, rows, encoder.load)


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
    dim = len(pq.ParquetFile(paths[0]).read_row_group(0, ["embedding"])["embedding"][0])
    header = {"descr": "<f4", "fortran_order": False, "shape": (len(ids), dim)}
    with (folder / ROWS).open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for path in paths:
            for batch in pq.ParquetFile(path).iter_batches(BATCH_ROWS, columns=["embedding"]):
                file.write(batch.column(0).flatten().to_numpy().astype("<f4").tobytes())


def _read_ids(path: Path) -> Ids:
    ids = pq.read_table(path, columns=["text_id"], partitioning=None)["text_id"].to_pylist()
    return np.array([int(text_id, 16) for text_id in ids], np.uint64)
