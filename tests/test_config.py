"""Settings."""

import tomllib
from pathlib import Path

import pytest

from pipeline.config import ModelSettings, Settings, choose_reason_base, read_project
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


@pytest.mark.parametrize(
    ("encoder", "reason_encoder", "expected"),
    [
        ("", "", "all-mpnet-base-v2"),
        ("all-MiniLM-L6-v2", "", "all-MiniLM-L6-v2"),
        ("", "all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
        ("some/other", "", "some/other"),
        ("some/other", "all-mpnet-base-v2", "all-mpnet-base-v2"),
    ],
)
def test_a_stronger_encoder_embeds_english_reasons(encoder, reason_encoder, expected):
    """It stands beside the usual one; whoever names an encoder gets that one for everything."""
    settings = ModelSettings(encoder=encoder, reason_encoder=reason_encoder)
    assert choose_reason_base(encoder or "all-MiniLM-L6-v2", settings) == expected
    assert choose_reason_base("multilingual-e5-small", ModelSettings()) == "multilingual-e5-small"
