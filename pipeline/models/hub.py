"""Hub: models that nobody pinned, as a user names them in `pipeline.toml`: a local folder or any model of the hub.

They land in the hub's own cache, which other programs of the user share, and are loaded from there without asking.

Errors: ModelError when the folder is missing or the hub has no such model.
"""

from pathlib import Path

from pipeline.config import ModelSettings
from pipeline.errors import ModelError
from pipeline.models.sources import DownloadProgress, SilentProgress, check_hub, download_snapshot

WHISPER_FILES = ["config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"]
# Copies of the same weights for other programs.
LEFT_OUT = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.ot", "*.msgpack", "*.gguf", "pytorch_model*.bin", "*.ckpt"]


def is_path(name: str) -> bool:
    """Say whether a model's name is a folder, or is written like one."""
    return Path(name).expanduser().is_dir() or name.startswith(("/", "~", "."))


def fetch_unpinned(name: str, settings: ModelSettings, progress: DownloadProgress) -> Path:
    """Find a local folder, or bring a model of the hub to this machine.

    Raises:
        ModelError: There is no such folder or no such model.
    """
    if is_path(name):
        folder = Path(name).expanduser()
        if not folder.is_dir():
            raise ModelError(f"Model folder '{name}' does not exist. Mend the name under [models] in pipeline.toml.")
        return folder
    found = find_unpinned(name)
    if found:
        return found
    repo, patterns = find_repo(name)
    progress.start(f"{name}: {repo}", 0)
    try:
        check_hub(settings)
        return download_snapshot(repo, progress, etag_timeout=settings.hub_timeout_s, **patterns)
    except ModelError as error:
        raise ModelError(
            f"Model '{name}' is neither in models.toml nor a folder, and cannot be had from the model hub. {error}"
            " `callreasons models list` shows the names that need no hub."
        ) from None


def find_unpinned(name: str) -> Path | None:
    """Find a model that nobody pinned on this machine: a local folder, or one that the hub's own cache holds."""
    if is_path(name):
        folder = Path(name).expanduser()
        return folder if folder.is_dir() else None
    repo, patterns = find_repo(name)
    try:
        return download_snapshot(repo, SilentProgress(), local_files_only=True, **patterns)
    except ModelError:
        return None


def find_repo(name: str) -> tuple[str, dict[str, list[str]]]:
    """Find the repository of a name and which of its files are needed.

    faster-whisper's short names ("small", "large-v3") are its own; any other name without an owner belongs to
    sentence-transformers.
    """
    from faster_whisper import utils

    known: dict[str, str] = getattr(utils, "_MODELS", {})
    if name in known:
        return known[name], {"allow_patterns": WHISPER_FILES}
    repo = name if "/" in name else f"sentence-transformers/{name}"
    return repo, {"ignore_patterns": LEFT_OUT}
