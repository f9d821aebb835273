"""Evaluate: measure each judgement on public data, beside what others would use, in one run.

A trial is a row of the table. It runs in a process of its own, so that its memory is its own: our own tools first,
their seconds and memory noted, then the baselines on the same rows. The data is not part of the package and teaches
nothing here; a trial whose files are absent says so.

Errors: SettingsError when there is no such trial.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from pipeline.errors import MissingExtraError, SettingsError
from pipeline.evaluate.bench import QUICK, Answer, Bench, Beside, Effort, Interval, Measured, Trial
from pipeline.evaluate.coding import CODINGS
from pipeline.evaluate.feeling import FEELINGS
from pipeline.evaluate.grouping import GROUPINGS
from pipeline.evaluate.marked import MARKED
from pipeline.evaluate.others import OTHERS
from pipeline.evaluate.picking import PICKINGS
from pipeline.evaluate.refusing import REFUSALS

TRIALS: tuple[Trial, ...] = (*GROUPINGS, *CODINGS, *REFUSALS, *PICKINGS, *MARKED, *FEELINGS, *OTHERS)
STATUS = Path("/proc/self/status")


def choose_trials(names: Sequence[str]) -> list[Trial]:
    """Choose trials by their names or stages, in the order of the table; all when none is named.

    Raises:
        SettingsError: There is no such trial.
    """
    known = {one for trial in TRIALS for one in (trial.name, trial.stage)}
    if unknown := [name for name in names if name not in known]:
        listed = ", ".join(trial.name for trial in TRIALS)
        raise SettingsError(f"There is no row '{unknown[0]}'. Take a stage or one of {listed}.")
    return [trial for trial in TRIALS if not names or trial.name in names or trial.stage in names]


def evaluate(names: Sequence[str], bench: Bench, *, has_baselines: bool = True) -> Iterator[Measured]:
    """Measure the trials that are named, each in a process of its own."""
    for trial in choose_trials(names):
        if absent := _find_absent(trial, bench):
            yield absent
            continue
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            yield apart.submit(measure_named, trial.name, bench, has_baselines=has_baselines).result()


def measure_named(name: str, bench: Bench, *, has_baselines: bool) -> Measured:
    """Measure the trial of a name."""
    return measure(next(trial for trial in TRIALS if trial.name == name), bench, has_baselines=has_baselines)


def measure(trial: Trial, bench: Bench, *, has_baselines: bool = True) -> Measured:
    """Measure one trial: our own tools, then the baselines."""
    if absent := _find_absent(trial, bench):
        return absent
    begun_s = time.perf_counter()
    answer = trial.measure(bench)
    took_s, peak_mb = time.perf_counter() - begun_s, read_peak_mb()
    chosen = trial.baselines if has_baselines else {}
    baselines = {name: _compare(compare, bench, answer) for name, compare in chosen.items()}
    return Measured(trial.name, trial.judgement, trial.aim, answer.figures, answer.remark, took_s, peak_mb, baselines)


def _find_absent(trial: Trial, bench: Bench) -> Measured | None:
    absent = [file for file in trial.files if not (bench.data / file).is_file()]
    if not absent:
        return None
    return Measured(trial.name, trial.judgement, trial.aim, skipped=f"{absent[0]} is not in the evaluation data")


def _compare(compare: Callable[[Bench, Answer], Beside], bench: Bench, answer: Answer) -> Beside:
    try:
        return compare(bench, answer)
    except MissingExtraError as error:
        return Beside(remark=str(error))


def read_peak_mb() -> float:
    """Read the most memory that this process ever held."""
    lines = STATUS.read_text().splitlines() if STATUS.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


__all__ = ["QUICK", "TRIALS", "Bench", "Effort", "Interval", "Measured", "choose_trials", "evaluate", "measure"]
