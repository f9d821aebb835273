"""Teach the judges of "states a reason?" from public chats, and write models/adapters/reasons-<encoder>.npz.

    CALLREASONS_EVAL=FOLDER python models/adapters/teach_reasons.py all-MiniLM-L6-v2 multilingual-e5-small

Reads the folder's train/ files alone. README.md beside this file says what was learned from whom.
"""

import json
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from answers import invent_answers
from numpy.typing import NDArray
from rich.console import Console

from pipeline.adapt.judge import JudgeLessons, teach_judge
from pipeline.adapters import NO_JUDGE, thin_changes
from pipeline.config import ENGLISH_ENCODER, ModelSettings
from pipeline.encoders import Encoder, find_fingerprint, load_encoder
from pipeline.evaluate.picking import NO_REASON
from pipeline.examples import Floats, centre, encode_distinct, fit_examples, load_examples
from pipeline.languages import count_words, has_chinese
from pipeline.picking.context import FEATURES as CONTEXT
from pipeline.picking.context import describe_turns
from pipeline.picking.picker import OTHER, REASON, ROUTINE_LOGIT
from pipeline.picking.routine import is_routine
from pipeline.picking.wording import describe_wording
from pipeline.progress import ConsoleProgress

HERE = Path(__file__).parent
DOMAINS = ("multidogo_software", "multidogo_airline")
N_QUERIES = 3000
N_ANSWERS = 1500
OTHERS_RATIO = 0.5
STRENGTH, RANK = 1.0, 32
CHANGED = (ENGLISH_ENCODER,)  # encoders that are taught too; no Chinese customer's turn is there to teach the other


@dataclass(frozen=True)
class ChatTurn:
    """A customer's turn of a labelled chat."""

    call_id: str
    text: str
    states_reason: int
    turn_index: int


@dataclass(frozen=True)
class Judge:
    """An encoder that may have been changed, and a logistic regression on its centred embeddings and the wording."""

    encoder: Encoder
    changes: Mapping[str, NDArray[np.float16]]
    mean: Floats
    weights: Floats
    wording: Floats
    bias: float

    def judge(self, texts: Sequence[str]) -> Floats:
        """Say how surely each text states a reason, as logits."""
        seen = centre(encode_distinct(self.encoder, texts), self.mean)
        return seen @ self.weights + describe_wording(texts) @ self.wording + self.bias


def teach(name: str, folder: Path) -> dict[str, NDArray[Any]]:
    """Teach one encoder's judge, and how to weigh it with the examples and the context, on domains it did not see."""
    encoder = load_encoder(name, ModelSettings())
    by_examples = fit_examples(load_examples("reasons"), encoder)
    reason, other = by_examples.labels.index(REASON), by_examples.labels.index(OTHER)
    chats = {domain: read_chats(folder / f"{domain}.jsonl") for domain in DOMAINS}
    others = [(text, label) for text, label in list_others(folder) if name != ENGLISH_ENCODER or not has_chinese(text)]
    judged = {}
    for held_out in DOMAINS:
        texts = [turn.text for turn in chats[held_out]]
        judge = fit_domains(name, {domain: chats[domain] for domain in DOMAINS if domain != held_out}, others)
        by_label = by_examples.predict_logits(encode_distinct(encoder, texts))
        judged[held_out] = by_label[:, reason] - by_label[:, other] + judge.judge(texts)
    (weight,), bias = weigh_judges({domain: logits[:, None] for domain, logits in judged.items()}, chats)
    context, context_bias = fit_context({domain: judged[domain] * weight + bias for domain in DOMAINS}, chats)
    judge = fit_domains(name, chats, others)
    return {
        **judge.changes,
        "mean": judge.mean,
        "judge": judge.weights,
        "judge_bias": np.float32(0),
        "text_weights": np.float32([weight, weight, *(weight * judge.wording), weight * judge.bias + bias]),
        "context_weights": context.astype(np.float32),
        "context_bias": np.float32(context_bias),
    }


