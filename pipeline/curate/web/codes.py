"""Codes: what the pages show of the taxonomy's codes, with what was counted of each.

Errors: TaxonomyError when the file breaks a rule of its own.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipeline.config import Project
from pipeline.curate.web.snapshot import Row, ask
from pipeline.taxonomy import TAXONOMY_FILE, Code, Taxonomy, read_taxonomy

SORTS = ("number", "calls", "cost", "feeling", "examples")
N_SECOND = 5
COUNTED = (
    "select reason_id, n_calls, share_ratio, n_negative, n_neutral, n_positive, handle_time_s, cost, currency, "
    "n_repeat_calls, resolved_ratio from reason_metrics where reason_kind = 'code' and period = 'all'"
)


@dataclass(frozen=True)
class Shown:
    """A code with what was counted of it; `counted` is empty when nothing was."""

    code: Code
    counted: Row

    @property
    def n_calls(self) -> int:
        """Calls about it."""
        return int(self.counted.get("n_calls") or 0)


def list_codes(project: Project, words: str = "", sort: str = "number") -> list[Shown]:
    """List the codes whose number, name or owner has the words, active ones first."""
    counted = {row["reason_id"]: row for row in ask(project, COUNTED)}
    shown = [Shown(code, counted.get(code.number, {})) for code in read_codes(project).codes if _has(code, words)]
    return sorted(shown, key=lambda one: (not one.code.is_active, *_rank(one, sort)))


def find_code(project: Project, number: str) -> Shown | None:
    """Find one code."""
    code = read_codes(project).find_code(number)
    if code is None:
        return None
    rows = ask(project, f"{COUNTED} and reason_id = $number", {"number": number})
    return Shown(code, rows[0] if rows else {})


def list_second_codes(project: Project, number: str) -> list[Row]:
    """List the codes that this one is closest to being mixed up with."""
    return ask(project, "second_codes", {"reason_id": number, "n": N_SECOND})


def read_codes(project: Project) -> Taxonomy:
    """Read the taxonomy; the same file is not read twice."""
    path = project.taxonomy / TAXONOMY_FILE
    status = path.stat() if path.exists() else None
    return _read_once(path, status.st_mtime_ns if status else 0, status.st_size if status else 0)


@lru_cache(maxsize=4)
def _read_once(path: Path, modified_ns: int, n_bytes: int) -> Taxonomy:
    return read_taxonomy(path) if modified_ns or n_bytes else Taxonomy()


def _has(code: Code, words: str) -> bool:
    told = " ".join((code.number, code.owner, *code.names.values())).lower()
    return words.lower() in told


def _rank(one: Shown, sort: str) -> tuple[float | str, ...]:
    """What the list is in the order of: numbers as they are read, everything else largest first."""
    number = one.code.number.zfill(20)
    if sort == "number":
        return (number,)
    largest = {
        "calls": one.n_calls,
        "cost": one.counted.get("cost") or 0.0,
        "feeling": (one.counted.get("n_negative") or 0) / max(1, one.n_calls),
        "examples": len(one.code.examples),
    }
    return (-largest[sort], number)
