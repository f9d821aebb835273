"""Two curators and a run at once: is every decision of both there, and is the taxonomy file valid after each?

    python -m benchmarks.two_curators [--minutes N] [--clients] [--seed N] [--folder DIR]

Makes a project of invented chats, serves the curators' page as in earnest and lets two people work in it for N minutes,
each in a Chromium of their own (with --clients over plain HTTP): they name candidates, teach, rename, set owners, take
back and make again, at random, on codes that they share, so that they meet. Meanwhile `callreasons run` runs over and
over, a third hand writes into the file, and a reader reads it all the time. Ends with 1 when anything was lost.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.hands import Answer, Browser, Client, Hands
from benchmarks.scale import make_taxonomy, make_utterances
from pipeline.decisions import DECISIONS_FILE, Decision, read_decisions
from pipeline.errors import TaxonomyError
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, check_taxonomy, read_taxonomy
from pipeline.taxonomy.noticing import BY_HAND
from pipeline.taxonomy.writing import edit_yaml

CURATORS = {"wei": "a long enough pass phrase", "ida": "another long pass phrase"}
N_CALLS, N_CODES = 240, 8
HAND_S, READ_S, THINK_S = 7.0, 0.02, 1.5
READY_S = 180.0
WAYS = ("rename", "owner", "teach", "add", "undo", "redo")
WEIGHTS = (4, 4, 3, 2, 4, 2)
SOURCE = Path(__file__).parent.parent


@dataclass
class Told:
    """What one curator was told: acts that were saved, in order, and how many were not, by how it was said."""

    saved: list[str] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)


@dataclass
class Seen:
    """What the reader saw of the file, and what the third hand and the runs did meanwhile."""

    n_reads: int = 0
    n_versions: int = 0
    invalid: list[str] = field(default_factory=list)
    n_by_hand: int = 0
    lost_by_hand: list[int] = field(default_factory=list)
    runs: Counter[int] = field(default_factory=Counter)


def make_project(root: Path) -> None:
    """Make a project of chats about more reasons than its taxonomy has codes."""
    call(["init", str(root)])
    texts = make_utterances(N_CALLS, "en")
    lines = [json.dumps({"call_id": f"chat-{at}", "role": "customer", "text": one}) for at, one in enumerate(texts)]
    (root / "recordings" / "chats.jsonl").write_text("\n".join(lines), encoding="utf-8")
    written = edit_yaml("codes: []\n", Taxonomy(), make_taxonomy(N_CODES, "en"))
    (root / "taxonomy" / TAXONOMY_FILE).write_text(written, encoding="utf-8")
    call(["run", "--quiet", "--project", str(root)])


def call(arguments: Sequence[str], said: str = "") -> int:
    """Run a command of ours."""
    options = {"text": True, "capture_output": True, "env": _environment()}
    return subprocess.run(_command(arguments), check=False, input=said, **options).returncode


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "pipeline.cli", *arguments]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"}


@contextmanager
def serve(root: Path) -> Iterator[str]:
    """Serve the page with an account for each curator."""
    for name, password in CURATORS.items():
        call(["curate", "accounts", "add", name, "--role", "curate", "--project", str(root)], f"{password}\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = _command(["curate", "--project", str(root), "--port", str(port), "--no-open"])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment()) as server:
        assert server.stdout
        server.stdout.readline()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)


def curate(hands: Hands, seconds: float, seed: int) -> Told:
    """Do random acts for so long, as one curator, and until one at least is made."""
    draw = random.Random(seed)  # noqa: S311 - draws acts, guards nothing
    told, until = Told(), time.monotonic() + seconds
    while (now := time.monotonic()) < until or (not told.saved and now < until + READY_S):
        way = draw.choices(WAYS, WEIGHTS)[0]
        answer, what = (hands.go_back(way), way) if way in ("undo", "redo") else _act(hands, way, draw)
        if answer.status == 200 and answer.was_made:
            told.saved.append(what)
        else:
            told.others[str(answer.status) if answer.status != 200 else "nothing to do"] += 1
    return told


def _act(hands: Hands, way: str, draw: random.Random) -> tuple[Answer, str]:
    """Look at a page, think, and save what was thought of on what was seen."""
    candidates = re.findall(r'class="main" href="/candidates/([^"]+)"', hands.look("/candidates"))
    shown = hands.look(f"/candidates/{draw.choice(candidates)}")
    numbers = re.findall(r'<option value="(\d+)"', shown)[: N_CODES // 2]
    said = re.findall(r'name="said" value="([^"]+)"', shown)
    number, word = draw.choice(numbers), f"{draw.randrange(10**6)}"
    time.sleep(draw.random() * THINK_S)
    free = re.search(r'name="number" value="(\d+)"', shown)
    fields: dict[str, Sequence[str]] = {
        "rename": {"what": ["rename"], "about": [number], "name_en": [f"reason {word}"]},
        "owner": {"what": ["fields"], "about": [number], "owner": [f"team {word}"]},
        "teach": {"what": ["teach"], "into": [number], "said": draw.sample(said, min(2, len(said)))},
        "add": {"what": ["add"], "number": [free[1] if free else ""], "name_en": [f"new {word}"], "said": said[:3]},
    }[way]
    whats = {"rename": "rename", "owner": "edit", "teach": "examples", "add": "add"}
    return hands.save(fields), whats[way]


def watch(root: Path, seen: Seen, stop: threading.Event) -> None:
    """Read the file again and again."""
    path, last = root / "taxonomy" / TAXONOMY_FILE, b""
    while not stop.wait(READ_S):
        content = path.read_bytes()
        seen.n_reads += 1
        if content == last:
            continue
        seen.n_versions, last = seen.n_versions + 1, content
        try:
            check_taxonomy(read_taxonomy(path), path)
        except TaxonomyError as error:
            seen.invalid.append(str(error))


def write_by_hand(root: Path, seen: Seen, stop: threading.Event) -> None:
    """Change an owner in the file now and then, as an editor does: all of it, by a rename."""
    path = root / "taxonomy" / TAXONOMY_FILE
    while not stop.wait(HAND_S):
        seen.n_by_hand += 1
        content = path.read_text("utf-8")
        if seen.n_by_hand > 1 and f"owner: by hand {seen.n_by_hand - 1}\n" not in content:
            seen.lost_by_hand.append(seen.n_by_hand - 1)
        number = re.findall(r"- number: (\d+)", content)[-1]
        changed = re.sub(r"\n    owner: by hand \d+", "", content)
        changed = changed.replace(f"- number: {number}\n", f"- number: {number}\n    owner: by hand {seen.n_by_hand}\n")
        path.with_suffix(".new").write_text(changed, "utf-8")
        path.with_suffix(".new").replace(path)


def run_again_and_again(command: Sequence[str], seen: Seen, stop: threading.Event) -> None:
    """Run a command over and over."""
    while not stop.is_set():
        seen.runs[call(command)] += 1


def work_at_once(
    root: Path, base: str, curators: Sequence[Callable[[], Told]], command: Sequence[str]
) -> tuple[list[Told], Seen]:
    """Let curators work while a run, a hand and a reader are at work too."""
    seen, stop = Seen(), threading.Event()
    others = [
        threading.Thread(target=watch, args=(root, seen, stop)),
        threading.Thread(target=write_by_hand, args=(root, seen, stop)),
        threading.Thread(target=run_again_and_again, args=(command, seen, stop)),
    ]
    told: dict[int, Told] = {}
    own = [threading.Thread(target=lambda at=at, one=one: told.update({at: one()})) for at, one in enumerate(curators)]
    for thread in (*others, *own):
        thread.start()
    for thread in own:
        thread.join()
    stop.set()
    for thread in others:
        thread.join()
    return [told[at] for at in sorted(told)], seen


def find_lost(decisions: Sequence[Decision], told: Mapping[str, Told], seen: Seen) -> list[str]:
    """Find what is wrong afterwards: decisions that were told and are not there, or are there and were not told."""
    wrong = [f"invalid file: {one}" for one in seen.invalid]
    recorded = repr([one.after for one in decisions if one.who == BY_HAND])
    wrong += [f"change {n} by hand" for n in seen.lost_by_hand if f"by hand {n}'" not in recorded]
    for name, one in told.items():
        made = [decision.what for decision in decisions if decision.who == name]
        if made != one.saved:
            wrong.append(f"{name} was told {len(one.saved)} acts, the record has {len(made)}, or others")
    if len(told) < len(CURATORS):
        wrong.append("a curator broke off")
    return wrong


def browse(base: str, name: str, seconds: float, seed: int) -> Told:
    """Work in a Chromium of one's own, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.two_curators", "--browse", base, name, str(seconds), str(seed)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=_environment(), cwd=SOURCE)
    found = json.loads(done.stdout.splitlines()[-1])
    return Told(found["saved"], Counter(found["others"]))


