"""Ingest: recordings, chats and e-mails, and calls whose files are gone."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ingesting import ingest, write_manifest

from pipeline.ingest import is_open_for_writing
from pipeline.listing import find_started_at, make_call_id
from pipeline.transcripts import Transcript, write_transcript


@pytest.mark.parametrize(
    "name",
    ["20261120-093000.wav", "call_2026-11-20_09.30.00_x.mp3", "+49151 2026-11-20T09:30:00.flac", "x20261120093000.wav"],
)
def test_the_start_is_found_in_the_name(name):
    """A recording's name usually says when the call began."""
    assert find_started_at(name, "", UTC) == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", ["call.wav", "20269920-093000.wav", "+4915112345678.wav"])
def test_a_name_without_a_time_says_none(name):
    """A number that is no time is not taken for one."""
    assert find_started_at(name, "", UTC) is None


def test_calls_that_are_dated_by_their_file_are_counted_aloud(work):
    """Recordings, rows with a start that cannot be read and chats without one: a line says that they make no day."""
    for name in ("a.wav", "b.wav", "20261120-093000.wav"):
        (work.project.root / "recordings" / name).write_bytes(name.encode())
    write_manifest(work, "call_id,recording,started_at\n1,a.wav,31.02.2026\n")
    (work.project.root / "recordings" / "chats.jsonl").write_text('{"call_id": "x", "text": "Hi"}')
    outcome, calls = ingest(work)
    assert sorted(call["started_at_source"] for call in calls.values()) == ["file_name"] + ["file_time"] * 3
    assert any("no time but their file's: 3." in note for note in outcome.notes)


def test_the_same_recording_twice_is_one_call(work):
    """Without a manifest a call is known by its content, wherever the file lies."""
    for name in ("a.wav", "b.wav"):
        (work.project.root / "recordings" / name).write_bytes(b"same")
    _, calls = ingest(work)
    assert len(calls) == 1


def test_a_copy_of_a_recording_that_the_manifest_names_is_no_other_call(work):
    """The same content once with a row and once without is the row's call."""
    for name in ("a.wav", "copy.wav"):
        (work.project.root / "recordings" / name).write_bytes(b"same")
    (work.project.root / "recordings" / "manifest.csv").write_text("call_id,recording\nA1,a.wav\n")
    outcome, calls = ingest(work)
    assert list(calls) == ["A1"]
    assert "not counted again: 1." in outcome.warnings[0]


def _record_in_two_folders(work):
    for folder in ("a", "b"):
        path = work.project.root / "recordings" / folder / "1.wav"
        path.parent.mkdir()
        path.write_bytes(folder.encode())


def test_recordings_of_one_name_are_not_swapped(work):
    """A manifest that lies elsewhere names two files of one name by their folders."""
    _record_in_two_folders(work)
    (work.project.root / "calls.csv").write_text("call_id,recording\nA,a/1.wav\nB,b/1.wav\n")
    _, calls = ingest(work, manifest="calls.csv")
    assert [calls[one]["sources"][0]["path"] for one in "AB"] == ["recordings/a/1.wav", "recordings/b/1.wav"]


def test_a_recording_that_cannot_be_told_apart_is_said(work):
    """A bare name of two files is no recording: the row is a call without it, and a failure names the row."""
    _record_in_two_folders(work)
    (work.project.root / "calls.csv").write_text("call_id,recording\nA,1.wav\n")
    outcome, calls = ingest(work, manifest="calls.csv")
    assert calls["A"]["sources"] == []
    assert "1 named like several files or rows; write the folder before the name (row 2)" in outcome.failures[0].error


def test_a_table_that_was_not_read_is_said(work):
    """A CSV beside the recordings that nobody named is no silent loss."""
    (work.project.root / "recordings" / "chats.csv").write_text("call_id,role,text\nc1,customer,hi\n")
    assert "Tables beside the recordings that were not read: 1." in ingest(work)[0].warnings[0]


def test_calls_stay_when_their_files_go(work):
    """A recording that is deleted after it was heard does not take its call with it."""
    path = work.project.root / "recordings" / "a.wav"
    path.write_bytes(b"x")
    ingest(work)
    path.unlink()
    assert len(ingest(work)[1]) == 1


