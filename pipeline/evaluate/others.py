"""Others: what has no row in the table of judgements but should not get worse unseen: neighbours and redaction."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from pipeline.encoders import Encoder
from pipeline.evaluate.bench import Answer, Bench, Beside, Figures, Trial
from pipeline.evaluate.grouping import SHOP, TELECOM, list_grouped
from pipeline.evaluate.marked import CALLS
from pipeline.evaluate.scores import Flags, Positions, find_intervals
from pipeline.evidence import normalize_rows
from pipeline.redact import apply_redaction, make_redactor


def measure_nearest(bench: Bench, *, files: tuple[str, ...]) -> Answer:
    """Say for how many texts the nearest other text gives the same reason."""
    texts, reasons = list_grouped(bench, files)
    hits = _find_hits(texts, reasons, bench.load_taught(texts))
    return Answer(_score(hits, np.arange(len(hits))), f"{len(texts)} texts", hits)


def compare_nearest(bench: Bench, answer: Answer, *, files: tuple[str, ...]) -> Beside:
    """Say the same of the untouched encoder."""
    texts, reasons = list_grouped(bench, files)
    hits = _find_hits(texts, reasons, bench.load_untouched(texts))
    intervals = find_intervals(
        partial(_score, answer.outcome), partial(_score, hits), [len(hits)], bench.effort.n_resamples
    )
    return Beside(_score(hits, np.arange(len(hits))), intervals)


def measure_redaction(bench: Bench) -> Answer:
    """Count what is replaced in calls that people wrote down; there is no reference to compare with."""
    texts = [row["transcript_both_sides"] for row in bench.read(CALLS)]
    settings = bench.project.settings
    redactor = make_redactor(settings.redact, settings.project.languages, models=settings.models)
    redacted = apply_redaction(texts, redactor)
    n_changed = sum(one.text != text for one, text in zip(redacted, texts, strict=True))
    figures = {"values": float(sum(len(one.entities) for one in redacted))}
    return Answer(figures, f"replaced in {n_changed} of {len(texts)} calls", None)


def _find_hits(texts: Sequence[str], reasons: Positions, encoder: Encoder) -> Flags:
    embeddings = encoder.encode(texts)
    centred = normalize_rows(embeddings - embeddings.mean(axis=0))
    cosines = centred @ centred.T
    np.fill_diagonal(cosines, -1)
    hits: Flags = reasons[cosines.argmax(axis=1)] == reasons
    return hits


def _score(hits: Flags, drawn: Positions) -> Figures:
    return {"same reason": 100 * float(hits[drawn].mean())}


def make_nearest(name: str, judgement: str, files: tuple[str, ...]) -> Trial:
    """Declare a trial of neighbours."""
    told = f"nearest other text? {judgement}"
    measure, compare = partial(measure_nearest, files=files), partial(compare_nearest, files=files)
    return Trial(name, "embed", told, files, "", measure, {"untouched encoder": compare})


OTHERS = (
    make_nearest("nearest-shop", "messages to a shop bot", SHOP),
    make_nearest("nearest-telecom", "Chinese telecom questions", TELECOM),
    Trial("redact", "redact", "personal data? bank calls, written down by people", (CALLS,), "", measure_redaction),
)