def work(base: str, name: str, seconds: float, seed: int) -> Told:
    """Work over plain HTTP."""
    return curate(Client(base, name, CURATORS[name]), seconds, seed)


def wait_until_ready(base: str) -> None:
    """Wait until the page has what previews need: a run changes rows all the time from then on."""
    hands, until = Client(base, *next(iter(CURATORS.items()))), time.monotonic() + READY_S
    while 'class="pending"' in hands.look("/queue") and time.monotonic() < until:
        time.sleep(1)


def tell(told: Mapping[str, Told], seen: Seen, n_recorded: int, wrong: Sequence[str]) -> str:
    """Write what happened, a line each."""
    lines = [
        f"{name}: {len(one.saved)} acts saved ({_count(Counter(one.saved))}); not done: {_count(one.others) or 'none'}"
        for name, one in told.items()
    ]
    lines.append(f"file read {seen.n_reads:,} times, {seen.n_versions:,} versions, {len(seen.invalid)} invalid")
    lines.append(f"written by hand {seen.n_by_hand} times, recorded {n_recorded} times")
    lines.append(f"runs by exit code: {_count(seen.runs)}")
    return "\n".join([*lines, *(f"WRONG: {one}" for one in wrong), "nothing lost" if not wrong else "lost"]) + "\n"


