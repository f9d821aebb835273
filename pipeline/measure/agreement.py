"""Agreement: how often agents log what was heard, and how much of that is more than chance.

Errors: none of its own.
Source: kappa is Cohen's (1960), its interval that of Fleiss, Cohen and Everitt (1969); statsmodels reckons both.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.tables import make_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MIN_CALLS = 30  # with fewer the interval, made for many, says nothing
GROUPS = {"logged_agreement": "queue", "agent_agreement": "agent_id"}
Row = Mapping[str, Any]
Pairs = Mapping[tuple[str, str], int]


def rate_agreement(connection: "DuckDBPyConnection") -> dict[str, pa.Table]:
    """Rate each queue's agreement, and each agent's where the rules show agents.

    Returns:
        Tables `logged_agreement` and `agent_agreement`.
    """
    pairs = connection.sql("from logged_pairs").to_arrow_table().to_pylist()
    return {name: make_table(name, _rate_groups(pairs, by)) for name, by in GROUPS.items()}


def _rate_groups(pairs: Sequence[Row], by: str) -> list[dict[str, object]]:
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in pairs:
        if row[by] is not None:
            groups.setdefault((row["source"], row[by]), []).append(row)
    return [{"source": source, by: value, **_rate(rows)} for (source, value), rows in sorted(groups.items())]


def _rate(rows: Sequence[Row]) -> dict[str, object]:
    counted: dict[tuple[str, str], int] = {}
    for row in rows:
        if row["heard_code"] is not None:
            key = (row["logged_code"], row["heard_code"])
            counted[key] = counted.get(key, 0) + row["n_calls"]
    kappa, low, high = find_kappa(counted)
    return {
        "n_logged": sum(row["n_calls"] for row in rows),
        "n_coded": sum(counted.values()),
        "n_agreed": sum(n for (logged, heard), n in counted.items() if logged == heard),
        "n_general": sum(row["n_calls"] for row in rows if row["is_general"]),
        "kappa": kappa,
        "kappa_low": low,
        "kappa_high": high,
    }


def find_kappa(pairs: Pairs) -> tuple[float | None, float | None, float | None]:
    """Find Cohen's kappa and its 95 % interval.

    Args:
        pairs: How many calls have each pair of a logged and a heard code.

    Returns:
        Kappa, 1 at most, and both ends of its interval. Null where one code is all there is, since nothing can be
        said beyond chance then; the interval also with fewer than `MIN_CALLS` calls.
    """
    from statsmodels.stats.inter_rater import cohens_kappa

    codes = sorted({code for pair in pairs for code in pair})
    if len(codes) < 2:
        return None, None, None
    index = {code: at for at, code in enumerate(codes)}
    table = np.zeros((len(codes), len(codes)))
    for (logged, heard), n_calls in pairs.items():
        table[index[logged], index[heard]] += n_calls
    with np.errstate(divide="ignore", invalid="ignore"):  # of its z value, which nobody asks for
        rated = cohens_kappa(table)
    if table.sum() < MIN_CALLS:
        return float(rated.kappa), None, None
    return float(rated.kappa), float(rated.kappa_low), float(rated.kappa_upp)
