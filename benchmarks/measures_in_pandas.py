"""Measures in pandas: the main sums of `measure` by reason, reckoned once more from the same files another way.

Volume, share, handle time (mean, median, 90th percentile), repeats of the same reason and cost, each call split by the
time spent on each of its reasons. What measure makes besides is left out: every other measure, weeks, places, agents.
Switchboards are not looked for, telephone and lost customers cost nothing: the made-up calls have neither.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.config import MeasureSettings
from pipeline.tables import Store
from pipeline.taxonomy import read_taxonomy

REASON = ["reason_kind", "reason_id"]
SAME = (
    "n_calls",
    "share_ratio",
    "handle_time_s",
    "handle_time_median_s",
    "handle_time_p90_s",
    "n_repeat_calls",
    "cost",
)


def reckon(root: Path) -> pd.DataFrame:
    """Reckon the main measures of every reason.

    Returns:
        Columns `REASON` and `SAME`, a row a reason.
    """
    store, settings = Store(root / "store"), MeasureSettings()
    calls = _read(store, "calls", ["call_id", "customer_id", "started_at", "talk_s", "hold_s", "wrap_s"])
    calls = calls.merge(_read(store, "transcripts", ["call_id", "duration_s", "is_heard"]), on="call_id", how="left")
    calls["handle_time_s"] = (calls.talk_s + calls.hold_s.fillna(0)).fillna(calls.duration_s) + calls.wrap_s.fillna(0)
    calls["contact"] = _number_contacts(calls, settings)
    n_heard = int(calls.is_heard.fillna(False).sum())
    rows = _list_reasons(store)
    rows["charged_ratio"] = _share_time(store, rows, calls)
    rows = rows.merge(calls[["call_id", "customer_id", "started_at", "contact", "handle_time_s"]], on="call_id")
    rows["is_repeat"] = _find_repeats(rows, settings)
    codes = read_taxonomy(root / "taxonomy" / "reason_codes.yaml").codes
    unit_cost = {code.number: code.unit_cost for code in codes}
    is_code = rows.reason_kind == "code"
    rows["cost"] = rows.handle_time_s.fillna(0) / 3600 * rows.charged_ratio * settings.wage_per_hour
    rows["cost"] += np.where(is_code, rows.reason_id.map(unit_cost).fillna(0), 0)
    grouped = rows.groupby(REASON)
    times = grouped.handle_time_s
    found = pd.DataFrame(
        {
            "n_calls": grouped.size(), "handle_time_s": times.mean(), "handle_time_median_s": times.median(),
            "handle_time_p90_s": times.quantile(0.9), "n_repeat_calls": grouped.is_repeat.sum(),
            "cost": grouped.cost.sum(),
        }
    )  # fmt: skip
    return found.assign(share_ratio=found.n_calls / n_heard).reset_index()


def compare(root: Path, found: pd.DataFrame) -> dict[str, float]:
    """Find by what part of itself each figure of measure differs at most from pandas'."""
    metrics = Store(root / "store").read("reason_metrics").to_pandas()
    both = metrics[metrics.period == "all"].merge(found, on=REASON, suffixes=("", "_pandas"), how="outer")
    both.loc[both.reason_id == "not_heard", ["share_ratio", "share_ratio_pandas"]] = 0.0  # of heard calls it has none
    both.loc[both.reason_kind == "no_code", ["n_repeat_calls", "n_repeat_calls_pandas"]] = 0  # never repeats
    ours, theirs = both[list(SAME)].astype(float), both[[f"{name}_pandas" for name in SAME]].astype(float)
    apart = np.abs(ours.to_numpy() - theirs.to_numpy()) / np.maximum(np.abs(ours.to_numpy()), 1e-300)
    apart = np.where(ours.to_numpy() == theirs.to_numpy(), 0, apart)
    return dict(zip(SAME, np.nan_to_num(apart, nan=np.inf).max(axis=0).tolist(), strict=True))


def _read(store: Store, name: str, columns: list[str]) -> pd.DataFrame:
    files = store.find_files(name) or []
    return pd.concat([pd.read_parquet(path, columns=columns) for path in files], ignore_index=True)


def _number_contacts(calls: pd.DataFrame, settings: MeasureSettings) -> pd.Series:
    """Number each customer's contacts: calls that start soon after the one before go on with it."""
    ordered = calls.sort_values(["customer_id", "started_at"])
    gap_s = ordered.started_at.diff().dt.total_seconds()
    is_new = (ordered.customer_id != ordered.customer_id.shift()) | (gap_s > settings.transfer_window_s)
    return is_new.cumsum()


def _list_reasons(store: Store) -> pd.DataFrame:
    """List each reason of each call once: codes, else candidates, else one kind of no-code where there is no reason."""
    said = _read(store, "call_reasons", ["call_id", "utterance_index", "code", "no_code"])
    members = _read(store, "cluster_members", ["call_id", "utterance_index", "cluster_id"])
    said = said.merge(members, on=["call_id", "utterance_index"], how="left")
    said["reason_kind"] = np.where(said.code.notna(), "code", np.where(said.cluster_id.notna(), "candidate", "no_code"))
    said["reason_id"] = said.code.fillna(said.cluster_id).fillna(said.no_code)
    said["is_reason"] = said.reason_kind != "no_code"
    has_reason = said.groupby("call_id").is_reason.transform("any")
    said = said[said.is_reason | ~has_reason].sort_values(["call_id", "utterance_index"])
    is_first = ~said.duplicated("call_id")
    said = said[said.is_reason | is_first]
    return said.drop_duplicates(["call_id", *REASON])[["call_id", "utterance_index", *REASON]].reset_index(drop=True)


def _share_time(store: Store, rows: pd.DataFrame, calls: pd.DataFrame) -> pd.Series:
    """Share each call among its reasons by the seconds from each to the next, or to its end; else in equal parts.

    Every reason is said once in the made-up calls, each in a turn of its own.
    """
    n_reasons = rows.groupby("call_id").call_id.transform("size")
    several = rows[n_reasons > 1].reset_index()
    starts = _read(store, "reason_utterances", ["call_id", "utterance_index", "start_s"])
    several = several.merge(starts, on=["call_id", "utterance_index"], how="left")
    several = several.merge(calls[["call_id", "duration_s"]], on="call_id", how="left")
    several = several.sort_values(["call_id", "start_s"])
    until_s = several.start_s.shift(-1).where(several.call_id == several.call_id.shift(-1), several.duration_s)
    several["spent_s"] = until_s - several.start_s
    by_call = several.groupby("call_id").spent_s
    is_known = (by_call.transform("min") >= 0) & (by_call.transform("sum") > 0)
    parts = several.spent_s / by_call.transform("sum")
    several["part"] = parts.where(is_known, 1 / several.groupby("call_id").call_id.transform("size"))
    return (1.0 / n_reasons).where(n_reasons == 1, several.set_index("index").part)


def _find_repeats(rows: pd.DataFrame, settings: MeasureSettings) -> pd.Series:
    """Find reasons that the same customer called about before, in an earlier contact within the window."""
    ordered = rows.sort_values(["customer_id", *REASON, "started_at"])
    keys = ordered[["customer_id", *REASON]]
    is_same = (keys == keys.shift()).all(axis=1)
    gap_s = ordered.started_at.diff().dt.total_seconds()
    is_soon = gap_s <= settings.repeat_window_days * 86400
    is_other = ordered.contact > ordered.contact.shift()
    return is_same & is_soon & is_other & (ordered.reason_kind != "no_code")
