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

import numpy as np
from numpy.typing import NDArray

from pipeline.config import ModelSettings
from pipeline.encoders import Encoder, load_encoder
from pipeline.evaluate.picking import NO_REASON
from pipeline.examples import Floats, centre, encode_distinct, fit_examples, load_examples
from pipeline.extract.context import FEATURES as CONTEXT
from pipeline.extract.context import describe_turns
from pipeline.extract.picker import NO_ADAPTER, OTHER, REASON, ROUTINE_LOGIT
from pipeline.extract.routine import is_routine
from pipeline.extract.wording import describe_wording
from pipeline.languages import count_words

HERE = Path(__file__).parent
DOMAINS = ("multidogo_software", "multidogo_airline")
N_QUERIES = 3000
N_ANSWERS = 1500
STRENGTH = 1.0

FIRST = [
    "anna", "john", "maria", "wei", "david", "sarah", "tom", "priya",
    "carlos", "mike", "linda", "kevin", "yuki", "omar", "elena", "peter",
]  # fmt: skip
LAST = [
    "miller", "brown", "garcia", "chen", "smith", "patel",
    "jones", "novak", "kim", "lopez", "baker", "young",
]  # fmt: skip
CITY = ["boston", "austin", "madrid", "new york", "leeds", "dallas", "denver", "san diego", "toronto", "delhi"]
MONTH = ["january", "march", "may", "june", "september", "october", "december"]
WHAT = [
    "account", "order", "booking", "confirmation", "policy",
    "reference", "phone", "customer", "ticket", "invoice", "card",
]  # fmt: skip
ZH_NAME = ["王芳", "李伟", "张敏", "刘洋", "陈静", "赵磊"]
ZH_CITY = ["北京", "上海", "成都", "广州", "南京", "西安"]
ZH_WHAT = ["手机号", "订单号", "身份证号", "卡号", "账号", "合同号", "快递单号"]
SMALL_TALK = [
    "are you there", "please take your time", "i will wait", "can you help me please", "let me check", "how are you",
    "i am not sure", "i already sent it", "it is working now", "no that will be all", "nope that is it", "i understand",
    "can i ask something", "that is great news", "sounds good", "you did a great job", "please hurry", "one moment",
    "yes please go ahead", "yes confirm it", "yes that is right", "thanks for your help", "have a good day",
    "喂在吗", "你先查吧", "我等一下", "你能帮我一下吗", "我看看", "不太清楚", "已经发给你了", "现在好了", "没别的了",
    "嗯嗯就这些", "那好吧", "太好了", "你服务挺好的", "麻烦快一点", "对对对", "是的没错", "可以你弄吧", "谢谢啊再见",
]  # fmt: skip


@dataclass(frozen=True)
class ChatTurn:
    """A customer's turn of a labelled chat."""

    call_id: str
    text: str
    states_reason: int
    turn_index: int


def teach(encoder: Encoder, folder: Path) -> dict[str, Floats]:
    """Teach one encoder's judge, and how to weigh it with the examples and the context, on domains it did not see."""
    examples = load_examples("reasons")
    by_examples = fit_examples(examples, encoder)
    reason, other = by_examples.labels.index(REASON), by_examples.labels.index(OTHER)
    chats = {name: read_chats(folder / f"{name}.jsonl") for name in DOMAINS}
    queries = read_queries(folder)
    answers = invent_answers(N_ANSWERS)
    more = (*queries, *answers, *examples.texts)
    more_labels = [1] * len(queries) + [0] * len(answers) + [int(index == reason) for index in examples.label_indices]
    judged = {}
    for held_out in DOMAINS:
        others = [turn for name in DOMAINS if name != held_out for turn in chats[name]]
        texts = [turn.text for turn in others] + list(more)
        mean, weights, wording, bias = fit_judge(texts, [turn.states_reason for turn in others] + more_labels, encoder)
        held = [turn.text for turn in chats[held_out]]
        embeddings = encode_distinct(encoder, held)
        by_label = by_examples.predict_logits(embeddings)
        by_judge = centre(embeddings, mean) @ weights + describe_wording(held) @ wording + bias
        judged[held_out] = by_label[:, reason] - by_label[:, other] + by_judge
    (weight,), b = weigh_judges({name: logits[:, None] for name, logits in judged.items()}, chats)
    context, context_bias = fit_context({name: judged[name] * weight + b for name in DOMAINS}, chats)
    everything = [turn for name in DOMAINS for turn in chats[name]]
    mean, weights, wording, bias = fit_judge(
        [turn.text for turn in everything] + list(more),
        [turn.states_reason for turn in everything] + more_labels,
        encoder,
    )
    return {
        "mean": mean,
        "judge": weights,
        "judge_bias": np.float32(0),
        "text_weights": np.asarray([weight, weight, *(weight * wording), weight * bias + b], np.float32),
        "context_weights": context.astype(np.float32),
        "context_bias": np.float32(context_bias),
    }