def test_a_second_ingest_does_nothing(work):
    """What is known is not written again."""
    (work.project.root / "recordings" / "a.wav").write_bytes(b"x")
    assert [ingest(work)[0].n_done for _ in range(2)] == [1, 0]


def test_remarks_are_sources_and_never_stand_in_the_table(work):
    """A note's and a comment's words are unredacted, so the table has only where they are."""
    (work.project.root / "recordings" / "manifest.csv").write_text("call_id,agent_note\n1,Jane Doe wants out\n")
    _, calls = ingest(work)
    assert "Jane" not in str(calls)


def test_an_open_file_waits(work):
    """A recording that another process still writes is left for next time."""
    path = work.project.root / "recordings" / "a.wav"
    path.write_bytes(b"x")
    code = "import sys, time; f = open(sys.argv[1], 'ab'); print('open', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as writer:
        writer.stdout.readline()
        open_then = is_open_for_writing(path)
        writer.kill()
    assert open_then
    assert not is_open_for_writing(path)


def test_a_growing_file_waits(work):
    """A recording that grows while it is watched is left for next time, one that settled is not."""
    old, new = work.project.root / "recordings" / "a.wav", work.project.root / "recordings" / "b.wav"
    old.write_bytes(b"x")
    long_ago = (datetime.now(UTC) - timedelta(hours=1)).timestamp()
    os.utime(old, (long_ago, long_ago))
    new.write_bytes(b"y")
    code = "import sys, time\nfor _ in range(60): open(sys.argv[1], 'ab').write(b'y'); time.sleep(0.1)"
    with subprocess.Popen([sys.executable, "-c", code, str(new)]) as writer:
        time.sleep(0.3)
        outcome, calls = ingest(replace(work, now=datetime.now(UTC)), settle_s=0.8)
        writer.kill()
    assert len(calls) == 1
    assert "still being written" in outcome.warnings[0]


def test_chats_are_calls(work):
    """A file of chats beside the recordings is taken in, with its own channel."""
    (work.project.root / "recordings" / "chats.jsonl").write_text(
        '{"call_id": "x", "contact_channel": "e-mail", "text": "Hi", "started_at": "2026-11-20 10:00"}'
    )
    _, calls = ingest(work)
    assert (calls["x"]["contact_channel"], calls["x"]["started_at_source"]) == ("email", "text")


def test_bad_lines_of_chats_are_all_listed_and_the_rest_is_taken_in(work):
    """Lines that are no messages are a failure with each of their numbers and none of their words."""
    good = '{"call_id": "x", "text": "Hi"}'
    lines = [good, "secret", "secret", "secret", good, '{"text": "secret"}', good, "secret"]
    (work.project.root / "recordings" / "chats.jsonl").write_text("\n".join(lines))
    outcome, calls = ingest(work)
    (failure,) = outcome.failures
    assert list(calls) == ["x"]
    assert failure.error.startswith(
        "Lines not taken in: 4 not a JSON object (lines 2-4, 8); 1 without call_id and text (line 6)."
    )
    assert "secret" not in failure.error


def test_bad_rows_of_a_csv_of_chats_are_told_what_a_csv_needs(work):
    """Rows are numbered as in a spreadsheet, and nobody is told of JSON."""
    (work.project.root / "chats.CSV").write_text("call_id,role,text\nx,customer,Hi\n,customer,secret\n")
    (failure,) = ingest(work, texts=("chats.CSV",))[0].failures
    assert failure.error.startswith("Rows not taken in: 1 without call_id and text (row 3). The first line should name")
    assert "JSON" not in failure.error and "secret" not in failure.error


def test_calls_come_back_from_transcripts(work):
    """When the store is lost, calls are made again from their transcripts."""
    metadata = {"call_id": "x", "queue": "orders", "started_at": "2026-11-20T10:00:00+00:00", "sources": []}
    transcript = Transcript("x", "2026-11-20T10:00:00+00:00", "phone", "abc", metadata=metadata)
    write_transcript(work.project.transcripts, transcript)
    assert ingest(work)[1]["x"]["queue"] == "orders"


@pytest.mark.parametrize(
    ("text", "same"), [("C-2026.11_1", True), ("../../etc", False), ("a b", False), ("通话1", True)]
)
def test_call_ids_are_safe_file_names(text, same):
    """A manifest's id that could leave its folder is replaced by its hash."""
    assert (make_call_id(text) == text) is same
    assert "/" not in make_call_id(text)
