"""Teaching: change an encoder's matrices a little so that sentences of one reason come together and others part.

Half of a batch are reasons that lie near each other, for telling neighbours apart is what a general encoder cannot; a
part of the sentences is made to sound spoken. The word table stays as it is. What one teaching learns depends on its
batches, so the changes of several with other batches may be averaged.

Errors: none of its own.
Source: supervised contrastive learning (Khosla et al., 2020), model soups (Wortsman et al., 2022).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.adapt.lessons import N_CENTRED, N_EACH, Lessons, Pool, find_file
from pipeline.adapt.speech import Speech
from pipeline.config import ENGLISH_ENCODER, ENGLISH_REASON_ENCODER, MULTILINGUAL_ENCODER
from pipeline.encoders import Encoder, SentenceEncoder
from pipeline.languages import has_chinese
from pipeline.models.device import halve
from pipeline.work import Progress

WEIGHT_DECAY = 0.01
DROPOUT_RATIO = 0.1
MAX_GRADIENT = 1.0
MAX_TOKENS = 48
WARM_UP_STEPS = 30

Changes = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Recipe:
    """How an encoder is taught."""

    n_steps: int = 300
    n_runs: int = 1  # teachings, each with batches of its own, that are averaged
    n_reasons: int = 20  # in a batch, of one source
    learning_rate: float = 3e-5
    temperature: float = 0.07
    spoken_ratio: float = 0.6  # of the sentences are made to sound spoken
    near_ratio: float = 0.5  # of the reasons of a batch are neighbours
    chinese_ratio: float = 0.6  # of the batches come from sources with Chinese sentences, if there are any
    strengths: tuple[float, ...] = (0.4, 0.6, 0.8, 1.0)  # parts of the change to choose from
    is_chosen: bool = False  # strengths is the one that was chosen before, so that nothing need be held out
    rank: int = 32  # of the change of each matrix that is kept
    may_halve: bool = False  # reckon in 16 bits
    n_dims: int = 0  # of an embedding; 0: as many as the encoder has


# The usual for an encoder; "codes" for what a company's own few examples teach.
RECIPES = {
    ENGLISH_ENCODER: Recipe(n_runs=2),
    # All of the change would be better for typed sentences, and worse for misheard ones (docs/benchmarks.md).
    MULTILINGUAL_ENCODER: Recipe(n_steps=260, n_reasons=16, temperature=0.05, strengths=(0.5,)),
    # A stronger encoder of twice the width: half of it holds what counts, and all that follows is as quick as before.
    ENGLISH_REASON_ENCODER: Recipe(strengths=(1.0,), rank=16, n_dims=384, may_halve=True),
    "codes": Recipe(n_steps=60, n_reasons=16, learning_rate=2e-5),
}


def make_recipe(name: str, n_steps: int = 0, strength: float = 0.0) -> Recipe:
    """Take the usual recipe for an encoder, for as many steps and as much of the change as are asked for."""
    usual = RECIPES.get(name, Recipe())
    usual = replace(usual, n_steps=n_steps) if n_steps else usual
    return replace(usual, strengths=(strength,), is_chosen=True) if strength else usual


@dataclass(frozen=True)
class Source:
    """The reasons of one source and, for each, the others from the nearest to the farthest."""

    pool: Pool
    reasons: tuple[str, ...]
    neighbours: NDArray[np.intp] = field(repr=False)
    weight: float  # how often it is drawn beside the others
    has_chinese: bool

    def draw_reasons(self, n_reasons: int, near_ratio: float, speech: Speech) -> list[str]:
        """Draw reasons, a part of them the neighbours of one."""
        n_reasons = min(n_reasons, len(self.reasons))
        first = speech.rng.randrange(len(self.reasons))
        near = [first, *self.neighbours[first][: round(near_ratio * n_reasons)].tolist()][:n_reasons]
        others = sorted(set(range(len(self.reasons))) - set(near))
        drawn = [*near, *speech.rng.sample(others, n_reasons - len(near))]
        return [self.reasons[at] for at in drawn]


def make_sources(lessons: Lessons, encoder: Encoder) -> list[Source]:
    """See which reasons of each source lie near each other for an untaught encoder.

    A file counts by the root of its size, however many domains it has: many small ones would drown real customers.
    """
    sizes = {name: sum(map(len, pool.values())) for name, pool in lessons.pools.items()}
    files: Counter[str] = Counter()
    for name, size in sizes.items():
        files[find_file(name)] += size
    weights = {name: size / files[find_file(name)] ** 0.5 for name, size in sizes.items()}
    return [_make_source(pool, encoder, weights[name]) for name, pool in lessons.pools.items()]


def _make_source(pool: Pool, encoder: Encoder, weight: float) -> Source:
    reasons = tuple(sorted(pool))
    centres = np.stack([encoder.encode(pool[reason][:N_CENTRED]).mean(axis=0) for reason in reasons])
    centres -= centres.mean(axis=0)
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-6)
    neighbours = np.argsort(-(centres @ centres.T), axis=1, kind="stable")
    others = np.array([row[row != at] for at, row in enumerate(neighbours)])
    texts = [text for texts in pool.values() for text in texts]
    return Source(pool, reasons, others, weight, any(map(has_chinese, texts)))


def draw_batch(sources: Sequence[Source], speech: Speech, recipe: Recipe) -> tuple[list[str], list[int]]:
    """Draw sentences of some reasons of one source; also which reason each has."""
    chinese = [source for source in sources if source.has_chinese]
    others = [source for source in sources if not source.has_chinese]
    wants_chinese = bool(chinese) and (not others or speech.rng.random() < recipe.chinese_ratio)
    drawn_from = chinese if wants_chinese else others
    source = speech.rng.choices(drawn_from, [source.weight for source in drawn_from])[0]
    reasons = source.draw_reasons(recipe.n_reasons, recipe.near_ratio, speech)
    drawn = [(text, at) for at, reason in enumerate(reasons) for text in speech.rng.sample(source.pool[reason], N_EACH)]
    texts = [speech.speak(text) if speech.rng.random() < recipe.spoken_ratio else text for text, _ in drawn]
    return texts, [at for _, at in drawn]


def teach(
    encoder: SentenceEncoder, sources: Sequence[Source], speech: Speech, recipe: Recipe, progress: Progress
) -> Changes:
    """Teach an encoder in place, once.

    Args:
        encoder: Changed by this.
        sources: What to learn from.
        speech: Draws the batches.
        recipe: How.
        progress: Shows each step.

    Returns:
        By how much each matrix changed, by parameter.
    """
    return _teach(encoder, sources, speech, recipe, count_steps(recipe.n_steps, progress))


def teach_several(
    load: Callable[[], SentenceEncoder],
    sources: Sequence[Source],
    make_speech: Callable[[int], Speech],
    recipe: Recipe,
    progress: Progress,
) -> Changes:
    """Teach an encoder as often as the recipe says, and average the changes.

    Args:
        load: Loads the untaught encoder.
        sources: What to learn from.
        make_speech: Makes what draws the batches of a teaching, by its number from 0 up.
        recipe: How.
        progress: Shows each step.
    """
    steps = count_steps(recipe.n_runs * recipe.n_steps, progress)
    runs = [
        _teach(load(), sources, make_speech(run), recipe, islice(steps, recipe.n_steps), seed=run)
        for run in range(recipe.n_runs)
    ]
    next(steps, None)  # lets the bar end
    return {name: np.mean([changes[name] for changes in runs], axis=0, dtype=np.float32) for name in runs[0]}


def _teach(
    encoder: SentenceEncoder,
    sources: Sequence[Source],
    speech: Speech,
    recipe: Recipe,
    steps: Iterator[int],
    *,
    seed: int = 0,
) -> Changes:
    import torch

    torch.manual_seed(seed)
    taught = open_matrices(encoder.model)
    before = {name: one.detach().clone() for name, one in taught.items()}
    optimizer = torch.optim.AdamW(taught.values(), lr=recipe.learning_rate, weight_decay=WEIGHT_DECAY)
    for step, _ in enumerate(steps):
        warmth = min(1.0, (step + 1) / WARM_UP_STEPS) * (1 - step / recipe.n_steps)
        optimizer.param_groups[0]["lr"] = recipe.learning_rate * warmth
        texts, reasons = draw_batch(sources, speech, recipe)
        with halve(recipe.may_halve):
            embeddings = embed_lessons(encoder, texts)
        loss = _measure_loss(embeddings.float(), reasons, recipe.temperature)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(taught.values()), MAX_GRADIENT)
        optimizer.step()
    encoder.model.eval()
    return {name: (one.detach() - before[name]).cpu().numpy() for name, one in taught.items()}


def count_steps(n_steps: int, progress: Progress) -> Iterator[int]:
    """Count steps and show each."""
    return map(int, progress.track(map(str, range(n_steps)), total=n_steps, label="adapt"))


def open_matrices(model: Any) -> dict[str, Any]:  # noqa: ANN401
    """Let the matrices of the layers be changed, and nothing else."""
    import torch

    model.requires_grad_(False)
    layers = model[0].auto_model.named_parameters()
    matrices = {name: one for name, one in layers if name.startswith("encoder.") and one.dim() == 2}
    for one in matrices.values():
        one.requires_grad = True
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = DROPOUT_RATIO
    model.train()
    return matrices


def embed_lessons(encoder: SentenceEncoder, texts: Sequence[str], max_tokens: int = MAX_TOKENS) -> Any:  # noqa: ANN401
    """Embed texts so that what the encoder is taught can reach its matrices; a tensor of rows of length 1."""
    from torch.nn.functional import normalize

    prefixed = [(encoder.prefix or "") + text for text in texts]
    features = encoder.model.tokenizer(
        prefixed, padding=True, truncation=True, max_length=max_tokens, return_tensors="pt"
    )
    device = encoder.model.device
    embeddings = encoder.model({name: one.to(device) for name, one in features.items()})["sentence_embedding"]
    return normalize(embeddings, dim=-1)


def _measure_loss(embeddings: Any, reasons: Sequence[int], temperature: float) -> Any:  # noqa: ANN401
    """Supervised contrastive loss: sentences of one reason should be nearer than all others of the batch."""
    import torch

    labels = torch.tensor(reasons, device=embeddings.device)
    itself = torch.eye(len(labels), dtype=torch.bool, device=embeddings.device)
    likeness = (embeddings @ embeddings.T / temperature).masked_fill(itself, -1e9)
    same = (labels[:, None] == labels[None]) & ~itself
    log_ratios = likeness - torch.logsumexp(likeness, dim=1, keepdim=True)
    return -((log_ratios * same).sum(dim=1) / same.sum(dim=1)).mean()