def list_others(folder: Path) -> list[tuple[str, int]]:
    """List what teaches beside the chats: queries, answers that are invented, and the curator's examples."""
    examples = load_examples("reasons")
    reason = examples.labels.index(REASON)
    return [
        *((text, 1) for text in read_queries(folder)),
        *((text, 0) for text in invent_answers(N_ANSWERS)),
        *((text, int(at == reason)) for text, at in zip(examples.texts, examples.label_indices, strict=True)),
    ]


def fit_domains(name: str, chats: Mapping[str, Sequence[ChatTurn]], others: Sequence[tuple[str, int]]) -> Judge:
    """Change an encoder that may be changed, as much as a file holds of it, and fit a judge to what it embeds then."""
    encoder, changes = load_encoder(name, ModelSettings()), {}
    if name in CHANGED:
        taught = teach_judge(encoder, make_lessons(chats, others), ConsoleProgress(Console(stderr=True)))
        changes = thin_changes(taught, RANK)
        with TemporaryDirectory() as folder:
            np.savez(Path(folder) / "changes.npz", **changes)
            encoder = load_encoder(name, ModelSettings(), adapter=Path(folder) / "changes.npz")
    said = [(turn.text, turn.states_reason) for turns in chats.values() for turn in turns] + list(others)
    return Judge(encoder, changes, *fit_judge([text for text, _ in said], [label for _, label in said], encoder))


def make_lessons(chats: Mapping[str, Sequence[ChatTurn]], others: Sequence[tuple[str, int]]) -> JudgeLessons:
    """Make lessons of distinct texts: the domains count alike, and all that is no chat half as much as one."""
    weights: Counter[tuple[str, int]] = Counter()
    for turns in chats.values():
        for (text, label), n in Counter((turn.text, turn.states_reason) for turn in turns).items():
            weights[text, label] += n / len(turns)
    for text, label in others:
        weights[text, label] += OTHERS_RATIO / len(others)
    texts, labels = zip(*weights, strict=True)
    return JudgeLessons(texts, np.array(labels, np.float32), np.array([*weights.values()]))


def teach_without_judge(encoder: Encoder, folder: Path) -> dict[str, Floats]:
    """Teach how to weigh the examples with the wording and the context, for encoders without a judge."""
    by_examples = fit_examples(load_examples("reasons"), encoder)
    reason, other = by_examples.labels.index(REASON), by_examples.labels.index(OTHER)
    chats = {domain: read_chats(folder / f"{domain}.jsonl") for domain in DOMAINS}
    judged = {}
    for name, turns in chats.items():
        texts = [turn.text for turn in turns]
        by_label = by_examples.predict_logits(encode_distinct(encoder, texts))
        judged[name] = np.column_stack([by_label[:, reason] - by_label[:, other], describe_wording(texts)])
    weights, bias = weigh_judges(judged, chats)
    context, context_bias = fit_context({name: judged[name] @ weights + bias for name in DOMAINS}, chats)
    return {
        "text_weights": np.asarray([weights[0], 0, *weights[1:], bias], np.float32),
        "context_weights": context.astype(np.float32),
        "context_bias": np.float32(context_bias),
    }


def weigh_judges(judged: Mapping[str, Floats], chats: Mapping[str, Sequence[ChatTurn]]) -> tuple[Floats, float]:
    """Fit how to weigh what judges say of each turn, shape (n, n_judges) a domain."""
    return fit_logistic(np.concatenate([judged[name] for name in DOMAINS]), _label(chats))


def fit_context(logits: Mapping[str, Floats], chats: Mapping[str, Sequence[ChatTurn]]) -> tuple[Floats, float]:
    """Fit what a turn's place adds to its text's logit; domains count alike, routine is described and not fitted."""
    described, labels, weights = [], [], []
    for name in DOMAINS:
        is_free = np.asarray([not is_routine(turn.text) for turn in chats[name]])
        floored = np.where(is_free, logits[name], ROUTINE_LOGIT)
        described.append(describe_chats(chats[name], floored)[is_free])
        labels.append(np.asarray([turn.states_reason for turn in chats[name]])[is_free])
        weights.append(np.full(is_free.sum(), 1 / is_free.sum()))
    x, y, weight = np.concatenate(described), np.concatenate(labels), np.concatenate(weights)
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    fitted, bias = fit_logistic((x - mean) / spread, y, weights=weight / weight.mean())
    return fitted / spread, bias - float(mean @ (fitted / spread))