def teach_without_judge(encoder: Encoder, folder: Path) -> dict[str, Floats]:
    """Teach how to weigh the examples with the wording and the context, for encoders without a judge."""
    by_examples = fit_examples(load_examples("reasons"), encoder)
    reason, other = by_examples.labels.index(REASON), by_examples.labels.index(OTHER)
    chats = {name: read_chats(folder / f"{name}.jsonl") for name in DOMAINS}
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
    """Read turns and queries that state a reason: all of DSTC11's, and some of CLINC150's and HWU64's."""
    spoken = [json.loads(line)["text"] for line in (folder / "dstc11_insurance.jsonl").open(encoding="utf-8")]
    typed = [
        json.loads(line)["text"]
        for name in ("clinc150_train", "hwu64_train")
        for line in (folder / f"{name}.jsonl").open(encoding="utf-8")
    ]
    rng = random.Random(0)  # noqa: S311 - not for secrets
    return spoken + rng.sample(typed, N_QUERIES)


def invent_answers(n: int) -> list[str]:
    """Invent answers to checks and small talk, which state no reason, in both languages."""
    rng = random.Random(0)  # noqa: S311 - not for secrets
    return [_invent_english(rng) if rng.random() < 0.6 else _invent_chinese(rng) for _ in range(n)]


def _digits(rng: random.Random, n: int) -> str:
    return "".join(str(rng.randint(0, 9)) for _ in range(n))


def _invent_english(rng: random.Random) -> str:
    first, last, city, month = rng.choice(FIRST), rng.choice(LAST), rng.choice(CITY), rng.choice(MONTH)
    code = " ".join(rng.choice([rng.choice("abcdfghjkm"), _digits(rng, 1), _digits(rng, 2)]) for _ in range(4))
    what = rng.choice(WHAT)
    return rng.choice([
        first, f"{first} {last}", f"my name is {first} {last}", f"{first} {last} and {code}", code, city,
        f"my {what} number is {_digits(rng, 7)}", f"{what} number {code}", f"the {what} number is {code}",
        f"my name is {first} and my {what} number is {code}", f"{_digits(rng, 2)} oak street {city}",
        f"from {city} to {rng.choice(CITY)}", f"{month} {rng.randint(1, 30)}", f"{month} {rng.randint(1, 30)} 2018",
        f"my email is {first}{last} at mail dot com", f"{first}{_digits(rng, 2)}@mail.com", f"{rng.randint(2, 40)}",
        f"{rng.randint(2, 12)} pieces please", f"about {rng.randint(20, 900)} dollars", f"i live in {city}",
        f"food {rng.randint(5, 99)} hotel {rng.randint(50, 400)}", f"i work at {last} and sons",
        f"my company name is {last} foods", f"my password is {first}{_digits(rng, 3)}", "the small one please",
        f"i was born on {month} {rng.randint(1, 30)}", f"yes it is {code}", f"the {month} one works for me",
        *rng.sample(SMALL_TALK[:23], 6),
    ])  # fmt: skip


def _invent_chinese(rng: random.Random) -> str:
    name, city, what = rng.choice(ZH_NAME), rng.choice(ZH_CITY), rng.choice(ZH_WHAT)
    number = _digits(rng, rng.randint(4, 11))
    return rng.choice([
        name, f"我叫{name}", f"我姓{name[0]}", f"{what}是{number}", f"我的{what}是{number}", number,
        city, f"我在{city}",
        f"从{city}到{rng.choice(ZH_CITY)}", f"{rng.randint(1, 12)}月{rng.randint(1, 28)}号", f"{rng.randint(2, 9)}个",
        f"大概{rng.randint(20, 900)}块钱", f"{city}市人民路{rng.randint(1, 300)}号", f"嗯，{number}",
        f"对，尾号{number[:4]}",
        f"是{name}本人", f"我{rng.randint(1, 12)}月买的", f"就要{rng.choice(['黑', '白', '蓝'])}色的", "两大一小",
        *rng.sample(SMALL_TALK[23:], 6),
    ])  # fmt: skip


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
        encoder = load_encoder(name, ModelSettings())
        np.savez(HERE / f"reasons-{encoder.name}.npz", **teach(encoder, folder))
        if index == 0:
            np.savez(HERE / f"reasons-{NO_ADAPTER}.npz", **teach_without_judge(encoder, folder))


if __name__ == "__main__":
    main()
