"""Recoding: coding a million old utterances again after a change of the codes, through the stage: store in, rows out.

    python -m benchmarks.recoding [--utterances N] [--language en|zh] [--told-more] [--folder DIR]

Makes a store as a run leaves it (one utterance a call, few twice, files of as many calls as stages write; turns,
embeddings and signs), then runs `assign` with 50 codes in a process of its own. With --told-more each turn says more
than its utterance, so that twice as many texts are scored. Ends with 1 when the aim is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.scale import Figures, make_taxonomy, make_utterances, start
from benchmarks.silent import SilentProgress
from pipeline.assign import run
from pipeline.config import Project, Settings
from pipeline.encoders import make_reason_encoder
from pipeline.evaluate import read_peak_mb
from pipeline.examples import load_examples
from pipeline.kept_signs import SignKeeper
from pipeline.library import Library
from pipeline.models import count_cores
from pipeline.tables import TABLES, Store, hash_text
from pipeline.tables.by_text import add_by_text
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy
from pipeline.taxonomy.writing import edit_yaml
from pipeline.work import BATCH_CALLS, Work

AIM_S = 60
TEXTS_AT_ONCE = 20_000
CONTEXTS = {"en": "{} and that is why I am calling you today", "zh": "{}，所以我今天给你们打电话"}
MADE = ("reason_utterances", "turns", "transcripts")


def make_project(root: Path, language: str) -> Project:
    """Make the project; one of English alone has the small encoder."""
    languages = ["en"] if language == "en" else ["zh", "en"]
    return Project(root, Settings.model_validate({"project": {"languages": languages}}))


class DrawnEncoder:
    """Draws embeddings instead of computing them, each about as near a known reason as a sentence is."""

    def __init__(self, name: str, library: Library) -> None:
        self.name, self.library, self.dim = name, library, library.centres.shape[1]
        self.drawn: tuple[Sequence[str], NDArray[np.float32]] = ((), np.zeros((0, self.dim), np.float32))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Draw embeddings; the same again when the same texts are asked next."""
        if texts is not self.drawn[0]:
            rng = np.random.default_rng(int(hash_text(texts[0]), 16))
            centres = self.library.centres[rng.integers(len(self.library.centres), size=len(texts))]
            noise = rng.standard_normal((len(texts), self.dim), np.float32) / np.float32(np.sqrt(self.dim))
            rows = centres + noise + self.library.means[""]
            self.drawn = texts, rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return self.drawn[1]


def make_store(project: Project, n: int, language: str, context: str) -> Figures:
    """Write what a run leaves before it codes."""
    taxonomy, known = make_taxonomy(50, language), make_reason_encoder(project)
    if known.library is None:
        raise ValueError(f"{known.name} should have a library, as in a run.")
    encoder = DrawnEncoder(known.name, known.library)
    write_taxonomy(project, taxonomy)
    taught = [text for _, text in taxonomy.list_examples()] + list(load_examples("background", project).texts)
    keep_embeddings(project.store, encoder, list(dict.fromkeys(taught)))
    texts = make_utterances(n, language)
    for at in range(0, n, BATCH_CALLS):
        write_calls(project.store, texts[at : at + BATCH_CALLS], context, at)
    for name in MADE:
        project.store.merge(name, "made-up")  # as the stages do
        project.store.set_current(name, ["made-up"])
    said = [text for one in texts for text in dict.fromkeys((one, context.format(one)))]
    return keep_texts(project.store, encoder, said)


def write_taxonomy(project: Project, taxonomy: Taxonomy) -> None:
    """Write the codes."""
    project.taxonomy.mkdir(parents=True, exist_ok=True)
    (project.taxonomy / TAXONOMY_FILE).write_text(edit_yaml("codes: []\n", Taxonomy(), taxonomy), "utf-8")


def write_calls(store: Store, texts: Sequence[str], context: str, start_at: int) -> None:
    """Write the calls of one batch."""
    n, call_ids = len(texts), [hash_text(f"call {start_at + at}") for at in range(len(texts))]
    turn = {"call_id": call_ids, "turn_index": np.ones(n, np.int32)}
    columns = {
        "reason_utterances": {**turn, "utterance_index": np.zeros(n, np.int32), "text": texts},
        "turns": {**turn, "text": [context.format(text) for text in texts], "source": ["recording"] * n},
        "transcripts": {"call_id": call_ids, "is_heard": np.ones(n, np.bool_)},
    }
    columns["reason_utterances"]["text_id"] = [hash_text(text) for text in texts]
    for name in MADE:
        store.add(name, "made-up", fill(name, columns[name]), dict.fromkeys(call_ids, "made-up"))


