"""Specs: what is declared of a table, and the columns that many tables share."""

from dataclasses import dataclass

import pyarrow as pa

UTC_TIME = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class TableSpec:
    """One table: its columns, what identifies a row and what a row is; rows are in key order unless `order_by` says."""

    name: str
    key: tuple[str, ...]
    grain: str
    schema: pa.Schema
    order_by: str = ""


def make_field(name: str, kind: pa.DataType, about: str) -> pa.Field:
    """Make a column with what it holds."""
    return pa.field(name, kind, metadata={"about": about})


CALL_ID = make_field(
    "call_id", pa.string(), "The manifest's call id, else the first 16 hex digits of the content's SHA-256."
)
UTTERANCE_INDEX = make_field(
    "utterance_index", pa.int32(), "Position among the call's reason utterances; -1 for a call without any."
)
