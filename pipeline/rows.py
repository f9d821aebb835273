"""Rows: any file of texts, read and written in order, whatever its kind: CSV, JSON lines or Parquet by suffix.

Errors: InputError when the file cannot be read, or lacks a column that is needed.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.delimited import allow_long_cells, decode_text
from pipeline.errors import InputError
from pipeline.tables import write_atomically

Row = dict[str, Any]
SUFFIXES = ".csv, .jsonl or .parquet"


def read_rows(path: Path, *, needs: Sequence[str] = ("text",)) -> list[Row]:
    """Read a file of rows, in order.

    Raises:
        InputError: There is no such file, its suffix or content is none of ours, or a needed column is missing.
    """
    read = _choose(path, {".csv": _read_csv, ".jsonl": _read_jsonl, ".ndjson": _read_jsonl, ".parquet": _read_parquet})
    if not path.is_file():
        raise InputError(f"{path} is not there. Check the path.")
    rows: list[Row] = read(path)
    missing = [name for name in needs if rows and not any(name in row for row in rows)]
    if missing:
        raise InputError(f"{path} should have a column '{missing[0]}' (found: {', '.join(rows[0])}). Rename one.")
    return rows


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write rows in order, whole or not at all; in a CSV a list or an object is written as JSON.

    Raises:
        InputError: The suffix is none of ours, or the folder is not there.
    """
    write = _choose(path, {".csv": _to_csv, ".jsonl": _to_jsonl, ".ndjson": _to_jsonl, ".parquet": _to_parquet})
    if not path.parent.is_dir():
        raise InputError(f"Folder '{path.parent}' is not there. Make it first.")
    write_atomically(path, write(rows))


def _choose(path: Path, by_suffix: Mapping[str, Callable[..., Any]]) -> Callable[..., Any]:
    suffix = path.suffix.lower()
    if suffix not in by_suffix:
        raise InputError(f"{path} should end in {SUFFIXES}.")
    return by_suffix[suffix]


def _read_csv(path: Path) -> list[Row]:
    with allow_long_cells():
        reader = csv.DictReader(io.StringIO(decode_text(path.read_bytes(), path), newline=""), restval="")
        return [{key: value for key, value in row.items() if key is not None} for row in reader]


def _read_jsonl(path: Path) -> list[Row]:
    rows = []
    for n_line, line in enumerate(decode_text(path.read_bytes(), path).split("\n"), start=1):
        if line.strip():
            rows.append(_read_object(line, path, n_line))
    return rows


def _read_object(line: str, path: Path, n_line: int) -> Row:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise InputError(f"{path}, line {n_line} is not a JSON object. Write one object a line.")
    return row


def _read_parquet(path: Path) -> list[Row]:
    try:
        rows: list[Row] = pq.read_table(path, partitioning=None).to_pylist()
    except (pa.ArrowInvalid, OSError):
        raise InputError(f"{path} is not a Parquet file.") from None
    return rows


def _to_csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), restval="")
    writer.writeheader()
    writer.writerows({name: _to_cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode()


def _to_cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict, tuple)) else value


def _to_jsonl(rows: Sequence[Row]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows).encode()


def _to_parquet(rows: Sequence[Row]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = pa.table({name: _to_column(name, [row.get(name) for row in rows]) for name in names})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def _to_column(name: str, values: list[object]) -> pa.Array:
    if name == "embedding":
        return pa.array(values, pa.list_(pa.float32()))
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # mixed types: as JSON keeps them
        return pa.array(
            [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]
        )
