"""Names of models in the settings."""

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.config import ModelSettings
from pipeline.errors import SettingsError
from pipeline.models.names import check_models


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("speech", "whisper-base"),
        ("speech", "large-v3"),
        ("speech", "Systran/faster-whisper-small"),
        ("encoder", ""),
        ("encoder", "all-MiniLM-L6-v2"),
        ("encoder", "paraphrase-multilingual-MiniLM-L12-v2"),
    ],
)
def test_a_model_that_can_be_had_passes(setting, name):
    """Pinned names, faster-whisper's short names and names of the hub are right, and nothing is fetched."""
    check_models(ModelSettings(**{setting: name}))


@pytest.mark.parametrize(
    ("setting", "name", "said"),
    [
        ("speech", "large-v9", "Did you mean large-v"),
        ("speech", "all-MiniLM-L6-v2", "is no speech model"),
        ("speech", "/nowhere/whisper", "whisper-base, tiny"),
        ("encoder", "whisper-base", "is no encoder model"),
        ("speaker", "unknown", "speaker-ge2e, a folder"),
    ],
)
def test_a_model_that_there_is_not_is_said_at_once(setting, name, said):
    """A name that is no model of its kind is a setting to mend, and the known ones are named."""
    with pytest.raises(SettingsError, match=r"models\]") as caught:
        check_models(ModelSettings(**{setting: name}))
    assert said in str(caught.value)


def test_an_unknown_speech_model_ends_a_run_with_nothing_to_hear(tmp_path):
    """The mistake is said with the settings, not on the first night that there is a recording."""
    (tmp_path / "pipeline.toml").write_text("[models]\nspeech = 'large-v9'")
    (tmp_path / "recordings").mkdir()
    ended = CliRunner().invoke(app, ["run", "--project", str(tmp_path)])
    assert isinstance(ended.exception, SettingsError)
