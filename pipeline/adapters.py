"""Adapters: small taught changes of an encoder's weights, added when it is loaded.

An adapter is a file `meaning-<encoder>.npz` in `models/adapters/`, or `own-<encoder>.npz` when it was learned from a
project's own codes; the name holds the encoder's fingerprint, so that another version does not take it by mistake. For
each changed matrix W it holds two thin ones, and the encoder then works with W + left @ right. A projection to fewer
dimensions may come after the encoder. The encoder's library (see `pipeline.library`) lies in the same file.

Errors: ValueError when an adapter changes a matrix that the encoder does not have.
Source: low-rank adaptation (Hu et al., 2021).
"""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.library import Library, list_arrays
from pipeline.models.cache import hash_file
from pipeline.models.pins import find_defaults
from pipeline.tables import write_atomically

Floats = NDArray[np.float32]
Matrices = Mapping[str, tuple[NDArray[np.float16], NDArray[np.float16]]]  # by parameter: (n, rank), (rank, m)
LEFT, RIGHT = "|left", "|right"
PROJECTION = "projection"
HASH_DIGITS = 8
NO_JUDGE = "examples"  # stands for the name of an encoder without a judge


def find_adapter(encoder_name: str, own_folder: str = "") -> Path | None:
    """Find the adapter of an encoder by its name with the fingerprint: a project's own, else the package's, if any."""
    own = [Path(own_folder) / f"own-{encoder_name}.npz"] if own_folder else []
    paths = [*own, find_defaults() / "adapters" / f"meaning-{encoder_name}.npz"]
    return next((path for path in paths if path.exists()), None)


def find_judge(encoder_name: str) -> Path:
    """Find what tells reasons from the rest with an encoder; without a judge of its own, how to weigh the examples."""
    folder = find_defaults() / "adapters"
    path = folder / f"reasons-{encoder_name}.npz"
    return path if path.exists() else folder / f"reasons-{NO_JUDGE}.npz"


def name_adapted(encoder_name: str, path: Path) -> str:
    """Name an encoder with an adapter: rows of it never mix with those of the encoder alone."""
    return f"{encoder_name}-{hash_file(path)[:HASH_DIGITS]}"


def add_adapter(model: Any, path: Path) -> None:  # noqa: ANN401
    """Change a loaded sentence-transformers model's weights in place, and let the projection follow it."""
    import torch

    parameters = dict(model[0].auto_model.named_parameters())
    matrices = read_adapter(path)
    if missing := sorted(matrices.keys() - parameters.keys()):
        raise ValueError(f"{path.name} changes {missing[0]}, which the encoder does not have.")
    with torch.no_grad():
        for name, (left, right) in matrices.items():
            change = torch.from_numpy(_join((left, right)))
            parameters[name].add_(change.to(parameters[name].device))
    projection = read_projection(path)
    if projection is not None:
        _append_projection(model, projection)


def _append_projection(model: Any, projection: Floats) -> None:  # noqa: ANN401
    import torch
    from sentence_transformers.models import Dense

    weight = torch.from_numpy(projection.T.copy())
    layer = Dense(*projection.shape, bias=False, activation_function=torch.nn.Identity(), init_weight=weight)
    model.append(layer.to(model.device))


def fit_projection(embeddings: Floats, n_dims: int) -> Floats:
    """Find the directions that hold most of embeddings (n, dim): orthonormal columns, shape (dim, n_dims)."""
    rows = embeddings.astype(np.float64)
    _, directions = np.linalg.eigh(rows.T @ rows)
    return np.ascontiguousarray(directions[:, : -n_dims - 1 : -1], np.float32)


def read_projection(path: Path) -> Floats | None:
    """Read what an adapter projects embeddings by, (dim, n_dims), if it does."""
    with np.load(path) as arrays:
        return arrays[PROJECTION].astype(np.float32) if PROJECTION in arrays else None


def read_adapter(path: Path) -> Matrices:
    """Read an adapter's matrices."""
    with np.load(path) as arrays:
        names = sorted(key.removesuffix(LEFT) for key in arrays if key.endswith(LEFT))
        return {name: (arrays[name + LEFT], arrays[name + RIGHT]) for name in names}


def write_adapter(
    path: Path,
    changes: Mapping[str, Floats],
    *,
    rank: int,
    strength: float = 1.0,
    library: Library | None = None,
    projection: Floats | None = None,
) -> None:
    """Write the best approximation of each change of a matrix, or of a part of it, by two thin ones; and the rest."""
    arrays: dict[str, Any] = dict(list_arrays(library)) if library else {}
    arrays |= {} if projection is None else {PROJECTION: projection.astype(np.float16)}
    arrays |= thin_changes({name: strength * change for name, change in changes.items()}, rank)
    content = io.BytesIO()
    np.savez(content, **arrays)
    write_atomically(path, content.getvalue())


def thin_changes(changes: Mapping[str, Floats], rank: int) -> dict[str, NDArray[np.float16]]:
    """Approximate changes of matrices as a file holds them, two arrays each."""
    arrays = {}
    for name, change in sorted(changes.items()):
        left, right = _thin(change.astype(np.float64), rank)
        arrays[name + LEFT], arrays[name + RIGHT] = left.astype(np.float16), right.astype(np.float16)
    return arrays


def add_changes(changes: Mapping[str, Floats], adapter: Path | None) -> dict[str, Floats]:
    """Add to changes those of the adapter that the encoder already had when it was taught."""
    had = read_adapter(adapter) if adapter else {}
    return {name: change + _join(had[name]) if name in had else change for name, change in changes.items()}


def _thin(matrix: NDArray[np.float64], rank: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the two thin matrices whose product is nearest, from the eigenvectors of the smaller square: no full SVD."""
    if matrix.shape[0] < matrix.shape[1]:
        left, right = _thin(matrix.T, rank)
        return right.T, left.T
    squares, vectors = np.linalg.eigh(matrix.T @ matrix)
    roots = np.maximum(squares[: -rank - 1 : -1], np.finfo(np.float64).tiny) ** 0.25
    directions = vectors[:, : -rank - 1 : -1]
    return matrix @ directions / roots, (directions * roots).T


def _join(thin: tuple[NDArray[np.float16], NDArray[np.float16]]) -> Floats:
    left, right = thin
    joined: Floats = left.astype(np.float32) @ right.astype(np.float32)
    return joined
