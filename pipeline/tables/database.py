"""Database: the store's tables as DuckDB reads them, and what DuckDB made of them as tables of the store.

Ten million calls do not fit into memory, so rows go from file to file; only what is grouped comes to Python.

Errors: MissingTableError when a table was never made.
"""

import json
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.tables.declared import TABLES
from pipeline.tables.store import COVERS_KEY, Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY_LIMIT = "3GB"  # what is larger is spilled to disk
SMALL = "compression zstd, compression_level 1"  # the next level takes longer than it saves to read
# Of many rows writing takes longest: looking for values that repeat pays only where they are few.
FAST = "compression snappy, dictionary_size_limit 1000"
EMPTY = "empty_{}"


@dataclass(frozen=True)
class RowFile:
    """A Parquet file of rows that are too many for memory, and what they are made from."""

    path: Path
    fingerprint: str


@contextmanager
def open_database(store: Store | None = None) -> Iterator["DuckDBPyConnection"]:
    """Open a database that is gone afterwards; with a store, what does not fit into memory lies beside its tables."""
    import duckdb

    with duckdb.connect() as connection:
        if store is None:
            yield connection
            return
        with make_folder(store) as folder:
            connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
            connection.execute(f"set temp_directory = {quote(str(folder))}")
            connection.execute("set preserve_insertion_order = false")
            yield connection


@contextmanager
def make_folder(store: Store) -> Iterator[Path]:
    """Make a folder beside the store's tables that is gone afterwards."""
    store.root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".database-", dir=store.root) as folder:
        yield Path(folder)


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
        listed = ", ".join(quote(str(path)) for path in files)
        parts.append(f"from read_parquet([{listed}], union_by_name = true, hive_partitioning = false)")
    columns = ", ".join(TABLES[name].schema.names)
    connection.execute(f"create view {name} as select {columns} from ({' union all by name '.join(parts)})")  # noqa: S608 - our own files


def show_or_empty(connection: "DuckDBPyConnection", store: Store, name: str) -> None:
    """Let the database see a table of the store; one that was never made has no rows."""
    if store.has(name):
        show_table(connection, store, name)
    else:
        connection.register(name, TABLES[name].schema.empty_table())


def read_made(connection: "DuckDBPyConnection", name: str) -> pa.Table:
    """Read a made table into memory, in its declared schema."""
    made: pa.Table = connection.sql(_select(connection, name)).to_arrow_table()
    return made.cast(TABLES[name].schema)


def keep_rows(connection: "DuckDBPyConnection", name: str, made: str, file: RowFile | None) -> None:
    """Keep a table's rows, in no order: in memory, or in a Parquet file that the database reads them back from.

    Args:
        connection: Where `name` will be seen.
        name: A table of `TABLES`.
        made: What its rows are made by.
        file: Where they go; none for memory.
    """
    if file is None:
        connection.execute(f"create table {name} as select {_cast_columns(connection, name)} from {made}")  # noqa: S608 - our own tables
        return
    listed = {column for column, kind, *_ in connection.sql(f"describe {made}").fetchall() if kind.startswith("ENUM")}
    columns = _cast_columns(connection, name, but=listed)  # words of a list are written as words
    _write_parquet(connection, f"select {columns} from {made}", file.path, file.fingerprint, packed=FAST)  # noqa: S608 - our own tables
    connection.execute(f"create view {name} as from read_parquet({quote(str(file.path))})")


def write_made(
    connection: "DuckDBPyConnection", store: Store, name: str, fingerprint: str, file: RowFile | None = None
) -> None:
    """Write a made table to the store, or move its file there, in place of every earlier version of it."""

    def write(path: Path) -> None:
        if file:
            file.path.replace(path)
        else:
            _write_parquet(connection, _select(connection, name), path, fingerprint)

    store.adopt_whole(name, fingerprint, write)


def _write_parquet(
    connection: "DuckDBPyConnection", query: str, path: Path, fingerprint: str, *, packed: str = SMALL
) -> None:
    covers = quote(json.dumps({"*": fingerprint}))
    kept = f"kv_metadata {{{COVERS_KEY.decode()!r}: {covers}}}"
    connection.execute(f"copy ({query}) to {quote(str(path))} (format parquet, {packed}, {kept})")


def _select(connection: "DuckDBPyConnection", name: str) -> str:
    """Select the declared columns in order, each as its declared type."""
    order = TABLES[name].order_by or ", ".join(TABLES[name].key)
    return f"select {_cast_columns(connection, name)} from {name} order by {order}"  # noqa: S608 - names of our own tables


def _cast_columns(connection: "DuckDBPyConnection", name: str, but: Collection[str] = ()) -> str:
    empty = EMPTY.format(name)
    connection.register(empty, TABLES[name].schema.empty_table())
    described: Sequence[tuple[str, ...]] = connection.sql(f"describe {empty}").fetchall()
    return ", ".join(
        column if column in but else f"cast({column} as {kind}) as {column}" for column, kind, *_ in described
    )


def quote(text: str) -> str:
    """Write a text as SQL does."""
    return "'" + text.replace("'", "''") + "'"
