"""At once: two curators and a run; nobody's work is lost, and the file is valid whenever it is read."""

import subprocess
import sys
import time
from collections import Counter

import pytest
from conftest import NOW
from curated_project import make_curated
from curating import read, write_taxonomy

from benchmarks.two_curators import measure
from pipeline import curate
from pipeline.decisions import DECISIONS_FILE, read_decisions

SECONDS = 3.0
# Sets the owner of one code after the other, and writes how often, as many acts as fit into the time.
CURATOR = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from pipeline import curate
from pipeline.curate import ConflictError, Fields, Sentence

folder, who, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
made, conflicts, until = [], 0, time.monotonic() + seconds
while time.monotonic() < until or not made:
    now, number = datetime.now(UTC), str(101 + len(made) % 3)
    screen = curate.open_taxonomy(folder, now)
    time.sleep(0.005)
    act = curate.add_examples(number, [Sentence(f"{who} says {len(made)}")])
    try:
        made.append(curate.make_act(folder, act, based_on=screen.revision, who=who, now=now).revision)
    except ConflictError:
        conflicts += 1
print(*made)
"""


def test_every_decision_of_two_processes_is_kept_while_a_third_reads(tmp_path):
    """What a process was told is done is in the record and in the file; each read is of a whole file."""
    folder = write_taxonomy(tmp_path)
    curators = [
        subprocess.Popen(
            [sys.executable, "-c", CURATOR, str(folder), who, str(SECONDS)], stdout=subprocess.PIPE, text=True
        )
        for who in ("li", "wang")
    ]
    n_reads, until = 0, time.monotonic() + 60
    while any(one.poll() is None for one in curators) and time.monotonic() < until:
        read(folder)
        n_reads += 1
    said = [one.communicate()[0].split() for one in curators]
    assert [one.returncode for one in curators] == [0, 0]
    decisions = {one.decision_id: one for one in read_decisions(folder / DECISIONS_FILE)}
    assert Counter(one.who for one in decisions.values()) == Counter(
        {"file": 1, "li": len(said[0]), "wang": len(said[1])}
    )
    assert {one for ids in said for one in ids} <= decisions.keys()
    texts = [text for code in read(folder).codes for text in code.examples if " says " in text]
    assert len(texts) == len(said[0]) + len(said[1]) > 4 < n_reads
    assert curate.open_taxonomy(folder, NOW).revision in decisions, "no hand edit was made up"


@pytest.mark.model
def test_two_curators_on_the_page_a_run_and_a_hand_lose_nothing(tmp_path):
    """Acts at random over HTTP, for some seconds: the record has what each was told was saved, and nothing else."""
    make_curated(tmp_path)
    command = ["run", "--quiet", "--from", "measure", "--project", str(tmp_path)]
    told, is_whole = measure(tmp_path, 10.0, 1, has_browsers=False, command=command)
    assert is_whole, told
    assert "0 invalid" in told and "wei: 0 acts" not in told and "ida: 0 acts" not in told, told
