"""Database: the store's tables as DuckDB reads them, and what DuckDB made of them as tables of the store.

Ten million calls do not fit into memory, so rows go from file to file; only what is grouped comes to Python.

Errors: MissingTableError when a table was never made.
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.tables.declared import TABLES
from pipeline.tables.store import COVERS_KEY, Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY_LIMIT = "2500MB"  # what is larger is spilled to disk
EMPTY = "empty_{}"


@contextmanager
def open_database(store: Store | None = None) -> Iterator["DuckDBPyConnection"]:
    """Open a database that is gone afterwards: in memory, or beside the store's tables when there may be many rows."""
    import duckdb

    if store is None:
        with duckdb.connect() as connection:
            yield connection
        return
    store.root.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".database-", dir=store.root) as folder,
        duckdb.connect(str(Path(folder) / "rows.duckdb")) as connection,
    ):
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        connection.execute("set preserve_insertion_order = false")
        yield connection


def show_table(connection: "DuckDBPyConnection", store: Store, name: str) -> None:
    """Let the database see a table of the store under its name, with today's columns.

    Raises:
        MissingTableError: The table was never made.
    """
    files = store.find_files(name)
    if files is None:
        connection.register(name, store.read(name))
        return
    connection.register(EMPTY.format(name), TABLES[name].schema.empty_table())
    parts = [f"from {EMPTY.format(name)}"]
    if files:
        listed = ", ".join(_quote(str(path)) for path in files)
        parts.append(f"from read_parquet([{listed}], union_by_name = true, hive_partitioning = false)")
    columns = ", ".join(TABLES[name].schema.names)
    connection.execute(f"create view {name} as select {columns} from ({' union all by name '.join(parts)})")  # noqa: S608 - our own files


def read_made(connection: "DuckDBPyConnection", name: str) -> pa.Table:
    """Read a made table into memory, in its declared schema."""
    made: pa.Table = connection.sql(_select(connection, name)).to_arrow_table()
    return made.cast(TABLES[name].schema)


def write_made(connection: "DuckDBPyConnection", store: Store, name: str, fingerprint: str) -> None:
    """Write a made table to the store, in place of every earlier version of it."""
    covers = _quote(json.dumps({"*": fingerprint}))
    options = f"format parquet, compression zstd, kv_metadata {{{COVERS_KEY.decode()!r}: {covers}}}"

    def write(path: Path) -> None:
        connection.execute(f"copy ({_select(connection, name)}) to {_quote(str(path))} ({options})")

    store.adopt_whole(name, fingerprint, write)


def _select(connection: "DuckDBPyConnection", name: str) -> str:
    """Select the declared columns, each as its declared type."""
    empty = EMPTY.format(name)
    connection.register(empty, TABLES[name].schema.empty_table())
    described: Sequence[tuple[str, ...]] = connection.sql(f"describe {empty}").fetchall()
    columns = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind, *_ in described)
    order = TABLES[name].order_by or ", ".join(TABLES[name].key)
    return f"select {columns} from {name} order by {order}"  # noqa: S608 - names of our own tables


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
