"""Turns: the words of one call, read from the file that they lie in, also while a run puts files together.

The snapshot knows the file of each call as it was when it was made. Where that file is gone, or no longer has the call,
the files that there are now are looked through.

Errors: none of its own. Words that a run is just making again are None.
"""

from collections.abc import Sequence
from pathlib import Path

from pipeline.config import Project
from pipeline.curate.web.snapshot import Row, ask
from pipeline.state import is_running
from pipeline.tables import Store

N_AGAIN = 2  # looks through the files that there are now: between listing and reading one can go too
COLUMNS = "turn_index, role, source, part_index, language, start_s, end_s, text"
FILE = "select file from turn_files where call_id = $call_id"
KEPT = f"select {COLUMNS} from turns where call_id = $call_id order by turn_index"  # noqa: S608 - our own names
IN_FILES = f"""select {COLUMNS} from read_parquet($files, union_by_name = true, hive_partitioning = false)
    where call_id = $call_id order by turn_index"""  # noqa: S608 - our own names


def read_turns(project: Project, call_id: str) -> list[Row] | None:
    """Read a call's turns; None when a run is just making them again."""
    placed = ask(project, FILE, {"call_id": call_id})
    if not placed:
        return ask(project, KEPT, {"call_id": call_id})
    rows = _read_files(project, [str(one["file"]) for one in placed], call_id)
    for _ in range(N_AGAIN):
        if rows:
            return rows
        rows = _look_through(project, call_id)
    return None if not rows and is_running(project) else rows


def _look_through(project: Project, call_id: str) -> list[Row] | None:
    """Read a call's turns from the first fingerprint that has some."""
    for fingerprint in project.store.current("turns"):
        files = _list_files(project.store, fingerprint)
        rows = _read_files(project, files, call_id) if files else []
        if rows != []:
            return rows
    return []


def _list_files(store: Store, fingerprint: str) -> list[str]:
    folder: Path = store.root / "turns" / fingerprint
    return [str(path) for path in sorted(folder.glob("*.parquet"))]


def _read_files(project: Project, files: Sequence[str], call_id: str) -> list[Row] | None:
    """Read a call's turns from files; None where one of them is gone."""
    import duckdb

    try:
        return ask(project, IN_FILES, {"files": list(files), "call_id": call_id})
    except duckdb.IOException:
        return None
