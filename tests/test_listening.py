"""Listening: each call is heard once, redacted before anything is written, and what fails fails alone."""

import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from toy_encoder import ToyEncoder

from pipeline import listening, roles
from pipeline.config import Project, Settings
from pipeline.listening import is_in_shard, run
from pipeline.tables import hash_text, make_table
from pipeline.transcribe import Recording, RecordingFailure, RecordingTranscript
from pipeline.transcripts import Part, Segment, find_transcripts, read_transcript
from pipeline.work import Work

STARTED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
PHONE = "13800138000"


@pytest.fixture
def heard(monkeypatch) -> list[str]:
    """Stand in for the speech model: a recording says what its file holds; one that holds "bad" fails."""
    listened: list[str] = []

    def transcribe(recordings, **_) -> Iterator[RecordingTranscript | RecordingFailure]:
        for recording in recordings:
            listened.append(f"{recording.call_id}/{recording.part_index}")
            yield listen(recording)

    monkeypatch.setattr(listening, "transcribe_recordings", transcribe)
    monkeypatch.setattr(listening, "_load_model", lambda project: type("Model", (), {"name": "fake"})())
    return listened


def listen(recording: Recording) -> RecordingTranscript | RecordingFailure:
    """Hear what the file holds."""
    text = recording.path.read_text()
    if text == "bad":
        return RecordingFailure(recording, "The recording is empty (0 bytes). Copy it again from the recorder.")
    segment = Segment(text, "en", part_index=recording.part_index, channel=1, start_s=0.0, end_s=2.0)
    return RecordingTranscript(recording, Part(recording.part_index, 2.0, 2), (segment,), ())


def add_calls(project: Project, calls: dict[str, list[str]]) -> None:
    """Write recordings, each a text, and list their calls."""
    rows = []
    for call_id, texts in calls.items():
        sources = []
        for index, text in enumerate(texts):
            path = Path("recordings") / f"{call_id}-{index}.wav"
            (project.root / path).write_text(text)
            sources.append({"kind": "recording", "path": str(path), "row_key": "", "sha256": hash_text(text)})
        rows.append({"call_id": call_id, "sources": sources, "started_at": STARTED_AT, "contact_channel": "phone"})
    project.store.write_whole("calls", "f1", make_table("calls", rows))


def read_texts(project: Project) -> dict[str, list[str]]:
    """Read what the transcripts say."""
    paths = find_transcripts(project.transcripts)
    return {call_id: [one.text for one in read_transcript(path).segments] for call_id, path in paths.items()}


def test_each_call_is_heard_once(work, heard):
    """A second run finds nothing to do."""
    add_calls(work.project, {"a": ["my lamp is broken"], "b": ["where is it", "I was cut off"]})
    first, second = run(work), run(work)
    assert (first.n_done, second.n_done, second.n_kept) == (2, 0, 2)
    assert heard == ["a/0", "b/0", "b/1"]
    assert read_texts(work.project)["b"] == ["where is it", "I was cut off"]


def test_no_unredacted_word_is_written(work, heard):
    """A spoken number is gone from every file of the project but the recording."""
    add_calls(work.project, {"a": [f"my number is {PHONE} and the lamp is broken"]})
    run(work)
    assert "[PHONE]" in read_texts(work.project)["a"][0]
    for path in work.project.root.rglob("*.*"):
        assert path.suffix == ".wav" or PHONE.encode() not in path.read_bytes()


def test_keep_raw_says_so_and_locks_the_folder(work, heard):
    """Unredacted words are kept where only their owner can read them, with a warning each run."""
    settings = Settings.model_validate({"project": {"keep_raw": True}})
    work = replace(work, project=replace(work.project, settings=settings))
    add_calls(work.project, {"a": [f"my number is {PHONE}"]})
    outcome = run(work)
    folder = work.project.state / "raw"
    assert PHONE in next(folder.rglob("a.json")).read_text()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "UNREDACTED" in outcome.warnings[0]


def test_a_bad_recording_fails_alone(work, heard):
    """The rest goes on, and the failure says what and why."""
    add_calls(work.project, {"a": ["bad"], "b": ["it never came"]})
    outcome = run(work)
    assert [(one.item, one.recording) for one in outcome.failures] == [("a", "a-0.wav")]
    assert list(read_texts(work.project)) == ["b"]


def test_what_is_left_of_a_call_with_a_bad_part_is_kept(work, heard):
    """The good part is written down, and the bad one is still listed."""
    add_calls(work.project, {"a": ["it never came", "bad"]})
    assert [one.item for one in run(work).failures] == ["a"]
    assert read_texts(work.project) == {"a": ["it never came"]}


@pytest.mark.parametrize("force", [False, True])
def test_words_of_a_recording_that_cannot_be_heard_again_stay(work, heard, force):
    """Another part of its call must be heard anew; only who asked to listen to all is told that one failed."""
    add_calls(work.project, {"a": ["it never came", "I was cut off"]})
    run(work)
    rows = work.project.store.read("calls").to_pylist()
    third = Path("recordings") / "a-2.wav"
    (work.project.root / third).write_text("hello again")
    rows[0]["sources"].append({"kind": "recording", "path": str(third), "row_key": "", "sha256": "third"})
    (work.project.root / "recordings" / "a-0.wav").write_text("bad")
    work.project.store.write_whole("calls", "f2", make_table("calls", rows))
    assert [one.item for one in run(replace(work, force=force)).failures] == ["a"] * force
    assert read_texts(work.project) == {"a": ["it never came", "I was cut off", "hello again"]}
    assert run(work).n_done == 0


