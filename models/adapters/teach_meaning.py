"""Teach an encoder which sentences give the same reason, and write models/adapters/meaning-<encoder>.npz.

    CALLREASONS_EVAL=FOLDER python models/adapters/teach_meaning.py all-MiniLM-L6-v2 [--out FILE]

Reads the folder's train/ files alone: CLINC150 without its banking and credit card reasons, which are held out to
choose by, HWU64, and asides from MultiDoGO. README.md beside this file says what was learned and how good it is.
Source: supervised contrastive learning (Khosla et al., 2020).
"""

import argparse
import json
import os
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch.nn import functional

from pipeline.adapters import write_adapter
from pipeline.config import ModelSettings
from pipeline.encoders import SentenceEncoder, load_encoder
from pipeline.evaluate.heldout import HELD_OUT
from pipeline.models import count_cores
from pipeline.progress import ConsoleProgress

HERE = Path(__file__).parent
WARM_UP_STEPS = 30
WEIGHT_DECAY = 0.01
DROPOUT_RATIO = 0.1
N_EACH = 2  # sentences of a reason in a batch
MAX_TOKENS = 48
SPOKEN_RATIO = 0.6  # of the sentences are made to sound spoken

# What people say around their reason on the telephone; {name} is somebody's.
OPENINGS = (
    "hi", "hello", "hi there", "yes hello", "good morning", "hi um", "yeah hi", "okay so", "well", "um so",
    "hello my name is {name}", "hi this is {name}", "hi my name is {name}", "hey how are you doing",
    "good afternoon how are you", "yes good morning my name is {name}", "oh hi thanks for taking my call",
)  # fmt: skip
LEADS = (
    "i'm calling because", "so what happened is", "i was hoping you could help me with something", "i have a question",
    "i just wanted to ask", "so basically", "i'm calling about this thing", "the reason i'm calling is", "well you see",
    "i need a little help", "i was wondering", "uh so i've been trying to sort something out", "so um",
    "i got a quick question for you", "i'm not sure if you're the right person but",
)  # fmt: skip
TAILS = (
    "can you help me with that", "is that something you can do", "if that's possible", "thank you", "please",
    "and yeah that's it", "i'd really appreciate it", "so yeah", "what do i need to do", "that's basically it",
    "could you look into that for me", "i hope you can help", "does that make sense", "okay", "my wife told me to call",
    "let me know what you need from me", "i already looked online", "i'm at work right now so i don't have much time",
)  # fmt: skip
FILLERS = ("um", "uh", "like", "you know", "i mean", "er")
NAMES = (
    "anna", "john", "maria", "wei", "david", "sarah", "tom", "priya", "carlos", "mike", "linda", "kevin", "yuki",
)  # fmt: skip
JOINTS = (", ", " ", ". ", " ")


@dataclass(frozen=True)
class Recipe:
    """How an encoder is taught."""

    rank: int
    n_steps: int
    n_reasons: int  # in a batch, of one source
    learning_rate: float
    temperature: float


RECIPES = {
    "all-MiniLM-L6-v2": Recipe(rank=32, n_steps=300, n_reasons=20, learning_rate=3e-5, temperature=0.07),
}

Pools = dict[str, dict[str, list[str]]]  # by source and reason


@dataclass(frozen=True)
class Speech:
    """Makes typed sentences sound spoken; `asides` are customers' turns that state no reason."""

    rng: random.Random
    asides: Sequence[str]

    def speak(self, text: str) -> str:
        """Put around a sentence, and into it, what a speaker might."""
        chances = ((0.7, OPENINGS), (0.7, LEADS), (0.25, self.asides))
        before = [self.rng.choice(choices) for chance, choices in chances if self.rng.random() < chance]
        after = [self.rng.choice(choices) for chance, choices in ((0.15, self.asides), (0.6, TAILS))
                 if self.rng.random() < chance]  # fmt: skip
        said = self.rng.choice(JOINTS).join([*before, self._hesitate(text), *after])
        return said.replace("{name}", self.rng.choice(NAMES))

    def _hesitate(self, text: str) -> str:
        words = text.rstrip(".?!").split()
        if len(words) > 3 and self.rng.random() < 0.5:
            words.insert(self.rng.randrange(1, len(words)), self.rng.choice(FILLERS))
        return " ".join(words)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Read JSON lines."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def read_pools(folder: Path) -> Pools:
    """Read the sentences of each reason of each source."""
    pools: Pools = {}
    for source in ("clinc150_train", "hwu64_train"):
        by_reason = defaultdict(list)
        for row in read_lines(folder / f"{source}.jsonl"):
            if row["reason"] not in HELD_OUT:
                by_reason[row["reason"]].append(row["text"])
        pools[source] = {reason: texts for reason, texts in by_reason.items() if len(texts) >= N_EACH}
    return pools


