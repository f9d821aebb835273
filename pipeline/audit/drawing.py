"""Drawing: which calls people are asked about, by code, kind of no-code, doubt and week, each with its chance.

Reads reason_calls and call_reasons. The chance is kept with the call, so that what is found in the sample can be said
of all calls without bias.

Errors: InputError when there is nothing to draw from; MissingTableError when measure has not run.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.audit.answers import DrawnCall, Round, keep_round
from pipeline.audit.chances import draw_calls, find_chances
from pipeline.config import Project
from pipeline.errors import InputError
from pipeline.tables.database import open_database, show_table

CERTAIN_LEAD = 0.5  # a code whose score leads the second one by less is in doubt, as in a listening plan
FORMULA = Path(__file__).with_name("drawing.sql")


def draw_round(project: Project, *, n_calls: int, seed: int, now: datetime) -> tuple[Round, list[DrawnCall]]:
    """Draw calls and keep them as a new round.

    Args:
        project: Measure has run in it.
        n_calls: How many, at least 1; all where there are no more.
        seed: Draws the calls; the same seed draws the same ones of the same calls.
        now: The time of the draw.

    Returns:
        The round, and its calls in the order in which people see them, which is by chance.

    Raises:
        InputError: No call is counted, or fewer than one is asked for.
    """
    if n_calls < 1:
        raise InputError(f"--calls should be 1 or more, got {n_calls}.")
    with open_database(project.store) as connection:
        for name in ("reason_calls", "call_reasons"):
            show_table(connection, project.store, name)
        connection.register("rules", pa.table({"seed": [seed], "certain_lead": [CERTAIN_LEAD]}))
        connection.execute(FORMULA.read_text(encoding="utf-8"))
        line = connection.sql(
            "select dense_rank() over (order by stratum) as stratum, is_doubtful from line order by position"
        ).fetchnumpy()
        if not len(line["stratum"]):
            raise InputError("No call is counted yet. Run `callreasons run` first.")
        chances = find_chances(np.asarray(line["stratum"]), np.asarray(line["is_doubtful"]), n_calls)
        generator = np.random.default_rng(seed)
        positions = draw_calls(chances, generator.random())
        connection.register("drawn", pa.table({"position": positions, "chance": chances[positions]}))
        rows = connection.sql("select * from line join drawn using (position) order by position").to_arrow_table()
        first_day, last_day = connection.sql("select min(day), max(day) from line").fetchall()[0]
    if first_day is None:
        raise InputError(
            "No call has a time. Name its column in [ingest.columns] of pipeline.toml, or see "
            "trust_file_times in [measure]."
        )
    calls = _mix(rows.to_pylist(), generator)
    drawn = Round(0, now.isoformat(timespec="seconds"), seed, first_day, last_day, len(chances))
    return keep_round(project, drawn, calls), calls


def _mix(rows: Sequence[dict[str, object]], generator: np.random.Generator) -> list[DrawnCall]:
    """Put the calls into an order that says nothing of their strata."""
    named = [
        DrawnCall(
            str(row["call_id"]), float(str(row["chance"])), f"{row['stratum']}{' in doubt' * bool(row['is_doubtful'])}"
        )
        for row in rows
    ]
    return [named[at] for at in generator.permutation(len(named))]
