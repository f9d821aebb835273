"""Scale: seconds and memory of embedding, coding and grouping many utterances, in a process of its own.

    python -m benchmarks.scale [--utterances N] [--language en|zh] [--encoder NAME] [--codes N]

Prints a Markdown table. N utterances are embedded, coded and grouped one after the other, as a run does it; how long a
larger number takes to be coded again is for `benchmarks.recoding`. The utterances are invented: each is put together
from parts, so that no two are the same. Ends with 1 when an aim is missed.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

from pipeline.cluster import cluster_texts
from pipeline.config import AssignSettings, ClusterSettings, ModelSettings
from pipeline.contexts import ClauseEncoder
from pipeline.encoders import CachedEncoder, load_encoder, load_reason_encoder
from pipeline.evaluate import read_peak_mb
from pipeline.matching import assign_codes
from pipeline.models import count_cores
from pipeline.picking.picker import make_weigh
from pipeline.tables import Store
from pipeline.taxonomy import Code, Taxonomy

N_EXAMPLES = 8
AIM_S, AIM_MB = 180, 2048
N_NUMBERS, STRIDE = 10_000, 7919  # numbers that people name; a step that comes by every edge of a sentence once

# Things and what happened to them; every pair of them is a reason that could have a code.
THINGS = {
    "en": ("parcel", "invoice", "bank card", "router", "password", "phone bill", "refund", "contract", "delivery slot"),
    "zh": ("包裹", "发票", "银行卡", "路由器", "密码", "话费", "退款", "合同", "送货时间"),
}
TROUBLES = {
    "en": (
        "has still not arrived", "is wrong", "does not work any more", "was charged twice", "has to be changed",
        "was cancelled without asking", "got lost on the way", "needs to be sent again", "cannot be found anywhere",
    ),
    "zh": (
        "一直没有到", "是错的", "用不了了", "扣了两次钱", "需要改一下", "没问我就取消了", "弄丢了", "要再寄一次",
        "到处都找不到",
    ),
}  # fmt: skip
OPENINGS = {
    "en": ("hello", "good morning", "hi there", "yes so", "well", "okay", "listen", "sorry to bother you", "um"),
    "zh": ("你好", "您好", "喂", "那个", "麻烦问一下", "是这样的", "不好意思", "嗯", "我跟你说"),
}
MIDDLES = {
    "en": ("my", "the", "our new", "my old", "that", "my wife's", "the company's", "the second", "my other"),
    "zh": ("我的", "那个", "我们新的", "我原来的", "这个", "我爱人的", "公司的", "第二个", "我另外的"),
}
CLOSINGS = {
    "en": ("since {}", "and {} people told me to call", "it has been {} days", "for order {}", "can you check {}"),
    "zh": ("已经{}天了", "订单号{}", "{}个人让我打电话", "从{}号开始", "你查一下{}"),
}


@dataclass(frozen=True)
class Figures:
    """What one measurement took."""

    what: str
    seconds: float
    cpu_s: float
    peak_mb: float


@dataclass(frozen=True)
class Stopwatch:
    """Knows when it was started."""

    wall_s: float
    cpu_s: float

    def read(self, what: str) -> Figures:
        """Say what has passed since."""
        passed_s, worked_s = time.perf_counter() - self.wall_s, time.process_time() - self.cpu_s
        return Figures(what, passed_s, worked_s, read_peak_mb())


def start() -> Stopwatch:
    """Start a stopwatch."""
    return Stopwatch(time.perf_counter(), time.process_time())


def make_utterances(n: int, language: str, *, seed: int = 0) -> list[str]:
    """Make n different utterances."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    space = "" if language == "zh" else " "
    reasons = list(product(MIDDLES[language], THINGS[language], TROUBLES[language]))
    edges = list(product(OPENINGS[language], CLOSINGS[language], range(N_NUMBERS)))
    made = []
    for at in range(n):
        opening, closing, number = edges[at * STRIDE % len(edges)]
        reason = rng.choice(reasons)
        made.append(space.join([opening, *reason, closing.format(number)]))
    return made


def make_taxonomy(n_codes: int, language: str) -> Taxonomy:
    """Make codes, each a thing and its trouble."""
    rng = random.Random(1)  # noqa: S311 - not for secrets
    space = "" if language == "zh" else " "
    pairs = rng.sample(list(product(THINGS[language], TROUBLES[language])), n_codes)
    examples = [
        [space.join((middle, thing, trouble)) for middle in rng.sample(MIDDLES[language], N_EXAMPLES)]
        for thing, trouble in pairs
    ]
    return Taxonomy(tuple(Code(str(101 + at), examples=tuple(texts)) for at, texts in enumerate(examples)))


def measure_all(n: int, language: str, name: str, n_codes: int) -> Iterator[Figures]:
    """Embed, code and group."""
    texts, taxonomy, settings = make_utterances(n, language), make_taxonomy(n_codes, language), ModelSettings()
    with tempfile.TemporaryDirectory() as folder:
        whole = start()
        taught = load_reason_encoder(name, settings, device="cpu")
        encoder = CachedEncoder("scale", Store(Path(folder)), lambda: taught, library=taught.library)
        encoder.encode(texts)
        yield whole.read(f"embedding {n:,} utterances, loading the model included")
        watch = start()
        assign_codes(texts, taxonomy, encoder, AssignSettings())
        yield watch.read(f"coding them against {n_codes} codes")
        watch = start()
        turns = ClauseEncoder(encoder, make_weigh(load_encoder(name, settings, device="cpu")))
        cluster_texts(texts, turns.encode(texts), ClusterSettings(), library=encoder.library)
        yield watch.read("grouping them, the number unknown")
        yield whole.read("together")


def run_apart(options: argparse.Namespace) -> list[Figures]:
    """Measure in a process of its own."""
    told = ["--language", options.language, "--encoder", options.encoder, "--codes", str(options.codes)]
    command = [sys.executable, "-m", "benchmarks.scale", "--measure", "--utterances", str(options.utterances), *told]
    environment = {**os.environ, "OMP_NUM_THREADS": str(count_cores())}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return [Figures(**json.loads(line)) for line in done.stdout.splitlines()]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure seconds and memory at scale.")
    parser.add_argument("--utterances", type=int, default=10_000)
    parser.add_argument("--codes", type=int, default=50)
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.add_argument("--encoder", default="")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.encoder = options.encoder or {"en": "all-MiniLM-L6-v2", "zh": "multilingual-e5-small"}[options.language]
    if options.measure:
        for one in measure_all(options.utterances, options.language, options.encoder, options.codes):
            sys.stdout.write(json.dumps(asdict(one)) + "\n")
        return 0
    sys.stdout.write("| what | seconds | processor seconds | peak MB |\n| --- | --- | --- | --- |\n")
    found = run_apart(options)
    for one in found:
        sys.stdout.write(f"| {one.what} | {one.seconds:.1f} | {one.cpu_s:.1f} | {one.peak_mb:.0f} |\n")
    return int(found[-1].seconds > AIM_S or found[-1].peak_mb > AIM_MB)


if __name__ == "__main__":
    sys.exit(main())
