"""Adapters: small taught changes of an encoder's weights, added when it is loaded.

An adapter is a file `meaning-<encoder>.npz` in `models/adapters/`; the name holds the encoder's fingerprint, so that
another version of the encoder does not take it by mistake. For each changed matrix W it holds two thin ones, and the
encoder then works with W + left @ right.

Errors: ValueError when an adapter changes a matrix that the encoder does not have.
Source: low-rank adaptation (Hu et al., 2021).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.models.cache import hash_file
from pipeline.models.pins import find_defaults

Matrices = Mapping[str, tuple[NDArray[np.float16], NDArray[np.float16]]]  # by parameter: (n, rank), (rank, m)
HASH_DIGITS = 8


def find_adapter(encoder_name: str) -> Path | None:
    """Find the adapter of an encoder by its name with the fingerprint, if there is one."""
    path = find_defaults() / "adapters" / f"meaning-{encoder_name}.npz"
    return path if path.exists() else None


def name_adapted(encoder_name: str, path: Path) -> str:
    """Name an encoder with an adapter: rows of it never mix with those of the encoder alone."""
    return f"{encoder_name}-{hash_file(path)[:HASH_DIGITS]}"


def add_adapter(model: Any, path: Path) -> None:  # noqa: ANN401
    """Change a loaded torch model's weights in place."""
    import torch

    parameters = dict(model.named_parameters())
    matrices = read_adapter(path)
    if missing := sorted(matrices.keys() - parameters.keys()):
        raise ValueError(f"{path.name} changes {missing[0]}, which the encoder does not have.")
    with torch.no_grad():
        for name, (left, right) in matrices.items():
            change = torch.from_numpy(left.astype(np.float32) @ right.astype(np.float32))
            parameters[name].add_(change.to(parameters[name].device))


def read_adapter(path: Path) -> Matrices:
    """Read an adapter's matrices."""
    with np.load(path) as arrays:
        names = sorted({key.rpartition("|")[0] for key in arrays})
        return {name: (arrays[f"{name}|left"], arrays[f"{name}|right"]) for name in names}


def write_adapter(path: Path, changes: Mapping[str, NDArray[np.float32]], *, rank: int) -> None:
    """Write the best approximation of each change of a matrix by two thin ones."""
    arrays = {}
    for name, change in sorted(changes.items()):
        left, scales, right = np.linalg.svd(change.astype(np.float64), full_matrices=False)
        roots = np.sqrt(scales[:rank])
        arrays[f"{name}|left"] = (left[:, :rank] * roots).astype(np.float16)
        arrays[f"{name}|right"] = (roots[:, None] * right[:rank]).astype(np.float16)
    np.savez(path, **arrays)