def fill(name: str, columns: dict[str, object]) -> pa.Table:
    """Make a table in its declared schema; what is not given is null."""
    made, n = pa.table(columns), len(columns["call_id"])  # type: ignore[arg-type]
    arrays = [made[one.name] if one.name in columns else pa.nulls(n, one.type) for one in TABLES[name].schema]
    return pa.table(arrays, names=TABLES[name].schema.names).cast(TABLES[name].schema)


def keep_embeddings(store: Store, encoder: DrawnEncoder, texts: Sequence[str]) -> None:
    """Write drawn embeddings as the encoder writes its own."""
    rows = pa.array(list(encoder.encode(texts)), pa.list_(pa.float32()))
    add_by_text(
        store, "embeddings", encoder.name, pa.table({"text_id": list(map(hash_text, texts)), "embedding": rows})
    )


def keep_texts(store: Store, encoder: DrawnEncoder, texts: Sequence[str]) -> Figures:
    """Keep embeddings and signs; say what finding the signs took, and what both take on disk."""
    keeper, seconds, cpu_s = SignKeeper(store, encoder), 0.0, 0.0
    for at in range(0, len(texts), TEXTS_AT_ONCE):
        some = texts[at : at + TEXTS_AT_ONCE]
        keep_embeddings(store, encoder, some)
        watch = start()
        keeper.see(some)
        took = watch.read("")
        seconds, cpu_s = seconds + took.seconds, cpu_s + took.cpu_s
    signs_mb, embeddings_mb = (measure_mb(store, name) for name in ("text_signs", "embeddings"))
    what = f"finding and keeping signs of {len(texts):,} texts ({signs_mb:.0f} MB; embeddings {embeddings_mb:,.0f} MB)"
    return Figures(what, seconds, cpu_s, read_peak_mb())


def measure_mb(store: Store, name: str) -> float:
    """Add up a table's files."""
    return sum(path.stat().st_size for path in (store.root / name).rglob("*.parquet")) / 1e6


def measure_run(project: Project) -> Figures:
    """Run the stage, as after a change of the codes."""
    work = Work(project, "assign", f"codes-{datetime.now(UTC):%H%M%S}", SilentProgress(), datetime.now(UTC))
    watch = start()
    n_done = run(work).n_done
    rows = project.store.read("call_reasons", ["code"])
    n_coded = len(rows) - rows["code"].null_count
    return watch.read(f"assign, {n_done:,} calls, {len(rows):,} rows of which {n_coded:,} have a code")


def run_apart(kind: str, options: argparse.Namespace, folder: Path) -> Figures:
    """Measure in a process of its own."""
    told = ["--language", options.language, "--utterances", str(options.utterances), "--folder", str(folder)]
    more = ["--told-more"] if options.told_more else []
    command = [sys.executable, "-m", "benchmarks.recoding", "--measure", kind, *told, *more]
    environment = {**os.environ, "OMP_NUM_THREADS": str(count_cores())}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return Figures(**json.loads(done.stdout))


def measure_all(options: argparse.Namespace, folder: Path) -> Iterator[Figures]:
    """Make the store unless it is there, and code."""
    if not (folder / "store").exists():
        yield run_apart("store", options, folder)
    yield run_apart("run", options, folder)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure how long coding again takes.")
    parser.add_argument("--utterances", type=int, default=1_000_000)
    parser.add_argument("--language", choices=CONTEXTS, default="en")
    parser.add_argument("--told-more", action="store_true")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--measure", choices=("store", "run"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        project = make_project(options.folder, options.language)
        context = CONTEXTS[options.language] if options.told_more else "{}"
        made = options.measure == "store"
        one = make_store(project, options.utterances, options.language, context) if made else measure_run(project)
        sys.stdout.write(json.dumps(asdict(one)) + "\n")
        return 0
    sys.stdout.write("| what | seconds | processor seconds | peak MB |\n| --- | --- | --- | --- |\n")
    with tempfile.TemporaryDirectory() as temporary:
        for one in measure_all(options, options.folder or Path(temporary)):
            sys.stdout.write(f"| {one.what} | {one.seconds:.1f} | {one.cpu_s:.1f} | {one.peak_mb:.0f} |\n")
            sys.stdout.flush()
    return int(one.seconds > AIM_S)


if __name__ == "__main__":
    sys.exit(main())
