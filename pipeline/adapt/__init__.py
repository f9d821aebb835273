"""Adapt: teach an encoder which sentences give the same reason, from files of lessons or from a company's own codes.

What is learned is a small file beside the encoder (see `pipeline.adapters`). It is kept only if sentences that taught
nothing are judged better with it, and not by chance. Once they said so and how much of it to keep, they may teach too:
all lessons are taught by the same recipe. What was learned from a company's codes is written inactive.

Beside what was learned lies the encoder's library (see `pipeline.library`): the package's own sentences as it embeds
them.

Errors: InputError when there is too little to learn from.
"""

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from pipeline.adapt.choosing import Gain, find_right, make_held_out, measure_gain
from pipeline.adapt.lessons import Lessons, find_domain, read_lessons, split_lessons
from pipeline.adapt.speech import make_speech
from pipeline.adapt.teaching import Changes, Recipe, make_sources, teach_several
from pipeline.adapters import Floats, fit_projection, write_adapter
from pipeline.config import ENGLISH_ENCODERS, ModelSettings
from pipeline.encoders import Encoder, SentenceEncoder, load_encoder
from pipeline.errors import InputError
from pipeline.library import Library, fit_library
from pipeline.models import find_defaults
from pipeline.tables import write_atomically
from pipeline.work import Progress

TEACHING_SEED, CHOOSING_SEED = 0, 1
N_PROJECTED = 4000  # sentences that say which directions count
OWN_FILES = ("own_sentences.csv", "own_families.csv")  # in the package's models/adapters


@dataclass(frozen=True)
class Taught:
    """What was learned from files.

    `gain` is that of the strength chosen, `tried` the rates at each strength; none where nothing was held out.
    """

    encoder_name: str
    changes: Changes = field(repr=False)
    strength: float
    gain: Gain | None
    tried: Mapping[float, float]
    recipe: Recipe
    sources: tuple[tuple[str, int, int], ...]  # name, reasons, sentences
    n_held_out_reasons: int
    library: Library = field(repr=False)
    projection: Floats | None = field(repr=False)


def teach_from_files(
    paths: Sequence[Path],
    encoder_name: str,
    settings: ModelSettings,
    *,
    held_out: Collection[str] = (),
    recipe: Recipe,
    progress: Progress,
) -> Taught:
    """Teach an encoder from files of lessons, and choose how much of it to keep by a domain that taught nothing.

    Args:
        paths: Files of lessons.
        encoder_name: Which encoder.
        settings: Where models come from.
        held_out: Reasons to choose by; a fifth of the largest source that lies together when none are named, and none
            at all where the recipe says how much to keep.
        recipe: How to teach.
        progress: Shows each step.
    """
    english_only = encoder_name in ENGLISH_ENCODERS
    lessons = read_lessons(paths, english_only=english_only)
    encoder = load_encoder(encoder_name, settings)
    taught, held = (lessons, Lessons({})) if recipe.is_chosen else _part_lessons(lessons, held_out, encoder)
    changes = teach_several(
        lambda: load_encoder(encoder_name, settings),
        make_sources(taught, encoder),
        lambda run: make_speech(lessons.asides, TEACHING_SEED + run),
        recipe,
        progress,
    )
    load = partial(load_changed, encoder_name, settings, recipe, changes)
    judged = make_held_out(held, make_speech((), CHOOSING_SEED))
    strengths = () if recipe.is_chosen else recipe.strengths
    tried = {one: find_right(judged, load(one).encode(judged.texts)) for one in strengths}
    best = max(recipe.strengths, key=lambda one: (tried[one].mean() if tried else 0, one))
    changed, gain = load(best), None
    projection = _find_projection(changed, taught, recipe.n_dims)
    if projection is not None:
        changed = load(best, projection)
    if tried:
        tried[best] = find_right(judged, changed.encode(judged.texts))
        gain = measure_gain(find_right(judged, encoder.encode(judged.texts)), tried[best])
    return Taught(
        encoder.name,
        changes,
        best,
        gain,
        {one: float(right.mean()) for one, right in tried.items()},
        recipe,
        tuple((name, len(pool), sum(map(len, pool.values()))) for name, pool in sorted(taught.pools.items())),
        held.n_reasons,
        make_library(changed, english_only=english_only),
        projection,
    )


