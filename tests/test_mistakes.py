"""Mistakes in settings."""

import pytest

from pipeline.config import read_project
from pipeline.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[measure]\nwage = 30", "there is no setting 'measure.wage'. Did you mean wage_per_hour?"),
        ("[measure]\nwage_pr_hour = 30", "Did you mean wage_per_hour?"),
        ("[project]\nwage_per_hour = 30", "It stands in section [measure]."),
        ("[report]\ncolour = 'red'", "Section [report] has language, n_quotes."),
        ("[mesure]\nwage_per_hour = 30", "there is no section [mesure]. Did you mean [measure]?"),
        ("[sheep]\nx = 1", "The sections are project, models,"),
        ("[project]\ntimezone = 'Mars'", "'project.timezone' should be an IANA name"),
        ("[project]\ncurrency = 'Euro'", "'project.currency' should be a code of three letters such as 'EUR'"),
        ("[project]\nlanguages = 'en'", "'project.languages' should be a list in square brackets"),
        ("[project]\nlanguages = ['fr']", "'project.languages' should be 'zh' or 'en'"),
        ("[project]\nkeep_raw = 'perhaps'", "'project.keep_raw' should be true or false"),
        ("[measure]\nwage_per_hour = 'much'", "'measure.wage_per_hour' should be a number"),
        ("[measure]\nwage_per_hour = -1", "'measure.wage_per_hour' should be 0 or more"),
        ("[cluster]\nmin_calls = 2.5", "'cluster.min_calls' should be a whole number"),
        ("[ingest.units]\ntalk = 'min'", "'ingest.units.talk' should be 'wait_s', 'talk_s'"),
        ("[ingest.top_scores]\ncsat = 0", "'ingest.top_scores.csat' should be more than 0"),
        ("report = 1", "'report' should be a section with settings of its own"),
    ],
)
def test_a_wrong_setting_is_said_in_plain_words(tmp_path, text, said):
    """One line names the setting, the rule in a person's words, and what was probably meant."""
    (tmp_path / "pipeline.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_project(tmp_path)
    assert said in str(caught.value)
    assert not any(word in str(caught.value) for word in ("Input", "String", "Value error", "Extra", "\n"))