@pytest.mark.parametrize(
    ("n_attempts", "retry_failed", "is_heard"), [(1, False, True), (3, False, False), (3, True, True)]
)
def test_a_call_that_keeps_failing_is_left_alone(work, heard, n_attempts, retry_failed, is_heard):
    """After three attempts only a person's wish tries again, and the failure stays listed."""
    add_calls(work.project, {"a": ["it never came"]})
    outcome = run(replace(work, known_failures={"a": n_attempts}, retry_failed=retry_failed))
    assert bool(heard) is is_heard
    assert outcome.untried == (() if is_heard else ("a",))


def test_a_failure_that_the_time_did_not_reach_stays_known(work, heard):
    """A run that ends with its hours, or has another share, says nothing about the calls it did not reach."""
    add_calls(work.project, {"a": ["it never came"]})
    assert run(replace(work, known_failures={"a": 1, "gone": 1}, budget_s=0.0)).untried == ("a",)


def test_a_changed_recording_is_heard_again(work, heard):
    """A transcript is of its sources; other sources need another."""
    add_calls(work.project, {"a": ["first try"]})
    run(work)
    add_calls(work.project, {"a": ["second try"]})
    run(work)
    assert read_texts(work.project) == {"a": ["second try"]}


def test_force_hears_everything_again(work, heard):
    """Old transcripts are made anew when a person asks."""
    add_calls(work.project, {"a": ["it never came"]})
    run(work)
    run(replace(work, force=True))
    assert heard == ["a/0", "a/0"]


def test_old_transcripts_stay_when_the_model_changes_and_a_warning_counts_them(work, heard):
    """Listening again is costly, so a person asks for it."""
    add_calls(work.project, {"a": ["it never came"]})
    run(work)
    settings = Settings.model_validate({"models": {"speech": "large-v3"}})
    outcome = run(replace(work, project=replace(work.project, settings=settings)))
    assert (outcome.n_done, len(heard)) == (0, 1)
    assert outcome.warnings[0].startswith("1 transcripts were made with another speech model")


def test_a_call_says_what_heard_it(work, heard, monkeypatch):
    """The table `transcripts` names the speech model that the transcript was made with."""
    monkeypatch.setattr(roles, "make_encoder", lambda project: ToyEncoder())
    add_calls(work.project, {"a": ["it never came"]})
    run(work)
    roles.run(work)
    assert work.store.read("transcripts")["model"].to_pylist() == [work.project.settings.models.speech]


def test_a_run_stops_when_its_time_is_over(work, heard):
    """Nothing is begun after the budget; the next run goes on."""
    add_calls(work.project, {"a": ["one"], "b": ["two"]})
    assert run(replace(work, budget_s=0.0)).n_done == 0
    assert run(work).n_done == 2


def test_shards_share_the_calls():
    """Each call falls to exactly one of three machines."""
    call_ids = [f"call-{index}" for index in range(50)]
    shares = [{one for one in call_ids if is_in_shard(one, (index, 3))} for index in (1, 2, 3)]
    assert sum(map(len, shares)) == len(set.union(*shares)) == 50
    assert min(map(len, shares)) > 5


def test_a_killed_run_loses_only_what_was_in_flight(work, heard, monkeypatch):
    """What was written before the kill stays and is not heard again."""
    add_calls(work.project, {"a": ["one"], "b": ["two"]})
    write = listening.write_transcript

    def die_at_b(folder, transcript):
        if transcript.call_id == "b":
            raise KeyboardInterrupt
        return write(folder, transcript)

    monkeypatch.setattr(listening, "write_transcript", die_at_b)
    with pytest.raises(KeyboardInterrupt):
        run(work)
    monkeypatch.setattr(listening, "write_transcript", write)
    assert run(work).n_done == 1
    assert heard == ["a/0", "b/0", "b/0"]


def test_a_written_contact_needs_no_speech_model(project: Project, work: Work, monkeypatch):
    """A chat is read and redacted without loading anything that listens."""
    (project.root / "chats.jsonl").write_text(f'{{"call_id": "c", "role": "customer", "text": "call me at {PHONE}"}}\n')
    source = {"kind": "chat", "path": "chats.jsonl", "row_key": "c", "sha256": "x"}
    row = {"call_id": "c", "sources": [source], "started_at": STARTED_AT, "contact_channel": "chat"}
    project.store.write_whole("calls", "f1", make_table("calls", [row]))
    monkeypatch.setattr(listening, "_load_model", lambda project: pytest.fail("the speech model was loaded"))
    assert run(work).n_done == 1
    assert "[PHONE]" in read_texts(project)["c"][0]


def test_a_comment_that_comes_later_is_read_without_listening_again(work, heard):
    """When only what was written changes, the recording is not heard again and its words stay."""
    add_calls(work.project, {"c1": ["hello"]})
    run(work)
    (work.project.root / "m.csv").write_text("call_id,survey_comment\nc1,it took too long\n")
    rows = work.store.read("calls").to_pylist()
    sha256 = hash_text("it took too long")
    rows[0]["sources"].append({"kind": "comment", "path": "m.csv", "row_key": "c1", "sha256": sha256})
    work.store.write_whole("calls", "f2", make_table("calls", rows))
    run(work)
    assert heard == ["c1/0"]
    assert read_texts(work.project) == {"c1": ["hello", "it took too long"]}


def test_a_transcript_holds_its_calls_row(work, heard):
    """The call's own fields stand in the transcript, so that `calls` can be made again from transcripts."""
    add_calls(work.project, {"c1": ["hello"]})
    run(work)
    transcript = read_transcript(find_transcripts(work.project.transcripts)["c1"])
    assert transcript.metadata["contact_channel"] == "phone"
    assert transcript.metadata["started_at"] == "2026-11-20T09:30:00Z"
