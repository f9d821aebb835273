"""Company: learn from a company's own codes what people decided, and show what it would move before it counts.

Every merge, split and moved sentence has left its mark in the codes' examples; those of a merged code speak for the
code it was merged into. What is learned is kept if cross-validation says that examples it did not see find their code
more often, and not by chance. It is written inactive: making it count is a curator's act.

Errors: TaxonomyError when there are too few examples to learn from.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.adapt import make_library
from pipeline.adapt.choosing import Gain, measure_gain
from pipeline.adapt.lessons import N_EACH, Lessons
from pipeline.adapt.speech import make_speech
from pipeline.adapt.teaching import Changes, Recipe, make_sources, teach
from pipeline.adapters import add_changes, read_projection, write_adapter
from pipeline.config import ENGLISH_ENCODERS, Project, choose_reason_base
from pipeline.contexts import read_contexts
from pipeline.decisions import DECISIONS_FILE, append_decision, hold_decisions, make_decision
from pipeline.encoders import (
    Encoder,
    SentenceEncoder,
    choose_reason_adapter,
    find_fingerprint,
    load_encoder,
    load_reason_encoder,
)
from pipeline.errors import TaxonomyError
from pipeline.examples import load_examples
from pipeline.matching import Assigner, fit_assigner
from pipeline.models.cache import hash_file
from pipeline.taxonomy import TAXONOMY_FILE, Code, Taxonomy, read_taxonomy
from pipeline.work import Progress

N_FOLDS = 3
MIN_CODES = 4  # with as many examples as folds and one more; from fewer nothing can be told
SEED = 0
OWN_RANK = 64  # the package's own change and as much again


@dataclass(frozen=True)
class Learned:
    """What came of it; `path` is null when it was not kept."""

    gain: Gain
    path: Path | None


@dataclass(frozen=True)
class Moved:
    """A reason utterance that would get another code; a code is empty where none fits."""

    call_id: str
    utterance_index: int
    from_code: str
    to_code: str


def teach_from_codes(project: Project, recipe: Recipe, progress: Progress) -> Learned:
    """Teach the project's reason encoder from its codes' examples, and keep it, inactive, if that helps."""
    taxonomy = read_taxonomy(project.taxonomy / TAXONOMY_FILE)
    examples = list_examples(taxonomy)
    n_teaching = sum(len(texts) > N_FOLDS for texts in examples.values())
    if n_teaching < MIN_CODES:
        raise TaxonomyError(
            f"Learning needs {MIN_CODES} codes with more than {N_FOLDS} examples; there are {n_teaching}. Add examples."
        )
    folds = [_judge_fold(project, taxonomy, examples, fold, recipe, progress) for fold in range(N_FOLDS)]
    before, after = (np.concatenate(rights) for rights in zip(*folds, strict=True))
    gain = measure_gain(before, after)
    if not gain.is_sure:
        return Learned(gain, None)
    return Learned(gain, _write_inactive(project, examples, recipe, progress))


def list_examples(taxonomy: Taxonomy) -> dict[str, tuple[str, ...]]:
    """List the sentences that speak for each code today."""
    examples: dict[str, dict[str, None]] = {}
    for number, text in sorted(taxonomy.list_examples(), key=lambda one: one[0]):
        examples.setdefault(number, {})[text] = None
    return {number: tuple(texts) for number, texts in examples.items()}


def _judge_fold(
    project: Project,
    taxonomy: Taxonomy,
    examples: Mapping[str, tuple[str, ...]],
    fold: int,
    recipe: Recipe,
    progress: Progress,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Hide a part of the examples, learn from the others, and say which hidden ones find their code."""
    hidden = [
        (text, number)
        for number, texts in examples.items()
        for at, text in enumerate(texts)
        if at % N_FOLDS == fold and len(texts) > N_FOLDS
    ]
    hidden_texts = {text for text, _ in hidden}
    seen = {number: tuple(text for text in texts if text not in hidden_texts) for number, texts in examples.items()}
    known = {code.number: code for code in taxonomy.codes}
    without = Taxonomy(tuple(Code(number, known[number].names, examples=texts) for number, texts in seen.items()))
    before = _find_right(project, without, hidden, _load(project))
    return before, _find_right(project, without, hidden, _teach(project, seen, recipe, progress)[0])


def _teach(
    project: Project, examples: Mapping[str, tuple[str, ...]], recipe: Recipe, progress: Progress
) -> tuple[Encoder, Changes]:
    encoder = _load(project)
    lessons = Lessons({"codes": {number: texts for number, texts in examples.items() if len(texts) >= N_EACH}})
    changes = teach(encoder, make_sources(lessons, encoder), make_speech((), SEED), recipe, progress)
    return encoder, changes