def _label(chats: Mapping[str, Sequence[ChatTurn]]) -> NDArray[np.int64]:
    return np.asarray([turn.states_reason for name in DOMAINS for turn in chats[name]])


def read_chats(path: Path) -> list[ChatTurn]:
    """Read each customer turn that has a word; "ok" and its like under a reason's label are taken for mislabelled."""
    rows = [json.loads(line) for line in path.open(encoding="utf-8")]
    turns = [
        ChatTurn(row["call_id"], row["text"], int(not set(row["intents"]) <= NO_REASON), int(row["turn"]))
        for row in rows
        if count_words(row["text"])
    ]
    return [replace(turn, states_reason=0) if is_routine(turn.text) else turn for turn in turns]


def read_queries(folder: Path) -> list[str]:
    """Read queries that state a reason, some of CLINC150's and HWU64's.

    DSTC11's turns teach no judge: it weighs the clauses of what is grouped (`pipeline.contexts`), and grouping is
    measured by them.
    """
    typed = [
        json.loads(line)["text"]
        for name in ("clinc150_train", "hwu64_train")
        for line in (folder / f"{name}.jsonl").open(encoding="utf-8")
    ]
    rng = random.Random(0)  # noqa: S311 - not for secrets
    return rng.sample(typed, N_QUERIES)


def fit_judge(texts: list[str], labels: list[int], encoder: Encoder) -> tuple[Floats, Floats, Floats, float]:
    """Fit a logistic regression on centred embeddings and wording: mean, weights of both, bias."""
    counts = Counter(zip(texts, labels, strict=True))
    said, y, n = (
        [text for text, _ in counts],
        np.asarray([label for _, label in counts]),
        np.asarray([*counts.values()]),
    )
    embeddings = encode_distinct(encoder, said)
    mean = np.average(embeddings, axis=0, weights=n).astype(np.float32)
    x = np.concatenate([centre(embeddings, mean), describe_wording(said)], axis=1)
    balanced = n * np.where(y == 1, 1 / n[y == 1].sum(), 1 / n[y == 0].sum()) * n.sum() / 2
    weights, bias = fit_logistic(x, y, weights=balanced)
    dim = embeddings.shape[1]
    return mean, weights[:dim].astype(np.float32), weights[dim:].astype(np.float32), bias


def fit_logistic(x: Floats, y: Floats, *, weights: Floats | None = None) -> tuple[Floats, float]:
    """Fit a logistic regression: weights and bias."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=STRENGTH, max_iter=500).fit(x, y, sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])


def describe_chats(turns: Sequence[ChatTurn], logits: Floats) -> Floats:
    """Describe each turn by its place in its chat."""
    by_call = defaultdict(list)
    for position, turn in enumerate(turns):
        by_call[turn.call_id].append(position)
    wording = describe_wording([turn.text for turn in turns])
    described = np.zeros((len(turns), len(CONTEXT)), np.float32)
    for positions in by_call.values():
        places = [turns[position].turn_index for position in positions]
        described[positions] = describe_turns(logits[positions], wording[positions], places)
    return described


def main() -> None:
    """Teach each encoder that is named, and, with the first one, the weights for any other."""
    folder = Path(os.environ["CALLREASONS_EVAL"]) / "train"
    for index, name in enumerate(sys.argv[1:]):
        np.savez(HERE / f"reasons-{find_fingerprint(name, ModelSettings())}.npz", **teach(name, folder))
        if index == 0:
            encoder = load_encoder(name, ModelSettings())
            np.savez(HERE / f"reasons-{NO_JUDGE}.npz", **teach_without_judge(encoder, folder))


if __name__ == "__main__":
    main()
