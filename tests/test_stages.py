"""Stages."""

from dataclasses import replace

import pytest
from conftest import NOW, SilentProgress

from pipeline import encoders
from pipeline.config import Settings
from pipeline.errors import SettingsError
from pipeline.stages import STAGES, RunOptions, choose_stages, find_stage, make_fingerprint, run_stages
from pipeline.state import read_failures, write_said


def test_stages_come_after_what_they_build_on():
    """Every stage stands behind the stages it depends on."""
    names = [stage.name for stage in STAGES]
    for stage in STAGES:
        assert all(names.index(before) < names.index(stage.name) for before in stage.after)


def test_from_and_until_choose_a_stretch():
    """A run can start and stop anywhere, in order."""
    assert [stage.name for stage in choose_stages("extract", "assign")] == ["extract", "embed", "assign"]
    with pytest.raises(SettingsError, match="comes before"):
        choose_stages("assign", "extract")
    with pytest.raises(SettingsError, match="The stages are ingest"):
        choose_stages("listen", None)


@pytest.mark.parametrize(
    ("section", "change", "stage", "changes"),
    [
        ("assign", {"min_score_ratio": 0.7}, "assign", True),
        ("assign", {"min_score_ratio": 0.7}, "cluster", True),
        ("assign", {"min_score_ratio": 0.7}, "extract", False),
        ("roles", {"channels": ("customer", "agent")}, "signals", True),
        ("report", {"language": "zh"}, "measure", False),
        ("models", {"encoder": "all-MiniLM-L6-v2"}, "extract", True),
    ],
)
def test_a_setting_reaches_what_depends_on_it(project, section, change, stage, changes):
    """A changed setting makes its stage and those behind it work again, and no other."""
    settings = project.settings.model_dump()
    other = replace(project, settings=Settings.model_validate({**settings, section: {**settings[section], **change}}))
    before, after = (make_fingerprint(find_stage(stage), one) for one in (project, other))
    assert (before != after) is changes


def test_a_changed_taxonomy_assigns_again(project):
    """The taxonomy's content is part of what codes are made with."""
    before = make_fingerprint(find_stage("assign"), project)
    project.taxonomy.mkdir()
    (project.taxonomy / "reason_codes.yaml").write_text("codes: []")
    assert make_fingerprint(find_stage("assign"), project) != before


def test_another_judge_finds_reasons_again(project, tmp_path, monkeypatch):
    """What tells reasons from the rest is part of what they are made with, and of nothing before them."""
    judge = tmp_path / "reasons.npz"
    monkeypatch.setattr(encoders, "find_judge", lambda _: judge)
    judge.write_bytes(b"one")
    before = [make_fingerprint(find_stage(name), project) for name in ("roles", "extract", "assign")]
    judge.write_bytes(b"another")
    after = [make_fingerprint(find_stage(name), project) for name in ("roles", "extract", "assign")]
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, False]


def test_failures_are_kept_and_new_ones_told(project):
    """A run keeps what failed, and it is new until it was said."""
    (project.root / "recordings" / "manifest.csv").write_text("call_id,talk_s\n1,long\n")
    stages = choose_stages("ingest", "ingest")

    def list_new():
        return run_stages(project, stages, RunOptions(), progress=SilentProgress(), now=NOW)[0].new_failures

    assert list_new() == list_new() != ()
    write_said(project, list_new())
    assert list_new() == ()
    assert [failure.item for failure in read_failures(project)] == ["manifest.csv, column talk_s"]