def _count(counts: Mapping[object, int]) -> str:
    return ", ".join(f"{key} {n}" for key, n in sorted(counts.items(), key=str))


def measure(root: Path, seconds: float, seed: int, *, has_browsers: bool, command: Sequence[str]) -> tuple[str, bool]:
    """Let two people work for so long, and say what happened and whether all is there."""
    path = root / "taxonomy" / DECISIONS_FILE
    n_before = len(read_decisions(path))
    with serve(root) as base:
        wait_until_ready(base)
        way = browse if has_browsers else work
        curators = [lambda name=name, at=at: way(base, name, seconds, seed + at) for at, name in enumerate(CURATORS)]  # type: ignore[misc]
        found, seen = work_at_once(root, base, curators, command)
    told, decisions = dict(zip(CURATORS, found, strict=False)), read_decisions(path)[n_before:]
    wrong = find_lost(decisions, told, seen)
    return tell(told, seen, sum(one.who == BY_HAND for one in decisions), wrong), not wrong


def main() -> int:
    """Print what happened."""
    parser = argparse.ArgumentParser(description="Let two curators and a run work at once.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", action="store_true", help="plain HTTP instead of browsers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--browse", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.browse:
        base, name, seconds, seed = options.browse
        with Browser.start(base, name, CURATORS[name], shutil.which("chromium")) as hands:
            told = curate(hands, float(seconds), int(seed))
        sys.stdout.write(json.dumps({"saved": told.saved, "others": told.others}) + "\n")
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        root = options.folder or Path(temporary) / "project"
        if not (root / "taxonomy").exists():
            make_project(root)
        command = ["run", "--quiet", "--project", str(root)]
        said, is_whole = measure(
            root, 60 * options.minutes, options.seed, has_browsers=not options.clients, command=command
        )
    sys.stdout.write(said)
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
