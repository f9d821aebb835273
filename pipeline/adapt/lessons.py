"""Lessons: sentences by source and reason, to learn from which sentences give the same reason.

A file of lessons has a row a sentence: `text`, and `reason` or a list `reasons` of which the first counts; each
`domain`, where there is such a column, is a source of its own. Turns of chats with `intents` are labelled too coarsely
to teach reasons; those that only give details are asides, put around others so that the encoder learns to look past.

Errors: InputError when a file cannot be read or has no reasons.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.encoders import Encoder
from pipeline.errors import InputError
from pipeline.languages import has_chinese
from pipeline.rows import Row, read_rows

N_EACH = 2  # sentences of a reason in a batch, so the least that a reason must have
SUFFIXES = (".csv", ".jsonl", ".parquet")
REASON_COLUMNS = ("reason", "reasons")
ASIDE_INTENTS = ["contentonly"]  # what MultiDoGO calls a turn that only gives details
ASIDE_WORDS = range(3, 15)
N_CENTRED = 20  # sentences of a reason that say where it lies
N_DOMAINS = 5

Pool = Mapping[str, tuple[str, ...]]  # sentences by reason


@dataclass(frozen=True)
class Lessons:
    """Sentences by source and reason, and what is said around reasons."""

    pools: Mapping[str, Pool] = field(repr=False)
    asides: tuple[str, ...] = field(default=(), repr=False)

    @property
    def n_reasons(self) -> int:
        """Over all sources."""
        return sum(map(len, self.pools.values()))


def list_lesson_files(paths: Sequence[Path], leave_out: Collection[str] = ()) -> list[Path]:
    """List the files that are named or lie in folders that are named, without those whose stem is left out.

    Raises:
        InputError: A path is missing, a folder has no such file, or no file is left.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InputError(f"{path} is not there. Check the path.")
        found += sorted(one for one in path.iterdir() if one.suffix in SUFFIXES) if path.is_dir() else [path]
    kept = [path for path in found if path.stem not in leave_out]
    if not kept:
        raise InputError(f"No lessons in {', '.join(map(str, paths))}. Name files or folders of {', '.join(SUFFIXES)}.")
    return kept


def read_lessons(paths: Sequence[Path], *, english_only: bool = False) -> Lessons:
    """Read files of lessons; a reason with a single sentence teaches nothing and is left out.

    Args:
        paths: Files of rows.
        english_only: Leave out what is written in Chinese characters.

    Raises:
        InputError: A file cannot be read, or none has two sentences of a reason.
    """
    found: dict[str, dict[str, dict[str, None]]] = {}
    asides: dict[str, None] = {}
    for path in paths:
        for row in read_rows(path):
            text = str(row["text"])
            if english_only and has_chinese(text):
                continue
            if "intents" in row:
                if list(row["intents"]) == ASIDE_INTENTS and len(text.split()) in ASIDE_WORDS:
                    asides[text] = None
            elif reason := _find_reason(row, path):
                source = " ".join((path.stem.replace(" ", "_"), str(row.get("domain") or ""))).strip()
                found.setdefault(source, {}).setdefault(reason, {})[text] = None
    pools = {source: _keep_teaching(by_reason) for source, by_reason in found.items()}
    pools = {source: pool for source, pool in pools.items() if len(pool) > 1}
    if not pools:
        raise InputError(f"{paths[0]} should have several reasons with two sentences each. Add sentences.")
    return Lessons(pools, tuple(asides))


def find_file(source: str) -> str:
    """Find the file of a source by its name."""
    return source.partition(" ")[0]


def _keep_teaching(by_reason: Mapping[str, Mapping[str, None]]) -> Pool:
    return {reason: tuple(texts) for reason, texts in sorted(by_reason.items()) if len(texts) >= N_EACH}


def _find_reason(row: Row, path: Path) -> str:
    """Find the first reason of a row; empty where it has none."""
    for column in REASON_COLUMNS:
        if column in row:
            value = row[column]
            return str(next(iter(value), "") if isinstance(value, list | tuple) else value or "")
    raise InputError(f"{path} should have a column 'reason' beside 'text' (found: {', '.join(row)}). Name it so.")


def split_lessons(lessons: Lessons, held_out: Collection[str]) -> tuple[Lessons, Lessons]:
    """Part the lessons into those that teach and those, of the reasons held out, by which to choose."""

    def keep(is_held: bool) -> Lessons:
        pools = {
            source: {reason: texts for reason, texts in pool.items() if (reason in held_out) == is_held}
            for source, pool in lessons.pools.items()
        }
        return Lessons({source: pool for source, pool in pools.items() if len(pool) > 1}, lessons.asides)

    return keep(is_held=False), keep(is_held=True)


def find_domain(lessons: Lessons, encoder: Encoder) -> frozenset[str]:
    """Find about a fifth of the largest source's reasons that lie together for an untaught encoder."""
    from scipy.cluster.hierarchy import fcluster, linkage

    pool = max(lessons.pools.values(), key=len)
    reasons = sorted(pool)
    if len(reasons) < N_DOMAINS:
        return frozenset()
    centres = np.stack([encoder.encode(pool[reason][:N_CENTRED]).mean(axis=0) for reason in reasons])
    domains = fcluster(linkage(centres, "ward"), N_DOMAINS, criterion="maxclust")
    sizes = np.bincount(domains)[1:]
    chosen = 1 + int(np.argmin(np.abs(sizes - len(reasons) / N_DOMAINS)))
    return frozenset(reason for reason, domain in zip(reasons, domains, strict=True) if domain == chosen)


def read_names(path: Path) -> frozenset[str]:
    """Read names, one a line.

    Raises:
        InputError: There is no such file.
    """
    try:
        return frozenset(line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError):
        raise InputError(f"{path} is no text file. Name a file with one reason a line.") from None
