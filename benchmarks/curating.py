"""Curating: seconds and memory of opening, of each act's preview, of the queue and the health, on made-up calls.

    python -m benchmarks.curating [--utterances N] [--candidates N] [--codes N] [--folder DIR] [--check]

Makes a store of N reason utterances (invented, no two the same; a quarter with more words around them), N candidates
and a taxonomy, then measures in a process of its own. With --folder the store is kept and used again. --check asks
every utterance too, and says how far the reckoned number was off. Ends with 1 when an aim is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.scale import THINGS, TROUBLES, Figures, make_taxonomy, make_utterances, start
from pipeline.config import Project, Settings
from pipeline.curate import (
    Act,
    Sentence,
    add_code,
    add_examples,
    find_health,
    list_queue,
    make_act,
    merge_codes,
    move_examples,
    open_previewer,
    open_taxonomy,
    rename_code,
    retire_code,
    set_apart,
)
from pipeline.curate.preview import Previewer
from pipeline.encoders import make_reason_encoder
from pipeline.examples import load_examples
from pipeline.models import count_cores
from pipeline.tables import TABLES, Store, hash_text
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy
from pipeline.taxonomy.writing import edit_yaml

AIM_OPEN_S, AIM_PREVIEW_S, AIM_ACT_S, AIM_MB = 2.0, 2.0, 1.0, 2048
FILE_ROWS = 100_000
DIM, N_DRAWN = 384, 65_536
COST = 4.0
FIRST = np.array([0])
PAIRS = list(product(THINGS["en"], TROUBLES["en"]))
MADE = ("reason_utterances", "call_reasons", "cluster_members", "turns", "reason_calls")


def make_project(root: Path) -> Project:
    """Make the project; English, so that it is the small encoder's."""
    return Project(root, Settings.model_validate({"project": {"languages": ["en"]}}))


class PlantedEncoder:
    """Has an embedding for every text without computing it: about that of the trouble it speaks of."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.centres = rng.normal(size=(len(PAIRS) + 1, DIM)).astype(np.float32)
        self.centres[-1] = 0  # speaks of none
        self.noise = rng.normal(size=(N_DRAWN, DIM)).astype(np.float32) * np.float32(0.7)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Look embeddings up."""
        rows = self.centres[[find_pair(text) for text in texts]]
        rows = rows + self.noise[[int(hash_text(text), 16) % N_DRAWN for text in texts]]
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def find_pair(text: str) -> int:
    """Find which thing and trouble a text speaks of; -1 for none."""
    thing = next((at for at, one in enumerate(THINGS["en"]) if one in text), -1)
    trouble = next((at for at, one in enumerate(TROUBLES["en"]) if one in text), -1)
    return thing * len(TROUBLES["en"]) + trouble if min(thing, trouble) >= 0 else -1


def make_store(root: Path, n: int, n_candidates: int, n_codes: int) -> None:
    """Write what previews read, coded by what each text speaks of."""
    project, taxonomy = make_project(root), make_taxonomy(n_codes, "en")
    (root / "taxonomy").mkdir(parents=True)
    (root / "taxonomy" / TAXONOMY_FILE).write_text(edit_yaml("codes: []\n", Taxonomy(), taxonomy), "utf-8")
    numbers = [""] * len(PAIRS)
    for code in taxonomy.codes:
        numbers[find_pair(code.examples[0])] = code.number
    texts, name, encoder = make_utterances(n, "en"), make_reason_encoder(project).name, PlantedEncoder()
    taught = [text for _, text in taxonomy.list_examples()] + list(load_examples("background", project).texts)
    _write_embeddings(project.store, name, encoder, taught, -1)
    for at in range(0, n, FILE_ROWS):
        some = texts[at : at + FILE_ROWS]
        _write_rows(project.store, some, at, numbers, n_candidates)
        _write_embeddings(project.store, name, encoder, [*some, *map(_say_more, some[::4])], at)
    clusters = [
        {
            "cluster_id": f"c-{at:05d}",
            "name": f"invented candidate {at}",
            "language": "en",
            "n_calls": n // n_candidates,
        }
        for at in range(n_candidates)
    ]
    _write(project.store, "clusters", "made-up", pa.Table.from_pylist(clusters), 0)
    for table, fingerprint in [*((table, "made-up") for table in (*MADE, "clusters")), ("embeddings", name)]:
        project.store.set_current(table, [fingerprint])


