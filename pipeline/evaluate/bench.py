"""Bench: what a trial is told, what it answers, and the encoders and rows that all trials share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np

from pipeline.config import ModelSettings, Project
from pipeline.contexts import ClauseEncoder
from pipeline.encoders import Adaptable, Encoder, EncoderAround, choose_encoder, load_encoder, load_reason_encoder
from pipeline.evidence import Floats
from pipeline.picking.picker import make_weigh
from pipeline.rows import Row, read_rows

Figures = Mapping[str, float]  # by measure, in percent where it is a share
# What all but coding and grouping work with; the reason encoder; its model as published.
Kind = Literal["plain", "taught", "untouched"]


@dataclass(frozen=True)
class Effort:
    """How thoroughly to measure: resamples of the bootstrap, draws of examples, turns read of a long file."""

    n_resamples: int = 1000
    n_draws: int = 5
    n_turns: int = 1_000_000
    n_taught: int = 5000  # turns of each file that teach a baseline


QUICK = Effort(n_resamples=200, n_draws=2, n_turns=2000, n_taught=1000)


@dataclass
class RememberingEncoder(EncoderAround):
    """An encoder that embeds each text once."""

    encoder: Encoder
    rows: dict[str, Floats] = field(default_factory=dict, repr=False)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Embed texts, those known from memory."""
        new = [text for text in dict.fromkeys(texts) if text not in self.rows]
        self.rows.update(zip(new, self.encoder.encode(new), strict=True))
        return np.stack([self.rows[text] for text in texts]) if len(texts) else np.zeros((0, self.dim), np.float32)

    def with_adapter(self, adapter: Path) -> "RememberingEncoder":
        """Remember what the encoder with the adapter embeds."""
        return RememberingEncoder(cast(Adaptable, self.encoder).with_adapter(adapter))


def load_for(texts: Sequence[str], project: Project, kind: Kind) -> Encoder:
    """Load the encoder that `apply` would take for these texts."""
    models = project.settings.models
    if kind == "untouched":
        models = models.model_copy(update={"adapters": False})
    return _load_named(choose_encoder(texts, models), models, load_encoder if kind == "plain" else load_reason_encoder)


@cache
def _load_named(name: str, models: ModelSettings, load: Callable[..., Encoder]) -> Encoder:
    return RememberingEncoder(load(name, models, device="cpu"))


@dataclass(frozen=True)
class Bench:
    """What a trial is told."""

    data: Path
    project: Project
    effort: Effort = Effort()
    load: Callable[[Sequence[str], Project, Kind], Encoder] = load_for

    def read(self, file: str) -> list[Row]:
        """Read a file of the evaluation data."""
        return read_rows(self.data / file, needs=())

    def load_taught(self, texts: Sequence[str]) -> Encoder:
        """Load the reason encoder for texts."""
        return self.load(texts, self.project, "taught")

    def load_for_turns(self, texts: Sequence[str]) -> Encoder:
        """Load the reason encoder for texts that may be whole turns, as `apply` takes them."""
        return ClauseEncoder(self.load_taught(texts), make_weigh(self.load_plain(texts), self.project))

    def load_plain(self, texts: Sequence[str]) -> Encoder:
        """Load the encoder that everything but coding and grouping works with."""
        return self.load(texts, self.project, "plain")

    def load_untouched(self, texts: Sequence[str]) -> Encoder:
        """Load the reason encoder for texts as it was published."""
        return self.load(texts, self.project, "untouched")


@dataclass(frozen=True)
class Answer:
    """What our own tools got; `outcome` is what baselines are compared with, row by row."""

    figures: Figures
    remark: str
    outcome: Any = field(repr=False)


@dataclass(frozen=True)
class Interval:
    """Ours minus the baseline's, and where that lies in 95 % of resamples."""

    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class Beside:
    """What a baseline got on the same rows; one that is not installed has no figures but says how to install it."""

    figures: Figures = field(default_factory=dict)
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    remark: str = ""


@dataclass(frozen=True)
class Trial:
    """One row of the table: a judgement on one set of rows, and what is measured beside it."""

    name: str
    stage: str
    judgement: str
    files: tuple[str, ...]
    aim: str
    measure: Callable[[Bench], Answer]
    baselines: Mapping[str, Callable[[Bench, Answer], Beside]] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """What one trial gave. Seconds and memory are ours alone, loading the model included."""

    trial: str
    judgement: str
    aim: str
    figures: Figures = field(default_factory=dict)
    remark: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0
    baselines: Mapping[str, Beside] = field(default_factory=dict)
    skipped: str = ""
