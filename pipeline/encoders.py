"""Encoders: sentences in, embeddings out; each distinct text of a project is embedded once and kept in `embeddings`.

An encoder's name ends in a fingerprint of the files it was made from, so that rows of two models never mix. The reason
encoder is the project's, or a stronger one, with an adapter that was taught which sentences give the same reason; it
serves coding and grouping, and its rows are what readers of the table see.

Errors: ModelError when the model cannot be had.
"""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.adapters import add_adapter, find_adapter, find_judge, name_adapted
from pipeline.config import (
    ENGLISH_ENCODER,
    ENGLISH_REASON_ENCODER,
    MULTILINGUAL_ENCODER,
    ModelSettings,
    Project,
    choose_reason_base,
)
from pipeline.kept_embeddings import KeptEmbeddings, read_kept
from pipeline.languages import has_chinese
from pipeline.library import Library, read_library
from pipeline.models import check_device, count_cores, fetch_model, read_pins
from pipeline.models.cache import hash_file
from pipeline.models.device import halve
from pipeline.tables import TABLES, Store, hash_text, in_batches
from pipeline.tables.by_text import add_by_text, hash_texts, name_ids, parse_ids

TABLE = "embeddings"
CPU_BATCH, GPU_BATCH = 32, 256  # texts a forward pass; they are sorted by length, so little is padding
WRITE_EVERY = 4096  # new texts a batch file: what a killed run may have to embed again
# The family was trained with a prefix on every text, but its folders on the hub do not say so.
E5_NAME = re.compile(r"(^|/)(multilingual-)?e5-(small|base|large)(-v2)?$", re.IGNORECASE)


class Encoder(Protocol):
    """Turns texts into embeddings."""

    @property
    def name(self) -> str:
        """Model and fingerprint of its files."""

    @property
    def dim(self) -> int:
        """Width of an embedding."""

    @property
    def library(self) -> Library | None:
        """Known reasons, as this encoder embeds them, if it has them."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts.

        Returns:
            Embeddings (n, dim), float32, unit length; the same text gives the same row whatever stands beside it,
            and the same texts the same rows in any order; in 16 bits the first is true but for rounding.
        """


class EncoderAround:
    """What an encoder around another one goes by: all that the other does."""

    encoder: Encoder

    @property
    def name(self) -> str:
        """Model and fingerprint of its files."""
        return self.encoder.name

    @property
    def dim(self) -> int:
        """Width of an embedding."""
        return self.encoder.dim

    @property
    def library(self) -> Library | None:
        """Known reasons, as the other embeds them."""
        return self.encoder.library


class Adaptable(Protocol):
    """An encoder that can be had with an adapter added."""

    def with_adapter(self, adapter: Path) -> Encoder:
        """Make another one that works with the adapter; this one stays as it is."""


