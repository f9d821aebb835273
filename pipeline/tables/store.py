"""The store: a table is a folder of Parquet files under `store/`.

`store/<table>/<fingerprint>/<batch>.parquet`: the fingerprint names the model, settings or taxonomy that the rows were
made with, the batch is named from its inputs, so that writing it twice is harmless. Rows of two fingerprints never
mix in a read. `store/<table>/current.json` lists the fingerprints that readers see, first one first.

Each batch file says in its own metadata which calls it covers and what each was made from, so that what is left to do
is a question to the store: a call without a row is covered too.

Errors: MissingTableError when a table that a stage needs has never been made.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import MissingTableError
from pipeline.tables.declared import TABLES

COVERS_KEY = b"callreasons.covers"
MAX_FILES = 128  # more small batches than this are merged into
MERGED_CALLS = 20_000


def hash_text(text: str) -> str:
    """Name a text or a list of inputs: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _fit_schema(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Bring rows of an older version to today's columns; what it did not know is null until they are made again."""
    known = set(rows.column_names)
    columns = [rows[column.name] if column.name in known else pa.nulls(len(rows), column.type) for column in schema]
    return pa.table(columns, names=schema.names).cast(schema)


def make_table(name: str, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """Make an Arrow table of the declared schema; a row that lacks a column has null there."""
    schema = TABLES[name].schema
    return pa.Table.from_pylist([{field: row.get(field) for field in schema.names} for row in rows], schema=schema)


@dataclass(frozen=True)
class Store:
    """The folder of all tables."""

    root: Path

    def read(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read the rows that readers should see: every covered call from the first fingerprint that covers it.

        Raises:
            MissingTableError: The table was never made.
        """
        fingerprints = self.current(name)
        if not fingerprints:
            raise MissingTableError(f"Table '{name}' is not in store/. Run `callreasons run` first.")
        tables, seen = [TABLES[name].schema.empty_table()], set[str]()
        for fingerprint in fingerprints:
            for path in self._batches(name, fingerprint):
                rows = _read_parquet(path, {*columns, "call_id"} if columns else None)
                if seen and "call_id" in rows.column_names:
                    kept = [call_id not in seen for call_id in rows["call_id"].to_pylist()]
                    rows = rows.filter(pa.array(kept, pa.bool_()))
                tables.append(_fit_schema(rows, TABLES[name].schema))
            if fingerprint != fingerprints[-1]:  # after the last nobody asks
                seen.update(self.covers(name, fingerprint))
        table = pa.concat_tables(tables)
        return table.select(list(columns)) if columns else table

    def list_rows(self, name: str) -> list[dict[str, Any]]:
        """List the rows that readers should see; none where the table was never made."""
        return self.read(name).to_pylist() if self.has(name) else []

    def has(self, name: str) -> bool:
        """Say whether the table was ever made."""
        return bool(self.current(name))

    def current(self, name: str) -> list[str]:
        """List the fingerprints that readers see, first one first."""
        path = self.root / name / "current.json"
        return list(json.loads(path.read_text())) if path.exists() else []

    def set_current(self, name: str, fingerprints: Sequence[str], *, keep_older: bool = False) -> None:
        """Make readers see these fingerprints; delete the rows of all others unless told to keep them."""
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "current.json", json.dumps(list(fingerprints)).encode())
        if keep_older:
            return
        for old in folder.iterdir():
            if old.is_dir() and old.name not in fingerprints:
                for path in old.iterdir():
                    path.unlink(missing_ok=True)
                old.rmdir()

    def find_files(self, name: str) -> list[Path] | None:
        """List the files whose rows readers should see; None where one file alone cannot say which rows those are.

        Raises:
            MissingTableError: The table was never made.
        """
        fingerprints = self.current(name)
        if not fingerprints:
            raise MissingTableError(f"Table '{name}' is not in store/. Run `callreasons run` first.")
        return self._batches(name, fingerprints[0]) if len(fingerprints) == 1 else None

    def list_batches(self, name: str, fingerprint: str) -> list[tuple[str, int, int]]:
        """List each batch file's name, size in bytes and time of writing: another one means other rows."""
        files = [(path.name, path.stat()) for path in self._batches(name, fingerprint)]
        return [(file_name, found.st_size, found.st_mtime_ns) for file_name, found in files]

    def covers(self, name: str, fingerprint: str) -> dict[str, str]:
        """Map each covered call to the hash of what its rows were made from."""
        return {
            call_id: made_from
            for path in self._batches(name, fingerprint)
            for call_id, made_from in read_covers(path).items()
        }

    def write(self, name: str, fingerprint: str, rows: pa.Table, covers: Mapping[str, str]) -> Path:
        """Write one batch, whole or not at all; earlier rows of the calls it covers go.

        Args:
            name: A table of `TABLES`.
            fingerprint: What the rows were made with.
            rows: Table `name`, in its declared schema.
            covers: For each call of the batch, also those without a row, the hash of what it was made from.
        """
        path = self.add(name, fingerprint, rows, covers)
        self.drop(name, fingerprint, set(covers), but=path)
        return path

    def add(self, name: str, fingerprint: str, rows: pa.Table, covers: Mapping[str, str]) -> Path:
        """Write one batch of what no other batch covers, whole or not at all."""
        listed = _list_covers(covers)
        path = self.root / name / fingerprint / f"{hash_text(listed)}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_parquet(path, rows.cast(TABLES[name].schema), listed)
        return path

    def write_whole(self, name: str, fingerprint: str, rows: pa.Table) -> None:
        """Write a table that is made in one piece, in place of every earlier version of it."""
        self.write(name, fingerprint, rows, {"*": fingerprint})
        self.set_current(name, [fingerprint])

    def adopt_whole(self, name: str, fingerprint: str, write: Callable[[Path], None]) -> None:
        """Take over a table that `write` puts into the file it is told, in place of every earlier version of it."""
        path = self.root / name / fingerprint / f"{fingerprint}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = _name_temporary(path)
        try:
            write(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        for other in self._batches(name, fingerprint):
            if other != path:
                other.unlink()
        self.set_current(name, [fingerprint])

    def drop(self, name: str, fingerprint: str, call_ids: set[str], *, but: Path | None = None) -> None:
        """Remove the rows of these calls, from all batches but one."""
        for path in self._batches(name, fingerprint):
            covers = read_covers(path)
            if path == but or not call_ids & covers.keys():
                continue
            left = {call_id: made_from for call_id, made_from in covers.items() if call_id not in call_ids}
            if left:
                rows = pq.read_table(path, partitioning=None)
                kept = [call_id in left for call_id in rows["call_id"].to_pylist()]
                _write_parquet(path, rows.filter(pa.array(kept, pa.bool_())), _list_covers(left))
            else:
                path.unlink()

    def drop_stale(self, name: str, fingerprint: str, expected: Mapping[str, str]) -> None:
        """Remove the rows of calls that are gone, that were made from something else, or that a crash left twice."""
        seen, stale = set[str](), set[str]()
        for path in self._batches(name, fingerprint):
            covers = read_covers(path)
            stale |= {call_id for call_id, made_from in covers.items() if expected.get(call_id) != made_from}
            stale |= seen & covers.keys()
            seen |= covers.keys()
        if stale:
            self.drop(name, fingerprint, stale)

    def merge(self, name: str, fingerprint: str) -> None:
        """Put small batches together where there are many: thousands of files take longer to open than to read."""
        small: list[tuple[Path, dict[str, str]]] = []
        paths = self._batches(name, fingerprint)
        for path in paths if len(paths) > MAX_FILES else ():
            covers = read_covers(path)
            if 2 * len(covers) <= MERGED_CALLS:
                small.append((path, covers))
        for some in _group_batches(small) if len(small) > MAX_FILES else ():
            tables = [_fit_schema(pq.read_table(path, partitioning=None), TABLES[name].schema) for path, _ in some]
            together = {call_id: made_from for _, covers in some for call_id, made_from in covers.items()}
            merged = self.add(name, fingerprint, pa.concat_tables(tables), together)
            for path, _ in some:
                if path != merged:
                    path.unlink()

    def _batches(self, name: str, fingerprint: str) -> list[Path]:
        return sorted((self.root / name / fingerprint).glob("*.parquet"))


def _group_batches(batches: Sequence[tuple[Path, dict[str, str]]]) -> Iterator[list[tuple[Path, dict[str, str]]]]:
    """Group batches to so many calls; one that would be alone stays."""
    some: list[tuple[Path, dict[str, str]]] = []
    for batch in batches:
        some.append(batch)
        if sum(len(covers) for _, covers in some) >= MERGED_CALLS:
            yield some
            some = []
    if len(some) > 1:
        yield some


def read_covers(path: Path) -> dict[str, str]:
    """Read which calls a batch covers from its metadata."""
    metadata = pq.read_schema(path).metadata or {}
    return dict(json.loads(metadata.get(COVERS_KEY, b"{}")))


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: a temporary file beside it, synced, then renamed."""
    temporary = _name_temporary(path)
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _name_temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")


def _read_parquet(path: Path, columns: Collection[str] | None) -> pa.Table:
    """Read a batch, or those of some columns that it has."""
    with pq.ParquetFile(path) as file:
        known = file.schema_arrow.names
        return file.read([name for name in known if name in columns] if columns is not None else None)


def _list_covers(covers: Mapping[str, str]) -> str:
    """List what a batch covers, as its metadata say it; the same whatever the order."""
    return json.dumps(dict(covers), sort_keys=True)


def _write_parquet(path: Path, rows: pa.Table, listed: str) -> None:
    metadata = dict(rows.schema.metadata or {}) | {COVERS_KEY: listed.encode()}
    sink = pa.BufferOutputStream()
    pq.write_table(rows.replace_schema_metadata(metadata), sink, compression="zstd")
    write_atomically(path, sink.getvalue().to_pybytes())


def in_batches(items: Iterable[str], size: int) -> Iterable[list[str]]:
    """Cut items into lists of at most `size`."""
    batch: list[str] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
