"""Snapshot: what the pages show of the store, in one DuckDB file, so that a page is a matter of milliseconds.

A store of a million calls is thousands of files, and a nightly run replaces them one by one. The pages therefore read
a copy that was made at once, `store/.pages/<name>.duckdb`, named from the tables it holds. When a run has ended and the
tables differ, a new one is made beside it and takes its place. Only turns stay where they are: the copy knows the file
of each call.

Errors: none of its own. A table that was never made is shown as empty.
"""

import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.config import Project
from pipeline.state import is_running
from pipeline.tables import Store, hash_text
from pipeline.tables.database import quote, show_or_empty

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FOLDER = ".pages"
VERSION = "2"  # raised when a snapshot holds something else
MEMORY_LIMIT = "1GB"
CHECK_EVERY_S = 5.0
SQL = Path(__file__).with_name("sql")
Row = dict[str, Any]

TREND = """from reason_metrics where period = 'all' or period =
    (select case when count(*) filter (period = 'week') < 5 then 'day' else 'week' end from period_metrics)
order by reason_kind, reason_id, period"""  # a time of fewer than five weeks is shown by day
# Each table of the snapshot: its columns, which rows, in what order; what is looked up together lies together.
SHOWN = {
    "calls": """select call_id, sources, contact_channel, started_at, queue, region, logged_code from calls
        order by call_id""",
    "reason_utterances": "from reason_utterances order by call_id, utterance_index",
    "call_reasons": "from call_reasons order by call_id, utterance_index",
    "clusters": "from clusters order by n_calls desc, cluster_id",
    "sub_clusters": "from sub_clusters order by n_calls desc",
    "cluster_members": "from cluster_members order by cluster_id, similarity_ratio desc",
    "call_sentiment": "select call_id, sentiment_label, start_label, end_label from call_sentiment order by call_id",
    "turn_sentiment": "select call_id, turn_index, sentiment_label from turn_sentiment order by call_id",
    "period_metrics": "from period_metrics",
    "reason_metrics": TREND,
}


@dataclass
class Snapshots:
    """The snapshot of one store that pages read now, and when it was last compared with the store."""

    project: Project
    path: Path | None = None
    connection: "DuckDBPyConnection | None" = None
    checked_at_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)
    maker: threading.Thread | None = None

    def open(self) -> "DuckDBPyConnection":
        """Open a cursor on the snapshot; when the store has changed, a new one is made while this one answers."""
        with self.lock:
            if self.connection is None:
                self.connection = self._renew()
            elif time.monotonic() - self.checked_at_s > CHECK_EVERY_S and not (self.maker and self.maker.is_alive()):
                self.checked_at_s = time.monotonic()
                self.maker = threading.Thread(target=self._replace, daemon=True)
                self.maker.start()
            return self.connection.cursor()

    def is_stale(self) -> bool:
        """Say whether the store holds something else now, and no run is at work on it."""
        return not is_running(self.project) and self.path != find_path(self.project.store)

    def _replace(self) -> None:
        if not self.is_stale():
            return
        connection = self._renew()
        with self.lock:
            self.connection = connection

    def _renew(self) -> "DuckDBPyConnection":
        path = make_snapshot(self.project.store)
        self.path, self.checked_at_s = path, time.monotonic()
        for other in path.parent.glob("*.duckdb"):
            if other != path:
                other.unlink(missing_ok=True)
        return _connect(path)


OPENED: dict[Path, Snapshots] = {}


def ask(project: Project, sql: str, values: Mapping[str, object] | None = None) -> list[Row]:
    """Ask the snapshot.

    Args:
        project: Whose.
        sql: A query, or the name of one in `sql/`.
        values: What stands for its $names.
    """
    text = sql if " " in sql else (SQL / f"{sql}.sql").read_text(encoding="utf-8")
    snapshots = OPENED.setdefault(project.root, Snapshots(project))
    with snapshots.open() as cursor:
        rows: list[Row] = cursor.sql(text, params=dict(values or {})).to_arrow_table().to_pylist()
    return rows


def find_path(store: Store) -> Path:
    """Find where a snapshot of the store as it is would lie: its tables' fingerprints and last changes name it."""
    told = [
        (name, fingerprint, _find_change_ns(store.root / name / fingerprint))
        for name in (*SHOWN, "turns")
        for fingerprint in store.current(name)
    ]
    return store.root / FOLDER / f"{hash_text(repr((VERSION, told)))}.duckdb"


def make_snapshot(store: Store) -> Path:
    """Make the snapshot of the store as it is, whole or not at all; one that is there already is kept."""
    path = find_path(store)
    if path.exists():
        return path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=path.parent) as folder:
        made = Path(folder) / path.name
        _fill(made, store)
        made.replace(path)
    return path


def _fill(path: Path, store: Store) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        connection.execute(f"set temp_directory = {quote(str(path.parent))}")
        for name in (*SHOWN, "turns"):
            show_or_empty(connection, store, name)
        connection.execute(f"attach {quote(str(path))} as kept")
        for name, query in SHOWN.items():
            connection.execute(f"create table kept.{name} as {query}")
        _place_turns(connection, store)


def _place_turns(connection: "DuckDBPyConnection", store: Store) -> None:
    """Keep the file of each call's turns; where one file alone cannot say which rows count, the rows."""
    files = store.find_files("turns") if store.has("turns") else []
    if not files:
        connection.execute("create table kept.turn_files (call_id varchar, file varchar)")
        connection.execute("create table kept.turns as from turns order by call_id, turn_index")
        return
    listed = ", ".join(quote(str(file)) for file in files)
    read = f"read_parquet([{listed}], filename = 'file', hive_partitioning = false)"
    connection.execute(f"create table kept.turn_files as select distinct call_id, file from {read} order by call_id")  # noqa: S608
    connection.execute("create table kept.turns as from turns limit 0")


def _connect(path: Path) -> "DuckDBPyConnection":
    import duckdb

    return duckdb.connect(str(path), read_only=True, config={"memory_limit": MEMORY_LIMIT})


def _find_change_ns(folder: Path) -> int:
    return folder.stat().st_mtime_ns if folder.is_dir() else 0