@dataclass(frozen=True)
class SentenceEncoder:
    """A sentence-transformers model in memory."""

    name: str
    dim: int
    model: Any
    prefix: str | None = None  # None: what the model's own folder says
    library: Library | None = field(default=None, repr=False)
    may_halve: bool = False  # reckon in 16 bits where the processor is quicker at it

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts; the model's own prefix is added here.

        In 16 bits a text's row depends a little on the texts beside it, so the same ones come together in any order.
        """
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        order = np.array(sorted(range(len(texts)), key=texts.__getitem__))
        embeddings = np.empty((len(texts), self.dim), np.float32)
        with halve(self.may_halve):
            embeddings[order] = self._encode([texts[at] for at in order])
        return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True) if self.may_halve else embeddings

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        clean = [text.encode("utf-8", "replace").decode() for text in texts]  # a lone surrogate is no text
        embeddings: NDArray[np.float32] = self.model.encode(
            clean,
            prompt=self.prefix,
            batch_size=CPU_BATCH if self.model.device.type == "cpu" else GPU_BATCH,
            convert_to_numpy=True,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return embeddings

    def with_adapter(self, adapter: Path) -> "SentenceEncoder":
        """Copy the model and add the adapter to the copy."""
        model = deepcopy(self.model)
        add_adapter(model, adapter)
        dim = model.get_embedding_dimension()
        return replace(self, name=name_adapted(self.name, adapter), dim=dim, model=model, library=None)


def choose_encoder(texts: Sequence[str], settings: ModelSettings) -> str:
    """Name the encoder for loose texts: the one that is set, else the English one when no text is Chinese."""
    if settings.encoder:
        return settings.encoder
    return MULTILINGUAL_ENCODER if any(has_chinese(text) for text in texts) else ENGLISH_ENCODER


def load_encoder(
    name: str,
    settings: ModelSettings,
    *,
    device: Literal["auto", "cpu", "cuda"] = "auto",
    adapter: Path | None = None,
) -> SentenceEncoder:
    """Load a model by its name in models.toml, a local folder, or its name on the hub.

    Args:
        name: Which model.
        settings: Where models come from.
        device: What it runs on.
        adapter: What to add to its weights.

    Raises:
        ModelError: The model cannot be had.
    """
    folder = fetch_model(name, settings)
    import torch
    from sentence_transformers import SentenceTransformer

    where = check_device(device, has_gpu=torch.cuda.is_available())
    if where == "cpu":
        torch.set_num_threads(count_cores())
    with _quiet():
        model = SentenceTransformer(
            str(folder), device=where, local_files_only=True, model_kwargs={"dtype": torch.float32}
        )
    prefix = "query: " if model.default_prompt_name is None and E5_NAME.search(name) else None
    fingerprint = find_fingerprint(name, settings)
    if adapter:
        add_adapter(model, adapter)
        fingerprint = name_adapted(fingerprint, adapter)
    library = read_library(adapter) if adapter else None
    dim, may_halve = model.get_embedding_dimension(), name == ENGLISH_REASON_ENCODER
    return SentenceEncoder(fingerprint, dim, model, prefix, library, may_halve)


def load_reason_encoder(
    name: str, settings: ModelSettings, *, device: Literal["auto", "cpu", "cuda"] = "auto"
) -> SentenceEncoder:
    """Load the reason encoder beside an encoder, with its adapter if it has one and the settings want it."""
    base = choose_reason_base(name, settings)
    return load_encoder(base, settings, device=device, adapter=choose_reason_adapter(name, settings))


def choose_reason_adapter(name: str, settings: ModelSettings) -> Path | None:
    """Find the adapter of the reason encoder beside an encoder, if it has one and the settings want it."""
    if not settings.adapters:
        return None
    return find_adapter(find_fingerprint(choose_reason_base(name, settings), settings), settings.own_adapters)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the model libraries' bars and remarks off the terminal."""
    from transformers.utils import logging as transformers_logging

    loggers = [logging.getLogger(name) for name in ("sentence_transformers", "transformers")]
    levels = [logger.level for logger in loggers]
    transformers_logging.disable_progress_bar()
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def find_fingerprint(name: str, settings: ModelSettings) -> str:
    """Name a model and its files: by the pins, without touching a file, else by the content of its folder."""
    pin = read_pins(settings).get(name)
    if pin:
        return f"{name}-{pin.fingerprint}"
    short = re.sub(r"[^\w.-]+", "-", name.rstrip("/").rpartition("/")[2])
    return f"{short}-{_hash_folder(fetch_model(name, settings))}"


