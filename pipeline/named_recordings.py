"""Named recordings: which file a manifest's row means, where the same file name may lie in several folders.

Errors: none of its own. A name that no file has, or that several files or names contend for, is not matched.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

SEVERAL_RULE = "named like several files or rows; write the folder before the name"
EXACT = 1_000  # a path that is there as written outdoes any that only ends alike


@dataclass(frozen=True)
class Matches:
    """Files by the name that a row gives, and the names that cannot be told apart."""

    files: Mapping[str, Path]
    several: frozenset[str]


def match_recordings(names: Iterable[str], folder: Path, hashes: Mapping[Path, str]) -> Matches:
    """Match names to the recordings whose paths end most alike.

    Args:
        names: What rows name: a path from the manifest's folder, of the recorder's own machine, or a bare file name.
        folder: The manifest's.
        hashes: The recordings that are there; two of one hash are one recording.
    """
    by_name: dict[str, list[Path]] = {}
    for path in sorted(hashes):
        by_name.setdefault(path.name, []).append(path)
    claims: dict[Path, dict[str, int]] = {}
    several = set[str]()
    for name in {name for name in names if name}:
        alike = {path: _count_alike(name, folder, path) for path in by_name.get(_split(name)[-1], ())}
        closest = [path for path, n_alike in alike.items() if n_alike == max(alike.values())]
        if len({hashes[path] for path in closest}) > 1:
            several.add(name)
        elif closest:
            claims.setdefault(closest[0], {})[name] = alike[closest[0]]
    return _settle(claims, several)


def _settle(claims: Mapping[Path, Mapping[str, int]], several: Collection[str]) -> Matches:
    """Give a file that several names claim to the closest; to none where two are as close."""
    files, contended = dict[str, Path](), set[str]()
    for path, claimed in claims.items():
        nearest = [name for name, n_alike in claimed.items() if n_alike == max(claimed.values())]
        if len({_split(name) for name in nearest}) > 1:
            contended.update(nearest)
        else:
            files.update(dict.fromkeys(nearest, path))
    return Matches(files, frozenset({*several, *contended}))


def _split(name: str) -> Sequence[str]:
    return PurePosixPath(name.replace("\\", "/")).parts or ("",)


def _count_alike(name: str, folder: Path, path: Path) -> int:
    """Count the last parts that a name and a path have in common."""
    if folder / name == path:
        return EXACT
    pairs = zip(reversed(_split(name)), reversed(path.parts), strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), len(_split(name)))
