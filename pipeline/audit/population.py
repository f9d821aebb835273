"""Population: what the machine says of all calls of a round's days, and of those that were drawn.

Errors: MissingTableError when measure has not run.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.audit.answers import DrawnCall, Round
from pipeline.audit.estimates import Amounts, Counted
from pipeline.tables import Store
from pipeline.tables.database import open_database, show_table

Row = Mapping[str, Any]
FORMULA = Path(__file__).with_name("population.sql")


@dataclass(frozen=True)
class Given:
    """What the machine says of one call: the cost of each of its labels, and of the whole call but for unit costs."""

    costs: Mapping[str, float]
    whole_cost: float


@dataclass(frozen=True)
class Population:
    """All counted calls: how many, how many were heard, sums by label (code or kind of no-code) and owner, the drawn.

    `cost` and `squares` are the sum of whole calls' costs and of their squares.
    """

    n_calls: int
    n_heard: int
    cost: float
    squares: float
    labels: Mapping[str, Row]
    owners: Mapping[str, Row]
    drawn: Mapping[str, Given]

    def count(self, row: Row | None, unit_cost: float) -> Counted:
        """Say what the machine says of one row of `labels` or `owners`, null where it gave no call.

        `unit_cost` is what a call costs besides.
        """
        if row is None:
            others = _sum_up(self.n_calls, self.cost, self.squares, unit_cost)
            return Counted(self.n_calls, 0, 0.0, Amounts(unit_cost, 0.0), others)
        others = _sum_up(row["n_others"], row["cost_others"], row["squares_others"], unit_cost)
        given = Amounts(row["mean_given"], row["deviation_given"])
        return Counted(self.n_calls, row["n_given"], row["cost_given"], given, others)


def read_population(
    store: Store, drawn: Round, calls: Sequence[DrawnCall], owners: Mapping[str, str] | None = None
) -> Population:
    """Read the population of a round.

    Args:
        store: Measure has written it.
        drawn: Its days.
        calls: Its calls; one that is no longer counted is not among `Population.drawn`.
        owners: Who must fix each code.
    """
    with open_database(store) as connection:
        for name in ("reason_calls", "call_reasons"):
            show_table(connection, store, name)
        connection.register("round", pa.table({"first_day": [drawn.first_day], "last_day": [drawn.last_day]}))
        connection.register("drawn", pa.table({"call_id": pa.array([one.call_id for one in calls], pa.string())}))
        connection.register("owners", _list_owners(owners or {}))
        connection.execute(FORMULA.read_text(encoding="utf-8"))
        (totals,) = connection.sql("from totals").to_arrow_table().to_pylist()
        sums = connection.sql("from label_totals").to_arrow_table().to_pylist()
        rows = connection.sql("from drawn_calls").to_arrow_table().to_pylist()
    found = {
        row["call_id"]: Given({one["label"]: one["cost"] for one in row["given"]}, row["whole_cost"] or 0.0)
        for row in rows
    }
    labels, by_owner = ({row["label"]: row for row in sums if row["kind"] == kind} for kind in ("reason", "owner"))
    return Population(totals["n_calls"], totals["n_heard"], totals["cost"], totals["squares"], labels, by_owner, found)


def _list_owners(owners: Mapping[str, str]) -> pa.Table:
    codes, names = pa.array(list(owners), pa.string()), pa.array(list(owners.values()), pa.string())
    return pa.table({"code": codes, "owner": names})


def _sum_up(n_calls: int, cost: float, squares: float, unit_cost: float) -> Amounts:
    if not n_calls:
        return Amounts(unit_cost, 0.0)
    mean = cost / n_calls
    return Amounts(mean + unit_cost, math.sqrt(max(0.0, squares / n_calls - mean**2)))