def read_asides(folder: Path) -> list[str]:
    """Read customers' turns that only give details."""
    turns = [row for name in ("software", "airline") for row in read_lines(folder / f"multidogo_{name}.jsonl")]
    return [
        row["text"] for row in turns if set(row["intents"]) == {"contentonly"} and 3 <= len(row["text"].split()) <= 14
    ]


def draw_batch(pools: Pools, speech: Speech, n_reasons: int) -> tuple[list[str], list[int]]:
    """Draw sentences of some reasons of one source, larger sources more often; also which reason each has."""
    rng, sources = speech.rng, sorted(pools)
    weights = [sum(map(len, pools[source].values())) ** 0.5 for source in sources]
    pool = pools[rng.choices(sources, weights)[0]]
    reasons = rng.sample(sorted(pool), n_reasons)
    drawn = [(text, index) for index, reason in enumerate(reasons) for text in rng.sample(pool[reason], N_EACH)]
    texts = [speech.speak(text) if rng.random() < SPOKEN_RATIO else text for text, _ in drawn]
    return texts, [index for _, index in drawn]


def measure_loss(embeddings: torch.Tensor, reasons: Sequence[int], temperature: float) -> torch.Tensor:
    """Supervised contrastive loss: sentences of one reason should be nearer than all others of the batch."""
    labels = torch.tensor(reasons)
    itself = torch.eye(len(labels), dtype=torch.bool)
    likeness = (embeddings @ embeddings.T / temperature).masked_fill(itself, -1e9)
    same = (labels[:, None] == labels[None]) & ~itself
    log_ratios = likeness - torch.logsumexp(likeness, dim=1, keepdim=True)
    return -((log_ratios * same).sum(dim=1) / same.sum(dim=1)).mean()


def embed(encoder: SentenceEncoder, texts: Sequence[str]) -> torch.Tensor:
    """Embed texts in a way that can be learned from."""
    prefixed = [(encoder.prefix or "") + text for text in texts]
    features = encoder.model.tokenizer(
        prefixed, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
    )
    embeddings: torch.Tensor = encoder.model(dict(features))["sentence_embedding"]
    return functional.normalize(embeddings, dim=-1)


def teach(encoder: SentenceEncoder, pools: Pools, speech: Speech, recipe: Recipe) -> dict[str, Any]:
    """Teach an encoder, its word table left alone; say by how much each matrix changed."""
    model = encoder.model
    taught = {name: one for name, one in model[0].auto_model.named_parameters() if name.startswith("encoder.")}
    before = {name: one.detach().clone() for name, one in taught.items()}
    model.requires_grad_(False)
    for one in taught.values():
        one.requires_grad = True
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = DROPOUT_RATIO
    model.train()
    optimizer = torch.optim.AdamW(taught.values(), lr=recipe.learning_rate, weight_decay=WEIGHT_DECAY)
    n_steps = recipe.n_steps
    for step in map(
        int, ConsoleProgress(Console(stderr=True)).track(map(str, range(n_steps)), total=n_steps, label="teach")
    ):
        rate = min(1.0, (step + 1) / WARM_UP_STEPS) * (1 - step / n_steps)
        optimizer.param_groups[0]["lr"] = recipe.learning_rate * rate
        texts, reasons = draw_batch(pools, speech, recipe.n_reasons)
        loss = measure_loss(embed(encoder, texts), reasons, recipe.temperature)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(list(taught.values()), 1.0)
        optimizer.step()
    return {name: (one.detach() - before[name]).numpy() for name, one in taught.items() if one.dim() == 2}


def main() -> None:
    """Teach the encoder that is named."""
    parser = argparse.ArgumentParser(description="Teach an encoder which sentences give the same reason.")
    parser.add_argument("encoder", choices=RECIPES)
    parser.add_argument("--out", type=Path, help="file to write; else beside this script")
    arguments = parser.parse_args()
    folder = Path(os.environ["CALLREASONS_EVAL"]) / "train"
    torch.manual_seed(0)
    encoder = load_encoder(arguments.encoder, ModelSettings(), device="cpu")
    torch.set_num_threads(count_cores())
    speech = Speech(random.Random(0), read_asides(folder))  # noqa: S311 - not for secrets
    recipe = RECIPES[arguments.encoder]
    changes = teach(encoder, read_pools(folder), speech, recipe)
    path = arguments.out or HERE / f"meaning-{encoder.name}.npz"
    write_adapter(path, changes, rank=recipe.rank)


if __name__ == "__main__":
    main()
