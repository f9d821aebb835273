"""Tables: what each holds is declared once in `declared`; `store` keeps them as Parquet, a folder a table."""

from pipeline.tables.columns import CUT_METRICS, METRICS, NO_CODES
from pipeline.tables.declared import TABLES
from pipeline.tables.spec import TableSpec
from pipeline.tables.store import COVERS_KEY, Store, hash_text, in_batches, make_table, read_covers, write_atomically

__all__ = [
    "COVERS_KEY",
    "CUT_METRICS",
    "METRICS",
    "NO_CODES",
    "TABLES",
    "Store",
    "TableSpec",
    "hash_text",
    "in_batches",
    "make_table",
    "read_covers",
    "write_atomically",
]
