"""Pins: what `models.toml` says of each model: its files by SHA-256, its place on the hub, the packages that carry it.

The project's own `models/models.toml` comes first, model by model, then the one that belongs to this version.

Errors: ModelError when a models.toml cannot be read or breaks a rule.
"""

import tomllib
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pipeline.config import ModelSettings
from pipeline.errors import ModelError
from pipeline.tables import hash_text

PINS_FILE = "models.toml"
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Pinned(BaseModel):
    """A part of `models.toml`: fixed once read, and without unknown entries."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FilePin(Pinned):
    """One file: its place in the model's folder, its size, its hash, and the carriers' members it is joined from."""

    path: str
    size_bytes: int
    sha256: Sha256
    members: tuple[str, ...] = ()

    @field_validator("path")
    @classmethod
    def _check_path(cls, value: str) -> str:
        if PurePosixPath(value).is_absolute() or ".." in PurePosixPath(value).parts:
            raise ValueError("should lie inside the model's folder")
        return value


class HubPin(Pinned):
    """A repository on the model hub that holds the very same files."""

    repo: str
    revision: str


class ModelPin(Pinned):
    """One model of `models.toml`."""

    name: str
    kind: Literal["speech", "encoder", "speaker", "language", "voice"]
    about: str
    license: str
    dim: int = 0
    hub: HubPin | None = None
    carriers: tuple[str, ...] = ()
    carrier_folder: str = ""
    platform: str = ""
    converter: Literal["", "e5_q4", "archive"] = ""
    made_of: tuple[FilePin, ...] = ()
    files: tuple[FilePin, ...]

    @property
    def fingerprint(self) -> str:
        """Name the exact files: eight hex digits."""
        return hash_text("\n".join(sorted(f"{file.sha256} {file.path}" for file in self.files)))[:8]

    @property
    def carried(self) -> tuple[FilePin, ...]:
        """What a source must deliver: the files themselves, or what they are converted from."""
        return self.made_of or self.files

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(file.size_bytes for file in self.files)


def find_defaults() -> Path:
    """Find the `models` folder of this version: in a checkout beside the package, else inside the package."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "defaults" / "models"
    return inside if inside.is_dir() else package.parent / "models"


def read_pins(settings: ModelSettings | None = None) -> dict[str, ModelPin]:
    """Read every pinned model by name.

    Args:
        settings: Names the project's own models.toml, when it has one.

    Raises:
        ModelError: A models.toml cannot be read.
    """
    pins = _read_file(find_defaults() / PINS_FILE)
    return pins | _read_file(Path(settings.pins)) if settings and settings.pins else pins


def _read_file(path: Path) -> dict[str, ModelPin]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: ModelPin.model_validate({"name": name} | entry) for name, entry in entries.items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{path} cannot be read: {error}. Mend it or delete it.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"{path}: {error.title} entry '{where}': {first['msg']}. Mend it or delete it.") from None
