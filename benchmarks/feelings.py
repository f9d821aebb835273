"""Feelings: how well the customers' feelings and signals are told, against labels that people gave.

    python -m benchmarks.feelings [--project DIR] [--half seen|away] [--misses]

Two yardsticks, each in two halves, of which one was put away before anything was tuned. `benchmarks/said/` holds
invented turns. `transcripts/demo/feelings.csv` and `signals.csv` label the demo calls by their scripts: turns are
judged by the script's words, calls by what a run of the demo heard. Prints a Markdown table.
"""

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.demo import DEMO, read_scripts
from pipeline.config import Project, read_project
from pipeline.encoders import Encoder, make_encoder
from pipeline.languages import find_language
from pipeline.sentiment import load_call_judges, name_feeling
from pipeline.sentiment.judging import score_feelings
from pipeline.signals import find_signals, load_finder
from pipeline.turns import CUSTOMER, Turn

SAID = Path(__file__).parent / "said"
HALVES = ("seen", "away")
Pair = tuple[str, str]  # what a person says, what the program says


@dataclass(frozen=True)
class Said:
    """An invented turn and what a person hears in it; `department` is who failed the customer, if anybody."""

    half: str
    text: str
    label: str
    department: str = ""


@dataclass(frozen=True)
class Counts:
    """How often a signal was found rightly, wrongly, and not found."""

    n_right: int
    n_wrong: int
    n_missed: int

    def __str__(self) -> str:
        """Say precision and recall with what they are made of."""
        found, there = self.n_right + self.n_wrong, self.n_right + self.n_missed
        return f"{self.n_right} of {found} found are right, {self.n_right} of {there} there are found"


def read_said(name: str, half: str) -> list[Said]:
    """Read one half of the invented turns: every other sentence of each list."""
    from ruamel.yaml import YAML

    content = YAML(typ="safe", pure=True).load((SAID / f"{name}.yaml").read_text(encoding="utf-8"))
    return [
        Said(half, text.strip(), label, department.strip())
        for label, languages in content.items()
        for sentences in languages.values()
        for text, _, department in (line.partition("|") for line in sentences[HALVES.index(half) :: 2])
    ]


def read_labels(name: str) -> list[dict[str, str]]:
    """Read a file of the demo calls' labels."""
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def judge_feelings(texts: Sequence[str], project: Project, encoder: Encoder) -> list[str]:
    """Name the feeling of each turn as a run does."""
    scores = score_feelings(texts, load_call_judges(encoder, project))
    return [name_feeling(sentiment, project.settings.sentiment) for sentiment, _ in scores]


def count_signals(people: Sequence[set[str]], found: Sequence[set[str]], signal: str) -> Counts:
    """Count one signal over texts or calls."""
    pairs = [(signal in one, signal in other) for one, other in zip(people, found, strict=True)]
    return Counts(pairs.count((True, True)), pairs.count((False, True)), pairs.count((True, False)))


def describe_feelings(pairs: Sequence[Pair]) -> str:
    """Say accuracy and macro F1."""
    from sklearn.metrics import accuracy_score, f1_score

    people, found = zip(*pairs, strict=True)
    macro = f1_score(people, found, average="macro")
    return f"accuracy {accuracy_score(people, found):.2f}, macro F1 {macro:.2f} of {len(pairs)}"


def list_feelings(project: Project, encoder: Encoder, half: str) -> Iterator[tuple[str, str]]:
    """Measure feelings of invented turns, of the scripts' turns, and of the calls as they were heard."""
    said = read_said("feelings", half)
    yield "invented turns", describe_feelings(_judge_said(said, project, encoder))
    calls = [row for row in read_labels("feelings.csv") if row["half"] == half]
    scripts = read_scripts()
    turns = [turn["text"] for row in calls for turn in scripts[row["call_id"]] if turn["role"] == CUSTOMER]
    labels = [label for row in calls for label in row["turns"].split()]
    found = judge_feelings(turns, project, encoder)
    yield "demo, turns of the scripts", describe_feelings(list(zip(labels, found, strict=True)))
    heard = {row["call_id"]: row for row in project.store.read("call_sentiment").to_pylist()}
    for part, column in (("start",) * 2, ("end",) * 2, ("worst",) * 2, ("overall", "sentiment")):
        pairs = [(row[part], heard[row["call_id"]][f"{column}_label"] or "neutral") for row in calls]
        yield f"demo, calls as heard: {part}", describe_feelings(pairs)


