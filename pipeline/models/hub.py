"""Hub: models that nobody pinned, as a user names them in `pipeline.toml`: a local folder or any model of the hub.

They land in the hub's own cache, which other programs of the user share. A note in our cache says where, so that later
loads ask nobody, and an interrupted download is not taken for a model.

Errors: ModelError when the folder is missing or the hub has no such model.
"""

from pathlib import Path

from pipeline.config import ModelSettings
from pipeline.errors import ModelError
from pipeline.models.cache import find_cache
from pipeline.models.sources import DownloadProgress, SilentProgress, check_hub, download_snapshot, list_files
from pipeline.tables import write_atomically

WHISPER_FILES = ["config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"]
# Copies of the same weights for other programs; the last one only where there are safetensors.
LEFT_OUT = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.ot", "*.msgpack", "*.gguf", "*.ckpt"]
OLD_WEIGHTS = "pytorch_model*.bin"


def is_path(name: str) -> bool:
    """Say whether a model's name is a folder, or is written like one."""
    return Path(name).expanduser().is_dir() or name.startswith(("/", "~", "."))


def fetch_unpinned(name: str, settings: ModelSettings, progress: DownloadProgress) -> Path:
    """Find a local folder, or bring a model of the hub to this machine.

    Raises:
        ModelError: There is no such folder or no such model.
    """
    found = find_unpinned(name)
    if found:
        return found
    if is_path(name):
        raise ModelError(f"Model folder '{name}' does not exist. Mend the name under [models] in pipeline.toml.")
    repo = find_repo(name)
    progress.start(f"{name}: {repo}", 0)
    try:
        folder = _download(repo, settings, progress)
    except ModelError as error:
        folder = _find_in_hub_cache(repo, name, why=str(error))
    note = _find_note(repo)
    note.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(note, str(folder).encode())
    return folder


def find_unpinned(name: str) -> Path | None:
    """Find a model that nobody pinned on this machine: a local folder, or one that was fetched before."""
    if is_path(name):
        folder = Path(name).expanduser()
    else:
        note = _find_note(find_repo(name))
        folder = Path(note.read_text()) if note.is_file() else note
    return folder if folder.is_dir() else None


def find_repo(name: str) -> str:
    """Find the repository of a name.

    faster-whisper's short names ("small", "large-v3") are its own; any other name without an owner belongs to
    sentence-transformers.
    """
    return _find_whispers().get(name) or (name if "/" in name else f"sentence-transformers/{name}")


def list_whispers() -> list[str]:
    """List faster-whisper's short names, small models first."""
    return list(_find_whispers())


def _find_whispers() -> dict[str, str]:
    from faster_whisper import utils

    return getattr(utils, "_MODELS", {})


def _find_note(repo: str) -> Path:
    return find_cache().parent / "unpinned" / repo.replace("/", "--")


def _download(repo: str, settings: ModelSettings, progress: DownloadProgress) -> Path:
    check_hub(settings)
    files = list_files(repo)
    if "model.bin" in files:
        return download_snapshot(repo, progress, allow_patterns=WHISPER_FILES, etag_timeout=settings.hub_timeout_s)
    has_safetensors = any(file.endswith(".safetensors") for file in files)
    left_out = [*LEFT_OUT, OLD_WEIGHTS] if has_safetensors else LEFT_OUT
    return download_snapshot(repo, progress, ignore_patterns=left_out, etag_timeout=settings.hub_timeout_s)


def _find_in_hub_cache(repo: str, name: str, *, why: str) -> Path:
    """Find what another program, or a copy by hand, has put into the hub's cache."""
    try:
        return download_snapshot(repo, SilentProgress(), local_files_only=True)
    except ModelError:
        raise ModelError(
            f"Model '{name}' is neither in models.toml nor a folder, and cannot be had from the model hub. {why}"
            " `callreasons models list` shows the names that need no hub."
        ) from None
