"""Settings."""

import tomllib
from pathlib import Path

import pytest

from pipeline.config import Settings, read_project
from pipeline.errors import SettingsError

REPOSITORY = Path(__file__).parent.parent


def test_the_commented_file_holds_the_defaults():
    """pipeline.toml lists every setting at its default, so the comments are the reference."""
    written = tomllib.loads((REPOSITORY / "pipeline.toml").read_text())
    assert written == Settings().model_dump(mode="json")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("[project]\ntimezone = 'Mars'", "IANA"),
        ("[project]\ncolour = 1", "project.colour"),
        ("[measure]\nwage_per_hour = -1", "measure.wage_per_hour"),
        ("[project\n", "TOML"),
        ("[report]\nlanguage = 'fr'", "report.language"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, line, word):
    """A wrong setting is one line that names it."""
    (tmp_path / "pipeline.toml").write_text(line)
    with pytest.raises(SettingsError, match=word) as caught:
        read_project(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_folder_without_settings_says_how_to_make_one(tmp_path):
    """A folder that is no project names the command that makes one."""
    with pytest.raises(SettingsError, match="callreasons init"):
        read_project(tmp_path)


def test_english_alone_takes_the_english_encoder(tmp_path):
    """The encoder follows the languages unless it is named."""
    (tmp_path / "pipeline.toml").write_text("[project]\nlanguages = ['en']")
    assert read_project(tmp_path).encoder == "all-MiniLM-L6-v2"
