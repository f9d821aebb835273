"""Demo check: how well a run of the demo calls did, against their scripts and true reasons.

    python -m benchmarks.demo [--project DIR]

Prints word error (English) and character error (Chinese), whether roles are right, how many planted reasons were coded
right or found by a cluster, and whether late and never arrived fell together. Ends with 1 when a bar is missed.
"""

import argparse
import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.cli.show_rows import list_calls
from pipeline.config import Project, read_project
from pipeline.languages import WORD, has_chinese
from pipeline.placeholders import PLACEHOLDER

DEMO = Path(__file__).parent.parent / "transcripts" / "demo"
MIN_PLANTED_RATIO = 0.9  # planted reasons coded right or found by a cluster
MIN_PURITY_RATIO = 0.8  # of a cluster's members, one reason
MIN_FOUND_RATIO = 0.6  # of a reason's calls, in its cluster
UNITS = {"en": "word", "zh": "character"}


@dataclass(frozen=True)
class Planted:
    """One true reason of one call; `code` is empty when no code of the demo taxonomy covers it."""

    call_id: str
    reason: str
    code: str


def read_planted() -> list[Planted]:
    """Read the demo's true reasons."""
    with (DEMO / "reasons.csv").open(encoding="utf-8", newline="") as file:
        return [Planted(row["call_id"], row["reason"], row["code"]) for row in csv.DictReader(file)]


def read_scripts() -> dict[str, list[dict[str, str]]]:
    """Read the demo's exact words: the turns of each call."""
    with (DEMO / "scripts.jsonl").open(encoding="utf-8") as file:
        calls = [json.loads(line) for line in file]
    return {call["call_id"]: call["turns"] for call in calls}


def count_edits(reference: Sequence[str], hypothesis: Sequence[str]) -> int:
    """Count insertions, deletions and substitutions from one sequence to another (Levenshtein)."""
    row = list(range(len(hypothesis) + 1))
    for i, wanted in enumerate(reference, start=1):
        previous, row[0] = row[0], i
        for j, got in enumerate(hypothesis, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (wanted != got))
    return row[-1]


def to_words(text: str) -> list[str]:
    """Cut a text into English words and Chinese characters, in lower case, without punctuation."""
    return [word.lower() for word in WORD.findall(text)]


def find_best_clusters(project: Project) -> dict[str, str]:
    """Match each uncoded reason to the cluster that finds it, where one is pure and complete enough."""
    members = defaultdict(set)
    for row in project.store.read("cluster_members").to_pylist():
        members[row["cluster_id"]].add(row["call_id"])
    uncoded = defaultdict(set)
    for planted in read_planted():
        if not planted.code:
            uncoded[planted.reason].add(planted.call_id)
    found = {}
    for reason, calls in uncoded.items():
        for cluster_id, in_cluster in members.items():
            together = len(calls & in_cluster)
            if together >= MIN_PURITY_RATIO * len(in_cluster) and together >= MIN_FOUND_RATIO * len(calls):
                found[reason] = cluster_id
    return found


def check_planted(project: Project) -> tuple[int, int, list[str]]:
    """Count planted reasons that were coded right or found by a cluster; also list the misses."""
    calls = {row["call_id"]: row for row in list_calls(project)}
    clusters = find_best_clusters(project)
    misses, n_right = [], 0
    planted = [one for one in read_planted() if one.call_id in calls and one.reason != "not_said"]
    for one in planted:
        call = calls[one.call_id]
        right = one.code in call["codes"] if one.code else one.reason in clusters
        n_right += right
        if not right:
            got = call["codes"] or call["candidates"] or call["no_code"]
            misses.append(f"{one.call_id}: {one.reason} ({one.code or 'no code'}) got {got}")
    return n_right, len(planted), misses


def check_apart(project: Project) -> int:
    """Count calls about a late delivery and one that never arrived that share a code or a cluster."""
    calls = {row["call_id"]: row for row in list_calls(project)}
    held = defaultdict(set)
    several = Counter(one.call_id for one in read_planted())
    for one in read_planted():
        if one.call_id in calls and several[one.call_id] == 1:
            held[one.reason].update((*calls[one.call_id]["codes"], *calls[one.call_id]["candidates"]))
    sides = [reasons for name, reasons in held.items() if name in ("delivery_late", "delivery_never_arrived")]
    return len(set.intersection(*sides)) if len(sides) == 2 else 0


def check_words(project: Project) -> dict[str, float]:
    """Measure the error ratio by language, channel by channel where the script says who spoke.

    A placeholder stands for the words that were redacted and counts as one wrong word in their place.
    """
    scripts = read_scripts()
    heard = defaultdict(list)
    for turn in project.store.read("turns").to_pylist():
        if turn["source"] == "recording":
            heard[turn["call_id"]].append(turn)
    edits, lengths = Counter[str](), Counter[str]()
    for call_id, turns in heard.items():
        for role in ("agent", "customer"):
            reference = join(turn["text"] for turn in scripts.get(call_id, ()) if turn["role"] == role)
            hypothesis = join(turn["text"] for turn in turns if turn["role"] == role)
            if reference and hypothesis:
                language = "zh" if has_chinese(reference) else "en"
                edits[language] += count_edits(to_words(reference), to_words(hypothesis))
                lengths[language] += len(to_words(reference))
    return {language: edits[language] / lengths[language] for language in sorted(lengths)}


def check_roles(project: Project) -> tuple[int, int, list[str]]:
    """Count calls whose turns went to the role whose script they are nearer to."""
    scripts, wrong, n_right = read_scripts(), [], 0
    turns_of = defaultdict(list)
    for turn in project.store.read("turns").to_pylist():
        if turn["source"] == "recording":
            turns_of[turn["call_id"]].append(turn)
    for call_id, turns in turns_of.items():
        said = {
            role: Counter(to_words(join(turn["text"] for turn in scripts[call_id] if turn["role"] == role)))
            for role in ("agent", "customer")
        }
        heard = {role: Counter(to_words(join(t["text"] for t in turns if t["role"] == role))) for role in said}
        kept = sum((said[role] & heard[role]).total() for role in said)
        crossed = (said["agent"] & heard["customer"]).total() + (said["customer"] & heard["agent"]).total()
        n_right += kept > crossed
        wrong += [] if kept > crossed else [call_id]
    return n_right, len(turns_of), wrong


def join(texts: Iterable[str]) -> str:
    """Join turns; a placeholder becomes one word."""
    return PLACEHOLDER.sub(" redacted ", " ".join(texts))


def main() -> int:
    """Print each figure with its bar."""
    parser = argparse.ArgumentParser(description="Check a run of the demo calls.")
    parser.add_argument("--project", type=Path, default=Path())
    project = read_project(parser.parse_args().project)
    errors = check_words(project)
    n_roles, n_calls, wrong = check_roles(project)
    n_right, n_planted, misses = check_planted(project)
    n_together = check_apart(project)
    lines = [
        *(f"{UNITS[language]} error, {language}: {ratio:.1%}" for language, ratio in errors.items()),
        f"roles right: {n_roles} of {n_calls} recorded calls {' '.join(wrong)}",
        f"planted reasons coded right or found: {n_right} of {n_planted} ({n_right / n_planted:.0%})",
        *(f"  missed {miss}" for miss in misses),
        f"late and never arrived share {n_together} codes or clusters",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(n_right < MIN_PLANTED_RATIO * n_planted or n_together > 0 or n_roles < n_calls)


if __name__ == "__main__":
    sys.exit(main())
