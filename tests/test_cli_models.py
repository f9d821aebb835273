"""`callreasons models`: what is listed, fetched and verified, for a person and for a program."""

import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from pipeline.cli import models
from pipeline.cli.downloads import ConsoleDownloads
from pipeline.errors import ModelError
from pipeline.models.inventory import Verdict


def run(*arguments: str) -> list[str]:
    """Run the command and return its lines."""
    finished = CliRunner().invoke(models.app, arguments, catch_exceptions=False)
    assert finished.exit_code == 0
    return finished.output.splitlines()


def test_list_names_every_model(tmp_path: Path) -> None:
    """Outside a project the list has every pinned model, with what the default settings use."""
    rows = [json.loads(line) for line in run("list", "--json", "--project", str(tmp_path))]
    used = {row["name"] for row in rows if row["is_used"]}
    assert used == {"whisper-base", "multilingual-e5-small", "speaker-ge2e", "en-core-web-sm"}
    assert all(row["is_pinned"] and row["license"] for row in rows)


def test_unpinned_model_is_marked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that the user names is listed as not pinned."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "pipeline.toml").write_text('[models]\nspeech = "mine"\n')
    models.show_models(project=tmp_path)
    assert "not pinned" in capsys.readouterr().out


def test_fetch_brings_what_a_run_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without names, fetch brings the models that a run of this project loads, and says where they are."""
    monkeypatch.setattr(models, "fetch_model", lambda name, *_, **__: Path("/cache") / name)
    (tmp_path / "pipeline.toml").write_text('[project]\nlanguages = ["zh"]\n')
    rows = [json.loads(line) for line in run("fetch", "--json", "--project", str(tmp_path))]
    assert [row["name"] for row in rows] == ["whisper-base", "multilingual-e5-small", "speaker-ge2e"]
    assert rows[0]["folder"] == "/cache/whisper-base"


def test_damaged_model_ends_verify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verify lists every model and then fails with the command that mends the damaged one."""
    verdicts = [Verdict("whisper-base", "damaged", ("'model.bin' is missing.",)), Verdict("speaker-ge2e", "right")]
    monkeypatch.setattr(models, "verify_models", lambda *_: verdicts)
    with pytest.raises(ModelError, match="callreasons models fetch whisper-base") as caught:
        models.verify(project=tmp_path, as_json=True)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("quiet", [False, True])
def test_downloads_are_plain_lines_in_a_log(quiet: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no terminal a download is one line, and none when quiet."""
    with ConsoleDownloads(Console(force_terminal=False), quiet=quiet) as downloads:
        downloads.start("whisper-base: package 1 of 2", 0)
        downloads.update(5, 10)
    assert capsys.readouterr().out == ("" if quiet else "fetching whisper-base: package 1 of 2\n")


def test_downloads_are_a_bar_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal a bar shows how much of the current download is done."""
    with ConsoleDownloads(Console(force_terminal=True, width=100)) as downloads:
        downloads.start("speaker-ge2e: package 1 of 1", 0)
        downloads.update(5_000_000, 10_000_000)
        downloads.bar.refresh()
    assert "5.0/10.0 MB" in capsys.readouterr().out
