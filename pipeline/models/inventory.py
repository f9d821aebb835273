"""Inventory: which models there are, which of them this project uses, and whether the cached files are still right.

Errors: none of its own; a model that is missing or damaged is a row, not an error.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.config import Project
from pipeline.models.cache import find_folder, find_mismatches, forget_stamp, is_intact
from pipeline.models.hub import find_unpinned
from pipeline.models.pins import ModelPin, read_pins

SENTENCE_MODEL = "en-core-web-sm"  # splits and tags English; redaction and clauses rest on it


@dataclass(frozen=True)
class ModelRow:
    """One model, pinned or named by the user."""

    name: str
    kind: str
    license: str
    size_bytes: int
    is_pinned: bool
    is_used: bool
    is_cached: bool
    folder: str


@dataclass(frozen=True)
class Verdict:
    """What hashing a model's files again has shown."""

    name: str
    state: Literal["right", "damaged", "not fetched", "not pinned"]
    problems: tuple[str, ...] = ()


def find_used(project: Project) -> tuple[str, ...]:
    """Name the models that a run of this project loads."""
    models = project.settings.models
    english = (SENTENCE_MODEL,) if "en" in project.settings.project.languages else ()
    return (models.speech, *project.encoders, models.speaker, *english)


def list_models(project: Project) -> list[ModelRow]:
    """List every pinned model and whatever else the project names."""
    pins, used = read_pins(project.settings.models), find_used(project)
    rows = [_list_pinned(pin, is_used=pin.name in used) for pin in pins.values()]
    return rows + [_list_unpinned(name) for name in dict.fromkeys(used) if name not in pins]


def _list_pinned(pin: ModelPin, *, is_used: bool) -> ModelRow:
    folder = find_folder(pin)
    is_cached = is_intact(folder, pin)
    return ModelRow(
        pin.name,
        pin.kind,
        pin.license,
        pin.size_bytes,
        is_pinned=True,
        is_used=is_used,
        is_cached=is_cached,
        folder=str(folder) if is_cached else "",
    )


def _list_unpinned(name: str) -> ModelRow:
    folder = find_unpinned(name)
    files = [path for path in folder.rglob("*") if path.is_file()] if folder else []
    return ModelRow(
        name,
        "",
        "",
        sum(path.stat().st_size for path in files),
        is_pinned=False,
        is_used=True,
        is_cached=folder is not None,
        folder=str(folder or ""),
    )


def verify_models(project: Project, names: Iterable[str]) -> list[Verdict]:
    """Hash the cached files of models again and compare them with their pins."""
    pins = read_pins(project.settings.models)
    return [_verify(name, pins.get(name)) for name in names]


def _verify(name: str, pin: ModelPin | None) -> Verdict:
    if pin is None:
        return Verdict(name, "not pinned")
    folder: Path = find_folder(pin)
    if not folder.is_dir():
        return Verdict(name, "not fetched")
    problems = tuple(find_mismatches(folder, pin.files))
    if problems:
        forget_stamp(folder)  # so that the next load sees it too and fetches the model again
    return Verdict(name, "damaged" if problems else "right", problems)