def _load(project: Project) -> SentenceEncoder:
    return load_reason_encoder(project.encoder, project.settings.models)


def _find_right(
    project: Project, taxonomy: Taxonomy, hidden: Sequence[tuple[str, str]], encoder: Encoder
) -> NDArray[np.bool_]:
    found = _fit(project, taxonomy, encoder)([(text, text) for text, _ in hidden])
    return np.array([one.best_code == number for one, (_, number) in zip(found, hidden, strict=True)])


def _fit(project: Project, taxonomy: Taxonomy, encoder: Encoder) -> Assigner:
    background = load_examples("background", project).texts
    return fit_assigner(taxonomy, encoder, project.settings.assign, background=background)


def _write_inactive(
    project: Project, examples: Mapping[str, tuple[str, ...]], recipe: Recipe, progress: Progress
) -> Path:
    models = project.settings.models
    had = choose_reason_adapter(project.encoder, models)
    encoder, changes = _teach(project, examples, recipe, progress)
    path, _ = _find_places(project)
    path.parent.mkdir(parents=True, exist_ok=True)
    library = make_library(encoder, english_only=project.encoder in ENGLISH_ENCODERS)
    projection = read_projection(had) if had else None
    write_adapter(path, add_changes(changes, had), rank=OWN_RANK, library=library, projection=projection)
    return path


def preview_moves(project: Project, path: Path) -> list[Moved]:
    """Say which reason utterances would get another code with an adapter, in order; no table is changed."""
    store = project.store
    columns = ["call_id", "utterance_index", "turn_index", "text"]
    rows = store.read("reason_utterances", columns).to_pylist()
    codes = {
        (row["call_id"], row["utterance_index"]): row["code"] or ""
        for row in store.read("call_reasons", ["call_id", "utterance_index", "code"]).to_pylist()
    }
    models = project.settings.models
    encoder = load_encoder(choose_reason_base(project.encoder, models), models, adapter=path)
    assign = _fit(project, read_taxonomy(project.taxonomy / TAXONOMY_FILE), encoder)
    found = assign([(row["text"], context) for row, context in zip(rows, read_contexts(store, rows), strict=True)])
    keys = [(row["call_id"], row["utterance_index"]) for row in rows]
    moved = [Moved(*key, codes.get(key, ""), one.code or "") for key, one in zip(keys, found, strict=True)]
    return sorted(
        (one for one in moved if one.from_code != one.to_code), key=lambda one: (one.call_id, one.utterance_index)
    )


def count_moves(moves: Sequence[Moved]) -> list[tuple[str, str, int]]:
    """Count moves from code to code, most first."""
    counted = Counter((one.from_code, one.to_code) for one in moves)
    return [(*pair, n) for pair, n in sorted(counted.items(), key=lambda one: (-one[1], one[0]))]


def activate(project: Project, *, who: str, now: datetime) -> Path:
    """Make what was learned count from the next run on, in place of what counted before, and record who decided it.

    Raises:
        TaxonomyError: Nothing waits to be made active.
    """
    inactive, own = find_waiting(project), _find_places(project)[1]
    _replace(project, inactive, own, what="activate", who=who, now=now)
    return own


def deactivate(project: Project, *, who: str, now: datetime) -> Path:
    """Make the project's own adapter count no more, and record it; it stays beside the others, inactive.

    Raises:
        TaxonomyError: None is active.
    """
    inactive, own = _find_places(project)
    if not own.exists():
        raise TaxonomyError("No adapter of the project's own is active. Learn one with `callreasons adapt`.")
    _replace(project, own, inactive, what="deactivate", who=who, now=now)
    return inactive


def _replace(project: Project, path: Path, by: Path, *, what: str, who: str, now: datetime) -> None:
    about = f"{path.name.partition('-')[2]}, sha256 {hash_file(path)}"
    with hold_decisions(project.taxonomy / DECISIONS_FILE) as log:
        append_decision(log, make_decision(what, {}, {}, who=who, now=now, about=about))
        path.replace(by)


def find_waiting(project: Project) -> Path:
    """Find what was learned and is not active.

    Raises:
        TaxonomyError: There is none.
    """
    inactive, _ = _find_places(project)
    if not inactive.exists():
        raise TaxonomyError("Nothing learned waits to be made active. Run `callreasons adapt` first.")
    return inactive


def _find_places(project: Project) -> tuple[Path, Path]:
    """Name where an adapter lies that is not active yet, and where one that is."""
    models = project.settings.models
    fingerprint = find_fingerprint(choose_reason_base(project.encoder, models), models)
    folder = project.root / "models" / "adapters"
    return folder / f"inactive-{fingerprint}.npz", folder / f"own-{fingerprint}.npz"
