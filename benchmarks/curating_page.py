"""Curating, page: what a curator waits for in the browser, and the server's memory, on a million made-up utterances.

    python -m benchmarks.curating_page [--utterances N] [--candidates N] [--codes N] [--folder DIR]

Serves the project of `benchmarks.curating` as in earnest and asks for its pages over HTTP as a browser does: the first
screen while everything is still being loaded, queue and health, a candidate, previews and acts. Ends with 1 when an aim
is missed.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.curating import make_store
from benchmarks.hands import Answer, Client
from benchmarks.two_curators import CURATORS, serve
from pipeline.taxonomy import TAXONOMY_FILE

AIM_FIRST_S, AIM_ACT_S, AIM_MB = 2.0, 1.0, 2048
READY_S = 600.0
PAGES = {
    "first screen": "/",
    "health": "/health",
    "history": "/history",
    "candidates": "/candidates",
    "calls that no code fits": "/uncoded",
}


@dataclass(frozen=True)
class Waited:
    """What a curator waited for, how long, and how long at most they should; no aim for what is in the background.

    `cpu_s` is what the server's processors did meanwhile: where other jobs take most of them, it says how long it takes
    where they do not.
    """

    what: str
    seconds: float
    aim_s: float = float("inf")
    cpu_s: float = 0.0


def measure(base: str) -> Iterator[Waited]:
    """Do what a curator does, one after the other."""
    begun = time.monotonic()
    hands = Client(base, *next(iter(CURATORS.items())))
    yield Waited("first screen, while all is being loaded", _time(hands, "/"), AIM_FIRST_S)
    yield Waited("until queue and health are there, in the background", _wait(hands, begun))
    for what, url in PAGES.items():
        yield Waited(what, _time(hands, url), AIM_FIRST_S if url == "/" else AIM_ACT_S)
    cluster_id = re.findall(r'class="main" href="/candidates/([^"]+)"', hands.look("/candidates"))[7]
    yield Waited("a candidate's page", _time(hands, f"/candidates/{cluster_id}"), AIM_ACT_S)
    yield from _measure_acts(hands, cluster_id)


def _measure_acts(hands: Client, cluster_id: str) -> Iterator[Waited]:
    shown = hands.look(f"/candidates/{cluster_id}")
    codes, said = re.findall(r'<option value="(\d+)"', shown), re.findall(r'name="said" value="([^"]+)"', shown)
    number = re.findall(r'name="number" value="(\d+)"', shown)[0]
    acts = {
        "give a candidate a number": {"what": ["add"], "number": [number], "name_en": ["new"], "said": said[:6]},
        "add its members to a code": {"what": ["teach"], "into": [codes[0]], "said": said[:6]},
        "merge two codes": {"what": ["merge"], "about": [codes[1]], "into": [codes[2]]},
        "rename": {"what": ["rename"], "about": [codes[3]], "name_en": ["another name"]},
    }
    yield Waited("the first preview of all, which fits the matcher", _check(hands.preview(acts["merge two codes"])))
    for what, fields in acts.items():
        for at in range(2):
            yield Waited(f"preview{' again' * at}: {what}", _check(hands.preview(fields)), AIM_ACT_S)
        yield Waited(f"save: {what}", _check(hands.save(fields)), AIM_ACT_S)
        yield Waited(f"the queue right after: {what}", _time(hands, "/"), AIM_FIRST_S)
        begun = time.monotonic()
        yield Waited("until the health is there again, in the background", _wait(hands, begun))
        yield Waited(f"undo: {what}", _check(hands.go_back("undo")), AIM_ACT_S)
        hands.look(f"/candidates/{cluster_id}")


def _check(answer: Answer) -> float:
    """Say how long an answer took.

    Raises:
        ValueError: It was none.
    """
    if answer.status != 200 or "web.preview.waiting" in answer.text:
        raise ValueError(f"the page answered {answer.status}")
    return answer.seconds


def _time(hands: Client, url: str) -> float:
    begun = time.monotonic()
    hands.look(url)
    return time.monotonic() - begun


def _wait(hands: Client, begun: float) -> float:
    """Wait until queue and health are worked out."""
    while 'class="pending"' in hands.look("/queue") and time.monotonic() - begun < READY_S:
        time.sleep(0.2)
    return time.monotonic() - begun


def list_server(root: Path) -> list[Path]:
    """List the server's processes."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            command = (path / "cmdline").read_bytes()
            if b"curate" in command and b"--no-open" in command and str(root).encode() in command:
                found.append(path)
    return found


def read_peak_mb(server: Sequence[Path]) -> float:
    """Read how much memory the largest process had at most."""
    return max(int(re.findall(r"VmHWM:\s+(\d+)", (one / "status").read_text())[0]) for one in server) / 1024


def read_cpu_s(server: Sequence[Path]) -> float:
    """Read how long processors worked for the server so far."""
    ticks = [(one / "stat").read_text().rpartition(")")[2].split()[11:13] for one in server]
    return sum(int(tick) for pair in ticks for tick in pair) / os.sysconf("SC_CLK_TCK")


def watch_cpu(waited: Iterable[Waited], root: Path) -> Iterator[Waited]:
    """Add what the processors did for each."""
    before = read_cpu_s(list_server(root))
    for one in waited:
        after = read_cpu_s(list_server(root))
        yield replace(one, cpu_s=after - before)
        before = after


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure what a curator waits for on the page.")
    parser.add_argument("--utterances", type=int, default=1_000_000)
    parser.add_argument("--candidates", type=int, default=5_000)
    parser.add_argument("--codes", type=int, default=50)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = options.folder or Path(temporary) / "project"
        if not (root / "taxonomy" / TAXONOMY_FILE).exists():
            make_store(root, options.utterances, options.candidates, options.codes)
        (root / "pipeline.toml").write_text('[project]\nlanguages = ["en"]\n', "utf-8")
        begun = time.monotonic()
        with serve(root) as base:
            opened = Waited("from the command to an open page", time.monotonic() - begun)
            found = [replace(opened, cpu_s=read_cpu_s(list_server(root))), *watch_cpu(measure(base), root)]
            peak_mb = read_peak_mb(list_server(root))
    sys.stdout.write("| what | seconds | processor seconds |\n| --- | --- | --- |\n")
    for one in found:
        missed = " (missed)" * (one.seconds > one.aim_s)
        sys.stdout.write(f"| {one.what} | {one.seconds:.2f}{missed} | {one.cpu_s:.2f} |\n")
    sys.stdout.write(f"| server's memory at most, MB | {peak_mb:.0f} | |\n")
    return int(any(one.seconds > one.aim_s for one in found) or peak_mb > AIM_MB)


if __name__ == "__main__":
    sys.exit(main())
