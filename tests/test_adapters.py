"""Adapters: small changes of weights belong to one encoder and are added exactly."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pipeline.adapters import (
    add_adapter,
    find_adapter,
    fit_projection,
    name_adapted,
    read_adapter,
    read_projection,
    write_adapter,
)
from pipeline.config import ModelSettings, Project, Settings
from pipeline.encoders import find_fingerprint, load_encoder, load_reason_encoder, make_encoder, make_reason_encoder

TAUGHT, REASONS = "all-MiniLM-L6-v2", "all-mpnet-base-v2"
QUICK = ModelSettings(encoder=TAUGHT)


def make_change(rank: int) -> np.ndarray:
    """Make a change of a 6 by 4 matrix that has a rank."""
    rng = np.random.default_rng(0)
    change: np.ndarray = (rng.normal(size=(6, rank)) @ rng.normal(size=(rank, 4))).astype(np.float32)
    return change


def test_a_change_of_low_rank_survives_the_file(tmp_path: Path) -> None:
    """Two thin matrices hold a change of no higher rank but for the rounding of half precision."""
    write_adapter(tmp_path / "a.npz", {"layer.weight": make_change(2)}, rank=2)
    left, right = read_adapter(tmp_path / "a.npz")["layer.weight"]
    assert left.shape == (6, 2) and right.shape == (2, 4)
    assert np.abs(left.astype(np.float32) @ right.astype(np.float32) - make_change(2)).max() < 5e-3


@pytest.mark.parametrize("shape", [(40, 12), (12, 40)])
def test_the_nearest_thin_matrices_are_kept(tmp_path: Path, shape: tuple[int, int]) -> None:
    """A change of any shape is kept as near as singular values say that a rank of four can be."""
    change = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    write_adapter(tmp_path / "a.npz", {"layer.weight": change}, rank=4)
    left, right = read_adapter(tmp_path / "a.npz")["layer.weight"]
    missed = np.linalg.norm(change - left.astype(np.float32) @ right.astype(np.float32))
    assert missed == pytest.approx(np.linalg.norm(np.linalg.svd(change)[1][4:]), rel=1e-3)


def test_a_change_is_added_to_its_matrix_alone(tmp_path: Path) -> None:
    """The named weights move by the change, the others stay."""
    model = torch.nn.ModuleDict({"one": torch.nn.Linear(4, 6), "two": torch.nn.Linear(4, 6)})
    wrapped = [SimpleNamespace(auto_model=model)]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    write_adapter(tmp_path / "a.npz", {"one.weight": make_change(1)}, rank=1)
    add_adapter(wrapped, tmp_path / "a.npz")
    moved = {name: (value - before[name]).abs().max().item() for name, value in model.state_dict().items()}
    assert moved.pop("one.weight") > 0.1 and set(moved.values()) == {0.0}


def test_an_adapter_of_another_model_is_refused(tmp_path: Path) -> None:
    """A matrix that the model does not have is a mistake of ours, said by name."""
    write_adapter(tmp_path / "a.npz", {"three.weight": make_change(1)}, rank=1)
    with pytest.raises(ValueError, match=r"a\.npz changes three\.weight"):
        model = torch.nn.ModuleDict({"one": torch.nn.Linear(4, 6)})
        add_adapter([SimpleNamespace(auto_model=model)], tmp_path / "a.npz")


def test_the_english_encoder_has_its_adapter() -> None:
    """The file's name holds the fingerprint of the pinned encoder; the stronger one has its own."""
    for name in (TAUGHT, REASONS):
        assert find_adapter(find_fingerprint(name, ModelSettings())), f"{name} has no adapter: teach it"


def test_another_encoder_has_none() -> None:
    """An encoder that was not taught works alone."""
    assert find_adapter("somebody-elses-12345678") is None


@pytest.mark.model
def test_the_reason_encoder_is_another_model() -> None:
    """Its rows differ, have unit length, and go by another name; the settings can do without it."""
    texts = ["my card was stolen", "somebody took my card", "what is the weather"]
    plain, taught = load_encoder(TAUGHT, QUICK), load_reason_encoder(TAUGHT, QUICK)
    rows = taught.encode(texts)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.abs(rows - plain.encode(texts)).max() > 0.01
    adapter = find_adapter(plain.name)
    assert adapter and taught.name == name_adapted(plain.name, adapter)
    assert load_reason_encoder(TAUGHT, QUICK.model_copy(update={"adapters": False})).name == plain.name


def test_a_projection_keeps_what_counts(tmp_path: Path) -> None:
    """Its columns are orthonormal, what varies in few dimensions is kept, and a file holds it to half precision."""
    rows = (np.random.default_rng(0).normal(size=(50, 3)) @ np.random.default_rng(1).normal(size=(3, 8))).astype("f4")
    projection = fit_projection(rows, 3)
    assert projection.shape == (8, 3) and np.allclose(projection.T @ projection, np.eye(3), atol=1e-5)
    assert np.allclose(rows @ projection @ projection.T, rows, atol=1e-4)
    write_adapter(tmp_path / "a.npz", {"layer.weight": make_change(1)}, rank=1, projection=projection)
    read = read_projection(tmp_path / "a.npz")
    assert read is not None and np.allclose(read, projection, atol=1e-3)
    assert list(read_adapter(tmp_path / "a.npz")) == ["layer.weight"]


@pytest.mark.model
def test_english_reasons_are_embedded_by_a_stronger_model() -> None:
    """It is half as wide as it was made, knows the library, and rows depend on no order, hardly on neighbours."""
    texts = ["my card was stolen", "i lost my card somewhere", "why is my claim still open after three weeks", ""]
    encoder = load_reason_encoder(TAUGHT, ModelSettings())
    rows = encoder.encode(texts)
    assert encoder.name.startswith(REASONS) and rows.shape == (4, 384) and encoder.library is not None
    assert encoder.library.centres.shape[1] == encoder.dim == 384
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.array_equal(encoder.encode(texts[::-1]), rows[::-1])
    alone = np.vstack([encoder.encode([text]) for text in texts])
    assert (rows * alone).sum(axis=1).min() > 0.9998


@pytest.mark.model
def test_readers_see_the_reason_encoders_rows(project: Project) -> None:
    """Whatever other stages embed with the plain encoder, the table shows the rows that codes are matched by."""
    project = replace(project, settings=Settings.model_validate({"project": {"languages": ["en"]}}))
    make_encoder(project).encode(["hello"])
    reasons = make_reason_encoder(project)
    reasons.encode(["my parcel is late"])
    make_encoder(project).encode(["goodbye"])
    assert project.store.current("embeddings") == [reasons.name]
    assert project.store.read("embeddings").num_rows == 1


@pytest.mark.model
def test_an_adapter_is_added_to_a_copy(tmp_path: Path) -> None:
    """An encoder with an adapter embeds otherwise; the one that it was made from as before."""
    encoder = load_encoder(TAUGHT, ModelSettings())
    before = encoder.encode(["my card was stolen"])
    change = np.random.default_rng(0).normal(scale=0.05, size=(384, 384)).astype(np.float32)
    write_adapter(tmp_path / "a.npz", {"encoder.layer.5.attention.self.value.weight": change}, rank=4)
    adapted = encoder.with_adapter(tmp_path / "a.npz")
    assert adapted.name == name_adapted(encoder.name, tmp_path / "a.npz")
    assert float((adapted.encode(["my card was stolen"]) @ before.T).item()) < 0.999
    assert np.array_equal(encoder.encode(["my card was stolen"]), before)
