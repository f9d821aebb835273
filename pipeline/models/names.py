"""Names: whether the models that `pipeline.toml` names can be had at all, before there is anything to hear.

Errors: SettingsError when a name can be no model.
"""

from collections.abc import Mapping
from pathlib import Path

from pipeline.config import SETTINGS_FILE, ModelSettings
from pipeline.errors import SettingsError
from pipeline.mistakes import find_likely
from pipeline.models.hub import is_path, list_whispers
from pipeline.models.pins import ModelPin, read_pins

KINDS = ("speech", "encoder", "speaker")  # settings of [models]; a pin's kind has the same word


def check_models(settings: ModelSettings) -> None:
    """Check that each model the settings name is pinned, a folder, or may be one of the hub; nothing is loaded.

    Raises:
        SettingsError: A name is no model that there can be.
    """
    pins = read_pins(settings)
    for kind in KINDS:
        name = getattr(settings, kind)
        if name and not _is_possible(name, kind, pins):
            raise SettingsError(f"{SETTINGS_FILE}: '{name}' is no {kind} model. {_advise(name, kind, pins)}")


def _is_possible(name: str, kind: str, pins: Mapping[str, ModelPin]) -> bool:
    if name in pins:
        return pins[name].kind == kind
    if is_path(name):
        return Path(name).expanduser().exists()
    return kind == "encoder" or "/" in name or (kind == "speech" and name in list_whispers())


def _advise(name: str, kind: str, pins: Mapping[str, ModelPin]) -> str:
    known = [one.name for one in pins.values() if one.kind == kind]
    known += list_whispers() if kind == "speech" else []
    likely = find_likely(name, known)
    meant = f"Did you mean {likely}? " if likely else ""
    return f"{meant}Mend `{kind}` under [models]: {', '.join(known)}, a folder, or a model of the hub with its owner."