def _part_lessons(lessons: Lessons, held_out: Collection[str], encoder: Encoder) -> tuple[Lessons, Lessons]:
    """Part the lessons into those that teach and those by which to choose."""
    taught, held = split_lessons(lessons, held_out or find_domain(lessons, encoder))
    if not held.pools or not taught.pools:
        raise InputError("No reason is left to choose by, or none to teach. Name other reasons with --hold-out.")
    return taught, held


def load_changed(
    encoder_name: str,
    settings: ModelSettings,
    recipe: Recipe,
    changes: Changes,
    strength: float,
    projection: Floats | None = None,
) -> SentenceEncoder:
    """Load an encoder with a part of a change, cut as it would be written."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "change.npz"
        write_adapter(path, changes, rank=recipe.rank, strength=strength, projection=projection)
        return load_encoder(encoder_name, settings, adapter=path)


def _find_projection(encoder: Encoder, lessons: Lessons, n_dims: int) -> Floats | None:
    """Find the directions that matter among the lessons' sentences; none when all dimensions are kept."""
    if not 0 < n_dims < encoder.dim:
        return None
    texts = [text for pool in lessons.pools.values() for some in pool.values() for text in some]
    return fit_projection(encoder.encode(texts[:: max(1, len(texts) // N_PROJECTED)]), n_dims)


def make_library(encoder: Encoder, *, english_only: bool) -> Library:
    """Embed the package's own sentences, and learn where each of their reasons lies."""
    paths = [find_defaults() / "adapters" / name for name in OWN_FILES]
    pools = read_lessons(paths, english_only=english_only).pools
    by_reason = {f"{source} {reason}": some for source, pool in pools.items() for reason, some in pool.items()}
    return fit_library(by_reason, encoder.encode([text for some in by_reason.values() for text in some]))


def keep_taught(taught: Taught, path: Path) -> Path | None:
    """Write what was learned, the library and a card, unless sentences held out say that it helps by chance at best."""
    if taught.gain is not None and not taught.gain.is_sure:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    write_adapter(
        path,
        taught.changes,
        rank=taught.recipe.rank,
        strength=taught.strength,
        library=taught.library,
        projection=taught.projection,
    )
    write_atomically(path.with_suffix(".md"), make_card(taught).encode())
    return path


def make_card(taught: Taught) -> str:
    """Describe an adapter: what it was taught with, how, and what it is worth."""
    sources = "\n".join(f"| {name} | {n_reasons} | {n_texts} |" for name, n_reasons, n_texts in taught.sources)
    recipe = ", ".join(f"{name} {value}" for name, value in asdict(taught.recipe).items())
    return f"""# Adapter of {taught.encoder_name}

Tells which sentences give the same reason. Rank {taught.recipe.rank}, {taught.strength:.0%} of what was learned.

| taught with | reasons | sentences |
| --- | --- | --- |
{sources}

Recipe: {recipe}.

{_tell_choice(taught)}
"""


def _tell_choice(taught: Taught) -> str:
    if taught.gain is None:
        return """All lessons taught and none was held out, so this teaching does not say what it is worth: one that
holds some out does, by the same recipe."""
    gain, tried = taught.gain, ", ".join(f"{one:.0%}: {ratio:.1%}" for one, ratio in sorted(taught.tried.items()))
    return f"""Chosen by {taught.n_held_out_reasons} reasons that taught nothing ({gain.n} sentences, every other one
made to sound spoken): the nearest other sentence gives the same reason for {gain.before_ratio:.1%} of them before and
{gain.after_ratio:.1%} after (difference {100 * gain.low:+.1f} to {100 * gain.high:+.1f} points, 95 %).
At strengths {tried}."""
