"""Call ids: calls that turn out to be one keep everything that was heard of each."""

from dataclasses import replace

import pytest

from pipeline import ingest, listening
from pipeline.transcribe import RecordingTranscript
from pipeline.transcripts import Part, Segment, read_transcripts

COLUMNS = "Ticket,Ref,recording,started_at\n"
ROWS = "71,C-7,a.wav,2026-11-20 09:00\n72,C-7,b.wav,2026-11-20 09:10\n"


@pytest.fixture
def listened(monkeypatch):
    """Stand in for the speech model: a recording says what its file holds; one that is not there fails."""
    heard = []

    def transcribe(recordings, **_):
        for one in recordings:
            if not one.path.exists():
                yield listening.RecordingFailure(one, "It is not there. Put it back.")
                continue
            heard.append(one.path.name)
            said = Segment(one.path.read_text(), "en", part_index=one.part_index, start_s=0.0)
            yield RecordingTranscript(one, Part(one.part_index, 2.0, 2), (said,), ())

    monkeypatch.setattr(listening, "transcribe_recordings", transcribe)
    monkeypatch.setattr(listening, "_load_model", lambda project: None)
    return heard


@pytest.fixture
def recordings(work):
    """The folder of two recordings that a manifest names, each with two ids."""
    folder = work.project.root / "recordings"
    for name in "ab":
        (folder / f"{name}.wav").write_text(f"hello from {name}")
    (folder / "manifest.csv").write_text(COLUMNS + ROWS)
    return folder


def take_in(work, call_id):
    """Ingest and listen, with one column as the calls' ids; say what was not heard."""
    chosen = work.project.settings.ingest.model_copy(update={"columns": {"call_id": call_id}})
    project = replace(work.project, settings=work.project.settings.model_copy(update={"ingest": chosen}))
    ingest.run(replace(work, project=project, stage="ingest"))
    return listening.run(replace(work, project=project, stage="transcribe")).failures


def read_said(work):
    """Read what was heard, by call."""
    return {one.call_id: [said.text for said in one.segments] for one in read_transcripts(work.project.transcripts)}


@pytest.mark.parametrize("gone", ["", "a", "b", "ab"])
def test_two_calls_that_become_one_keep_what_was_heard_of_both(work, recordings, listened, gone):
    """The column of ids is mended; whichever recordings are gone by then, every word is there, heard once."""
    take_in(work, "Ticket")
    assert read_said(work) == {"71": ["hello from a"], "72": ["hello from b"]}
    for name in gone:
        (recordings / f"{name}.wav").unlink()
    assert not take_in(work, "Ref")
    assert read_said(work) == {"C-7": ["hello from a", "hello from b"]}
    (call,) = work.store.read("calls").to_pylist()
    assert [source["path"] for source in call["sources"]] == ["recordings/a.wav", "recordings/b.wav"]
    assert listened == ["a.wav", "b.wav"]


def test_a_call_that_joins_a_known_one_keeps_what_was_heard_of_both(work, recordings, listened):
    """The other one was known by the right id before, and its recording is gone."""
    (recordings / "manifest.csv").write_text("Ticket,Ref,recording,started_at\nC-7,C-7,a.wav,2026-11-20 09:00\n")
    take_in(work, "Ref")
    (recordings / "a.wav").unlink()
    (recordings / "manifest.csv").write_text(COLUMNS + ROWS.replace("71,C-7", "C-7,C-7"))
    take_in(work, "Ticket")
    take_in(work, "Ref")
    assert read_said(work) == {"C-7": ["hello from a", "hello from b"]}
    assert not take_in(work, "Ref")
    assert listened == ["a.wav", "b.wav"]


def test_a_recording_that_was_never_heard_joins_one_that_is_gone(work, recordings, listened):
    """It is listened to, and what was heard of the other stays."""
    (recordings / "b.wav").rename(recordings / "later")
    take_in(work, "Ticket")
    (recordings / "a.wav").unlink()
    (recordings / "later").rename(recordings / "b.wav")
    take_in(work, "Ref")
    assert sorted(read_said(work)["C-7"]) == ["hello from a", "hello from b"]
    assert not take_in(work, "Ref")
    assert listened == ["a.wav", "b.wav"]


def test_a_call_of_two_recordings_keeps_what_was_heard_of_one_that_is_gone(work, recordings, listened):
    """Old recordings are deleted while their manifest stays; only a row that names another one replaces it."""
    take_in(work, "Ref")
    (recordings / "a.wav").unlink()
    for _ in range(2):
        assert not take_in(work, "Ref")
        assert read_said(work) == {"C-7": ["hello from a", "hello from b"]}
    assert listened == ["a.wav", "b.wav"]
    (recordings / "manifest.csv").write_text(COLUMNS + ROWS.splitlines()[1])
    take_in(work, "Ref")
    assert read_said(work) == {"C-7": ["hello from b"]}


def test_a_run_that_is_killed_half_way_says_nothing_twice(work, recordings, listened, monkeypatch):
    """The joined transcript was written and the old ones are still there: the next run ends it."""
    take_in(work, "Ticket")
    for name in "ab":
        (recordings / f"{name}.wav").unlink()
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.unlink", lambda *_, **__: pytest.fail("killed"))
        with pytest.raises(pytest.fail.Exception):
            take_in(work, "Ref")
    assert len(read_said(work)) == 3
    assert not take_in(work, "Ref")
    assert read_said(work) == {"C-7": ["hello from a", "hello from b"]}


def test_a_renamed_call_is_known_by_its_new_id_when_the_store_is_made_again(work, recordings, listened):
    """Without manifest and recording the transcript alone says whose it is."""
    (recordings / "b.wav").unlink()
    (recordings / "manifest.csv").write_text(COLUMNS + ROWS.splitlines()[0])
    take_in(work, "Ticket")
    (recordings / "a.wav").unlink()
    take_in(work, "Ref")
    (recordings / "manifest.csv").unlink()
    for path in (work.project.store.root / "calls").rglob("*.*"):
        path.unlink()
    take_in(work, "Ref")
    assert [call["call_id"] for call in work.store.read("calls").to_pylist()] == ["C-7"]
    assert read_said(work) == {"C-7": ["hello from a"]}