def _hash_folder(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")
    shown = [path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    return hash_text("\n".join(f"{hash_file(path)} {path.relative_to(folder)}" for path in shown))[:8]


def find_reason_fingerprint(name: str, settings: ModelSettings) -> str:
    """Name the reason encoder and its files."""
    adapter = choose_reason_adapter(name, settings)
    fingerprint = find_fingerprint(choose_reason_base(name, settings), settings)
    return name_adapted(fingerprint, adapter) if adapter else fingerprint


def find_judge_fingerprint(name: str, settings: ModelSettings) -> str:
    """Name an encoder's files and those of its judge of what states a reason."""
    fingerprint = find_fingerprint(name, settings)
    return name_adapted(fingerprint, find_judge(fingerprint))


def make_encoder(project: Project) -> "CachedEncoder":
    """Make the project's encoder: what is in the table `embeddings` is read, the model is loaded for the rest."""
    return _make_cached(project, find_fingerprint, load_encoder, adapter=None)


def make_reason_encoder(project: Project) -> "CachedEncoder":
    """Make the project's reason encoder, in the same way."""
    adapter = choose_reason_adapter(project.encoder, project.settings.models)
    return _make_cached(project, find_reason_fingerprint, load_reason_encoder, adapter=adapter)


def _make_cached(
    project: Project, find_name: Callable[[str, ModelSettings], str], load: Callable[..., Encoder], adapter: Path | None
) -> "CachedEncoder":
    settings, name = project.settings.models, project.encoder
    return CachedEncoder(
        find_name(name, settings),
        project.store,
        lambda: load(name, settings, device=project.settings.project.device),
        is_shown=find_name(name, settings) == find_reason_fingerprint(name, settings),
        library=read_library(adapter) if adapter else None,
    )


@dataclass
class CachedEncoder:
    """An encoder that keeps its embeddings in the table `embeddings`, and loads its model only for a new text."""

    name: str
    store: Store
    load: Callable[[], Encoder]
    is_shown: bool = True  # readers of the table see its rows
    library: Library | None = field(default=None, repr=False)
    _encoder: Encoder | None = field(default=None, init=False)
    _kept: KeptEmbeddings | None = field(default=None, init=False, repr=False)

    @property
    def dim(self) -> int:
        """Width of an embedding."""
        kept = self._read()
        return kept.dim if len(kept) else self._load().dim

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts; those that are new to the project are embedded once and written."""
        kept, ids = self._read(), hash_texts(texts)
        missing = kept.list_missing(ids)
        new = dict(zip(name_ids(ids[missing]), [texts[at] for at in missing.tolist()], strict=True))
        for batch in in_batches(new, WRITE_EVERY):
            embeddings = self._load().encode([new[text_id] for text_id in batch])
            _write_rows(self.store, self.name, batch, embeddings)
            kept.add((parse_ids(pa.array(batch)), embeddings))
            self._show()
        return kept.take(ids) if len(ids) else np.zeros((0, self.dim), np.float32)

    def with_adapter(self, adapter: Path) -> "CachedEncoder":
        """Keep what the other one makes beside what this one makes."""
        name = name_adapted(self.name, adapter)
        return CachedEncoder(
            name, self.store, lambda: cast(Adaptable, self._load()).with_adapter(adapter), is_shown=False
        )

    def _load(self) -> Encoder:
        if self._encoder is None:
            self._encoder = self.load()
        return self._encoder

    def _read(self) -> KeptEmbeddings:
        if self._kept is None:
            self._kept = read_kept(self.store, TABLE, self.name)
            self._show()
        return self._kept

    def _show(self) -> None:
        """Make readers of the table see this encoder's rows; those of an earlier one stay, should it come back."""
        if self.is_shown and self._kept and self.store.current(TABLE) != [self.name]:
            self.store.set_current(TABLE, [self.name], keep_older=True)


def _write_rows(store: Store, name: str, text_ids: Sequence[str], embeddings: NDArray[np.float32]) -> None:
    n, dim = embeddings.shape
    offsets = pa.array(np.arange(n + 1, dtype=np.int32) * dim)
    lists = pa.ListArray.from_arrays(offsets, pa.array(np.ascontiguousarray(embeddings).ravel()))
    rows = pa.Table.from_arrays([pa.array(text_ids, pa.string()), lists], names=["text_id", "embedding"])
    add_by_text(store, TABLE, name, rows.cast(TABLES[TABLE].schema))