def _write_rows(store: Store, texts: list[str], start_at: int, numbers: Sequence[str], n_candidates: int) -> None:
    n, draw = len(texts), np.random.default_rng(start_at)
    pairs = [find_pair(text) for text in texts]
    code = [numbers[pair] or None for pair in pairs]
    others = [number for number in numbers if number]
    cluster = [
        None if one else f"c-{(pair + len(PAIRS) * at) % n_candidates:05d}"
        for one, pair, at in zip(code, pairs, draw.integers(n_candidates // len(PAIRS), size=n), strict=True)
    ]
    score = 0.6 + 0.4 * draw.random(n)
    call_ids = [f"{start_at + at:016x}" for at in range(n)]
    key = {"call_id": call_ids, "utterance_index": np.zeros(n, np.int32)}
    turn = {**key, "turn_index": np.ones(n, np.int32)}
    rows = {
        "reason_utterances": {**turn, "text": texts, "text_id": [hash_text(text) for text in texts]},
        "turns": {**turn, "text": [text if at % 4 else _say_more(text) for at, text in enumerate(texts)]},
        "call_reasons": {
            **key, "code": code, "no_code": [None if one else "none_of_these" for one in code], "score_ratio": score,
            "best_code": [one or others[0] for one in code], "second_code": draw.choice(others, n),
            "second_score_ratio": score * draw.random(n) / 2,
        },
        "cluster_members": {**key, "cluster_id": cluster},
        "reason_calls": {
            "call_id": call_ids, "said_index": np.zeros(n, np.int64), "cost": np.full(n, COST),
            "reason_id": [one or other for one, other in zip(code, cluster, strict=True)],
        },
    }  # fmt: skip
    for name in MADE:
        made = pa.table(rows[name])
        _write(store, name, "made-up", made.drop_null() if name == "cluster_members" else made, start_at)


def _say_more(text: str) -> str:
    return f"{text} and that is why I am calling you today"


def _write_embeddings(store: Store, name: str, encoder: PlantedEncoder, texts: list[str], start_at: int) -> None:
    offsets = pa.array(np.arange(len(texts) + 1, dtype=np.int32) * DIM)
    lists = pa.ListArray.from_arrays(offsets, pa.array(encoder.encode(texts).astype(np.float32).ravel()))
    rows = pa.table({"text_id": [hash_text(one) for one in texts], "embedding": lists})
    _write(store, "embeddings", name, rows, start_at)


def _write(store: Store, name: str, fingerprint: str, rows: pa.Table, at: int) -> None:
    schema, known = TABLES[name].schema, set(rows.column_names)
    columns = [rows[one.name] if one.name in known else pa.nulls(len(rows), one.type) for one in schema]
    table = pa.table(columns, names=schema.names).cast(schema)
    store.write(name, fingerprint, table, {f"*{at}": hash_text(name)})


def measure(root: Path) -> Iterator[Figures]:
    """Measure what a curator waits for."""
    project, now = make_project(root), datetime.now(UTC)
    watch = start()
    opened = open_taxonomy(project.taxonomy, now)
    yield watch.read("opening the codes")
    watch = start()
    previewer = open_previewer(project)
    yield watch.read("loading what previews need")
    watch = start()
    warm_up(previewer, opened.taxonomy)
    yield watch.read("the first of all previews, which fits the matcher and places the candidates")
    for name, act in list_acts(previewer, opened.taxonomy).items():
        watch = start()
        found = previewer.preview(act, opened.taxonomy)
        yield watch.read(f"preview: {name} ({found.n_calls:,} ± {found.margin_calls:,} calls, {found.n_asked:,} asked)")
    for name, look in looks(project, previewer, opened.taxonomy).items():
        watch = start()
        look()
        yield watch.read(name)
    watch = start()
    act = rename_code("101", {"en": f"named at {now}"})
    make_act(project.taxonomy, act, based_on=opened.revision, who="li", now=now)
    yield watch.read("act: made and recorded")


def warm_up(previewer: Previewer, taxonomy: Taxonomy) -> None:
    """Fit the matcher to the codes as they are, and place the candidates, as the first preview does."""
    said = Sentence(previewer.board.read_texts(FIRST)[0])
    previewer.preview(add_examples(taxonomy.codes[-1].number, [said]), taxonomy)


def list_acts(previewer: Previewer, taxonomy: Taxonomy) -> dict[str, Act]:
    """List one act of each kind."""
    board = previewer.board
    rows = board.find_rows(min(name for name in board.names if name.startswith("c-")))[:8]
    said = [Sentence(*one) for one in zip(board.read_texts(rows), board.read_call_ids(rows), strict=True)]
    first, second, third = (code.number for code in taxonomy.codes[:3])
    return {
        "rename": rename_code(first, {"en": "another name"}),
        "merge two codes": merge_codes([second], first),
        "retire a code": retire_code(third),
        "set a code apart": set_apart(third),
        "move an example": move_examples(first, second, taxonomy.codes[0].examples[:1]),
        "add a candidate's members to a code": add_examples(first, said),
        "give a candidate a number": add_code("900", {"en": "new"}, said),
    }


def check(root: Path) -> Iterator[str]:
    """Say for each act how many calls move by what was asked, and by asking every utterance."""
    project = make_project(root)
    opened = open_taxonomy(project.taxonomy, datetime.now(UTC))
    some = open_previewer(project, max_exact=0)
    every = Previewer(project, some.board, some.encoder, max_exact=len(some.board))
    for name, act in list_acts(some, opened.taxonomy).items():
        reckoned, true = (one.preview(act, opened.taxonomy) for one in (some, every))
        asked = f"{reckoned.n_asked:,} of {true.n_asked:,}"
        yield f"| {name} | {reckoned.n_calls:,} ± {reckoned.margin_calls:,} | {true.n_calls:,} | {asked} |"


def looks(project: Project, previewer: Previewer, taxonomy: Taxonomy) -> dict[str, Callable[[], object]]:
    """List what is looked at beside acts."""
    board, encoder = previewer.board, previewer.encoder
    background = load_examples("background", project).texts
    return {
        "queue": lambda: list_queue(project, taxonomy=taxonomy, board=board, encoder=encoder),
        "health": lambda: find_health(taxonomy, encoder, background, board=board),
    }


def run_apart(root: Path) -> list[Figures]:
    """Measure in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.curating", "--measure", str(root)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(count_cores())}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return [Figures(**json.loads(line)) for line in done.stdout.splitlines()]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure what a curator waits for.")
    parser.add_argument("--utterances", type=int, default=1_000_000)
    parser.add_argument("--candidates", type=int, default=5_000)
    parser.add_argument("--codes", type=int, default=50)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        for one in measure(options.measure):
            sys.stdout.write(json.dumps(asdict(one)) + "\n")
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        root = options.folder or Path(temporary)
        if not (root / "taxonomy").exists():
            make_store(root, options.utterances, options.candidates, options.codes)
        if options.check:
            sys.stdout.write("| act | reckoned | all asked | asked |\n| --- | --- | --- | --- |\n")
            sys.stdout.writelines(f"{line}\n" for line in check(root))
            return 0
        found = [replace(one, what=f"{one.what}, first time") for one in run_apart(root)[:2]] + run_apart(root)
    sys.stdout.write("| what | seconds | processor seconds | peak MB |\n| --- | --- | --- | --- |\n")
    for one in found:
        sys.stdout.write(f"| {one.what} | {one.seconds:.2f} | {one.cpu_s:.2f} | {one.peak_mb:.0f} |\n")
    return int(any(is_missed(one) for one in found))


def is_missed(one: Figures) -> bool:
    """Say whether a measurement misses its aim."""
    aims = {"opening": AIM_OPEN_S, "preview": AIM_PREVIEW_S, "act": AIM_ACT_S}
    aim = next((seconds for name, seconds in aims.items() if one.what.startswith(name)), float("inf"))
    return one.peak_mb > AIM_MB or one.seconds > aim


if __name__ == "__main__":
    sys.exit(main())
