"""Measures: seconds and memory of all measures and the report over made-up calls, and what of the planted comes out.

    python -m benchmarks.measures [--calls N] [--folder DIR] [--pandas]

Each part runs in a process of its own. `--folder` keeps the made-up calls for the next time; `--pandas` reckons volume,
share, handle time, repeats of the same reason and cost of each reason with pandas beside it, from the same files, and
says by what part of itself each differs at most. Ends with 1 when an aim is missed or something planted is lost.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.made_up_calls import make_store
from benchmarks.planted import Planted, expect_returns, find_calls_a_base
from pipeline import measure, report
from pipeline.config import MeasureSettings, Project, Settings
from pipeline.progress import ConsoleProgress
from pipeline.tables import Store
from pipeline.work import Work

AIM_S, AIM_MB = 60, 4096
N_ERRORS, LEFT_OUT_RATIO = 3, 0.005  # standard errors of a share that may be off, and what is not reckoned with
NOW = datetime(2026, 11, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Found:
    """What came out beside what was planted."""

    what: str
    planted: float
    found: float
    slack: float

    @property
    def is_found(self) -> bool:
        """Whether both agree."""
        return abs(self.found - self.planted) <= self.slack


def find_planted(store: Store) -> list[Found]:
    """Look for every planted effect in the tables that measure wrote."""
    planted = Planted()
    rows = store.read("reason_metrics").to_pylist()
    codes = {row["reason_id"]: row for row in rows if row["period"] == "all" and row["reason_kind"] == "code"}
    slow = codes[planted.slow_code]["cost"] / codes[planted.slow_code]["n_calls"]
    usual = codes["102"]["cost"] / codes["102"]["n_calls"]  # the same unit cost as the slow one
    owners = [
        row
        for row in store.read("owner_metrics").to_pylist()
        if row["owner"] == planted.doubled_owner and row["period"] == "week"
    ]
    weeks = sorted(owners, key=lambda row: row["period_start"])
    before = [row["n_calls"] for row in weeks[: planted.doubled_week]]
    after = [row["n_calls"] for row in weeks[planted.doubled_week : 2 * planted.doubled_week]]
    trigger, other = codes[planted.trigger_code], codes["106"]
    came_back = [one["n_followed_by_other"] / one["n_over"] for one in (trigger, other)]
    error = math.hypot(
        *(math.sqrt(part * (1 - part) / one["n_over"]) for part, one in zip(came_back, (trigger, other), strict=True))
    )
    (n_calls,) = [row["n_calls"] for row in store.read("funnel").to_pylist() if row["step"] == "offered"]
    matrix = [row for row in store.read("repeat_matrix").to_pylist() if row["reason_id"] != row["trigger_id"]]
    first = max(matrix, key=lambda row: row["n_repeats"])
    is_first = (first["trigger_id"], first["reason_id"]) == (planted.trigger_code, planted.repeat_code)
    return [
        Found(f"{planted.slow_code} costs so many times as much a call as 102", 2.0, slow / usual, 0.15),
        # What customers say second did not double, so that all calls about the owner's reasons did a little less.
        Found(f"calls about {planted.doubled_owner}, second half beside first", 1.9, sum(after) / sum(before), 0.1),
        Found(
            f"more of {planted.trigger_code} than of 106 come back about another reason",
            expect_returns(n_calls, MeasureSettings().repeat_window_days),
            came_back[0] - came_back[1], N_ERRORS * error + LEFT_OUT_RATIO,
        ),
        Found(f"most come back from {planted.trigger_code} to {planted.repeat_code}", 1.0, float(is_first), 0.0),
    ]  # fmt: skip


def run_part(name: str, root: Path) -> None:
    """Run one part and print its seconds and peak memory as JSON."""
    project = Project(root, Settings())
    started = time.perf_counter()
    work = Work(project, name, f"{name}-made-up", ConsoleProgress(Console(), quiet=True), NOW, force=True)
    {"measure": measure.run, "report": report.run}[name](work)
    sys.stdout.write(json.dumps(_tell_cost(started)))


def run_pandas(root: Path) -> None:
    """Reckon the main measures of each reason with pandas, and print how far they are from what measure wrote."""
    from benchmarks.measures_in_pandas import compare, reckon

    started = time.perf_counter()
    found = reckon(root)
    figures = _tell_cost(started)
    sys.stdout.write(json.dumps(figures | {"apart": compare(root, found)}))


def _tell_cost(started: float) -> dict[str, float]:
    """Tell the seconds since the start and the peak memory, with that of processes that were started."""
    peaks = [resource.getrusage(whose).ru_maxrss for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {"seconds": time.perf_counter() - started, "peak_mb": sum(peaks) / 1024, "cpu_s": sum(os.times()[:4])}


def _run_apart(name: str, root: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.measures", "--part", name, "--folder", str(root)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _print_costs(parts: Mapping[str, Mapping[str, Any]]) -> None:
    print("| part | seconds | processor seconds | peak MB |\n| --- | --- | --- | --- |")  # noqa: T201
    for name, figures in parts.items():
        print(f"| {name} | {figures['seconds']:.1f} | {figures['cpu_s']:.1f} | {figures['peak_mb']:.0f} |")  # noqa: T201
    for name, apart in parts.get("pandas", {}).get("apart", {}).items():
        print(f"{name}: pandas differs by {apart:.1g} of it at most")  # noqa: T201


def main() -> int:
    """Measure, print a Markdown table and say whether all aims are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--pandas", action="store_true")
    parser.add_argument("--part", choices=("measure", "report", "pandas"))
    arguments = parser.parse_args()
    if arguments.part:
        run_pandas(arguments.folder) if arguments.part == "pandas" else run_part(arguments.part, arguments.folder)
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        root = arguments.folder or Path(temporary)
        if not (root / "store" / "calls").exists():
            root.mkdir(parents=True, exist_ok=True)
            make_store(root, round(arguments.calls / find_calls_a_base()))
        parts = {name: _run_apart(name, root) for name in ("measure", "report")}
        beside = {"pandas": _run_apart("pandas", root)} if arguments.pandas else {}
        found = find_planted(Store(root / "store"))
    _print_costs(parts | beside)
    print("\n| planted | there | found |\n| --- | --- | --- |")  # noqa: T201
    for one in found:
        print(f"| {one.what} | {one.planted:.2f} | {one.found:.2f} |")  # noqa: T201
    seconds = sum(figures["seconds"] for figures in parts.values())
    is_met = seconds <= AIM_S and max(figures["peak_mb"] for figures in parts.values()) <= AIM_MB
    return 0 if is_met and all(one.is_found for one in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