def list_signals(project: Project, encoder: Encoder, half: str) -> Iterator[tuple[str, str]]:
    """Measure each signal in invented turns and in the calls as they were heard; what people doubt is left out."""
    finder = load_finder(encoder, project)
    said = read_said("signals", half)
    found = find_signals([[_make_turn(one.text)] for one in said], finder)
    names = [signal.signal for signal in found[0]]
    present = [{signal.signal for signal in signals if signal.is_present} for signals in found]
    for name in names:
        yield f"invented turns: {name}", str(count_signals([{one.label} for one in said], present, name))
    named = [
        one.department == (signal.department or "")
        for one, signals in zip(said, found, strict=True)
        for signal in signals
        if one.label == signal.signal == "other_department_failed" and signal.is_present
    ]
    yield "invented turns: the department of those found", f"{sum(named)} of {len(named)} right"
    yield from _list_heard_signals(project, half, names)


def _list_heard_signals(project: Project, half: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    calls = [row["call_id"] for row in read_labels("feelings.csv") if row["half"] == half]
    people, doubted, heard = (defaultdict[str, set[str]](set) for _ in range(3))
    for row in read_labels("signals.csv"):
        (people if row["certainty"] == "sure" else doubted)[row["call_id"]].add(row["signal"])
    for row in project.store.read("call_signals").to_pylist():
        if row["is_present"]:
            heard[row["call_id"]].add(row["signal"])
    for name in names:
        sure = [call_id for call_id in calls if name not in doubted[call_id]]
        counts = count_signals([people[one] for one in sure], [heard[one] for one in sure], name)
        yield f"demo, calls as heard: {name}", str(counts)


def list_misses(project: Project, encoder: Encoder) -> Iterator[str]:
    """List what was judged otherwise than people did, in the half that may be looked at."""
    said = read_said("feelings", "seen")
    for one, (label, found) in zip(said, _judge_said(said, project, encoder), strict=True):
        if label != found:
            yield f"{label}, found {found}: {one.text}"
    turns = read_said("signals", "seen")
    signals = find_signals([[_make_turn(one.text)] for one in turns], load_finder(encoder, project))
    for one, found_signals in zip(turns, signals, strict=True):
        present = [signal.signal for signal in found_signals if signal.is_present] or ["none"]
        if present != [one.label]:
            yield f"{one.label}, found {' '.join(present)}: {one.text}"


def _judge_said(said: Sequence[Said], project: Project, encoder: Encoder) -> list[Pair]:
    found = judge_feelings([one.text for one in said], project, encoder)
    return [(one.label, feeling) for one, feeling in zip(said, found, strict=True)]


def _make_turn(text: str) -> Turn:
    return Turn("said", 0, CUSTOMER, text, language=find_language(text))


def main() -> None:
    """Print the table, or what was missed."""
    parser = argparse.ArgumentParser(description="Score feelings and signals against people's labels.")
    parser.add_argument("--project", type=Path, default=Path(), help="a folder in which the demo ran")
    parser.add_argument("--half", choices=HALVES, help="only this half")
    parser.add_argument("--misses", action="store_true", help="list what is wrong in the half that may be looked at")
    told = parser.parse_args()
    project = read_project(told.project)
    encoder = make_encoder(project)
    if told.misses:
        sys.stdout.writelines(f"{line}\n" for line in list_misses(project, encoder))
        return
    sys.stdout.write("| half | what | figure |\n| --- | --- | --- |\n")
    for half in [told.half] if told.half else HALVES:
        for what, figure in (*list_feelings(project, encoder, half), *list_signals(project, encoder, half)):
            sys.stdout.write(f"| {half} | {what} | {figure} |\n")


if __name__ == "__main__":
    main()
