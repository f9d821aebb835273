"""Ingest."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.ingest import is_open_for_writing, run
from pipeline.listing import find_started_at, make_call_id
from pipeline.transcripts import Segment, Transcript, read_transcripts, write_transcript


def _ingest(work, **settings):
    ingest_settings = work.project.settings.ingest.model_copy(update=settings)
    project = replace(work.project, settings=work.project.settings.model_copy(update={"ingest": ingest_settings}))
    outcome = run(replace(work, project=project))
    return outcome, {row["call_id"]: row for row in work.store.read("calls").to_pylist()}


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
    _write_manifest(work, "call_id,recording,started_at\n1,a.wav,31.02.2026\n")
    (work.project.root / "recordings" / "chats.jsonl").write_text('{"call_id": "x", "text": "Hi"}')
    outcome, calls = _ingest(work)
    assert sorted(call["started_at_source"] for call in calls.values()) == ["file_name"] + ["file_time"] * 3
    assert any("no time but their file's: 3." in note for note in outcome.notes)


def test_the_same_recording_twice_is_one_call(work):
    """Without a manifest a call is known by its content, wherever the file lies."""
    for name in ("a.wav", "b.wav"):
        (work.project.root / "recordings" / name).write_bytes(b"same")
    _, calls = _ingest(work)
    assert len(calls) == 1


def test_a_copy_of_a_recording_that_the_manifest_names_is_no_other_call(work):
    """The same content once with a row and once without is the row's call."""
    for name in ("a.wav", "copy.wav"):
        (work.project.root / "recordings" / name).write_bytes(b"same")
    (work.project.root / "recordings" / "manifest.csv").write_text("call_id,recording\nA1,a.wav\n")
    outcome, calls = _ingest(work)
    assert list(calls) == ["A1"]
    assert "not counted again: 1." in outcome.warnings[0]


def test_a_manifest_that_comes_later_names_the_call_and_keeps_what_was_heard(work):
    """A recording that was ingested without a manifest is no second call once a row names it."""
    folder = work.project.root / "recordings"
    (folder / "a.wav").write_bytes(b"same")
    (old,) = _ingest(work)[1]
    transcript = Transcript(old, "2026-11-20T10:00:00+00:00", "phone", "abc", segments=(Segment("hello", "en"),))
    write_transcript(work.project.transcripts, transcript)
    (folder / "manifest.csv").write_text("call_id,recording\nA1,a.wav\n")
    assert list(_ingest(work)[1]) == ["A1"]
    (kept,) = read_transcripts(work.project.transcripts)
    assert (kept.call_id, kept.segments) == ("A1", transcript.segments)


ROWS = "C-7,2026-11-20 09:00,40\nC-8,2026-11-20 10:00,50\n"


@pytest.mark.parametrize(
    ("heading", "columns"), [("Call-Ref,Start,Wait", {"call_id": "Call-Ref"}), ("call_id,Start,Wait", {})]
)
def test_a_column_of_ids_that_is_mended_counts_no_row_twice(work, heading, columns):
    """Rows that stood for themselves go when they are read with their ids, mended in the settings or in the file."""
    (work.project.root / "recordings" / "a.wav").write_bytes(b"x")
    _write_manifest(work, "Call-Ref,File,Start,Wait\n" + ROWS.replace("C-7,", "C-7,a.wav,").replace("C-8,", "C-8,,"))
    assert _ingest(work)[1].keys().isdisjoint({"C-7", "C-8"})
    heading = heading.replace(",Start", ",File,Start")
    _write_manifest(work, heading + "\n" + ROWS.replace("C-7,", "C-7,a.wav,").replace("C-8,", "C-8,,"))
    outcome, calls = _ingest(work, columns=columns)
    assert sorted(calls) == ["C-7", "C-8"]
    assert "now gives another id: 2." in outcome.warnings[0]
    assert not _ingest(work, columns=columns)[0].warnings


def test_a_wrong_column_of_ids_is_mended_and_what_was_heard_stays(work):
    """Calls under the ids of a wrong column go; a transcript, and the source it was made from, take the new id."""
    path = work.project.root / "recordings" / "a.wav"
    path.write_bytes(b"x")
    _write_manifest(work, "Ticket,Ref,recording\n77,C-7,a.wav\n")
    sources = _ingest(work, columns={"call_id": "Ticket"})[1]["77"]["sources"]
    write_transcript(work.project.transcripts, Transcript("77", "2026-11-20T10:00:00+00:00", "phone", "abc"))
    path.unlink()
    _, calls = _ingest(work, columns={"call_id": "Ref"})
    assert {one: call["sources"] for one, call in calls.items()} == {"C-7": sources}
    assert [one.call_id for one in read_transcripts(work.project.transcripts)] == ["C-7"]


def test_rows_without_an_id_that_change_places_are_the_same_calls(work):
    """An export with the newest call on top counts yesterday's rows once, and two equal rows are two calls."""
    _write_manifest(work, "recording,wait_s\n,40\n,40\n")
    _ingest(work)
    _write_manifest(work, "recording,wait_s\n,50\n,40\n,40\n")
    assert sorted(call["wait_s"] for call in _ingest(work)[1].values()) == [40.0, 40.0, 50.0]


def test_yesterdays_calls_stay_when_the_manifest_is_todays(work):
    """A manifest that is replaced every day takes no earlier row away."""
    _write_manifest(work, "recording,wait_s\n,40\n")
    _ingest(work)
    _write_manifest(work, "recording,wait_s\n,50\n")
    outcome, calls = _ingest(work)
    assert (len(calls), outcome.warnings) == (2, ())


def _record_in_two_folders(work):
    for folder in ("a", "b"):
        path = work.project.root / "recordings" / folder / "1.wav"
        path.parent.mkdir()
        path.write_bytes(folder.encode())


def test_recordings_of_one_name_are_not_swapped(work):
    """A manifest that lies elsewhere names two files of one name by their folders."""
    _record_in_two_folders(work)
    (work.project.root / "calls.csv").write_text("call_id,recording\nA,a/1.wav\nB,b/1.wav\n")
    _, calls = _ingest(work, manifest="calls.csv")
    assert [calls[one]["sources"][0]["path"] for one in "AB"] == ["recordings/a/1.wav", "recordings/b/1.wav"]


def test_a_recording_that_cannot_be_told_apart_is_said(work):
    """A bare name of two files is no recording: the row is a call without it, and a failure names the row."""
    _record_in_two_folders(work)
    (work.project.root / "calls.csv").write_text("call_id,recording\nA,1.wav\n")
    outcome, calls = _ingest(work, manifest="calls.csv")
    assert calls["A"]["sources"] == []
    assert "1 named like several files or rows; write the folder before the name (row 2)" in outcome.failures[0].error


def test_a_table_that_was_not_read_is_said(work):
    """A CSV beside the recordings that nobody named is no silent loss."""
    (work.project.root / "recordings" / "chats.csv").write_text("call_id,role,text\nc1,customer,hi\n")
    assert "Tables beside the recordings that were not read: 1." in _ingest(work)[0].warnings[0]


def test_a_row_without_a_recording_was_offered(work):
    """A manifest row without a recording is a call all the same; one whose recording is absent is said."""
    (work.project.root / "recordings" / "manifest.csv").write_text(
        "call_id,recording,abandoned,wait_s\n1,,yes,40\n2,lost.wav,no,3\n"
    )
    outcome, calls = _ingest(work)
    assert calls["1"]["is_abandoned"] is True
    assert calls["2"]["sources"] == []
    assert "are not there: 1" in outcome.warnings[0]


def test_two_recordings_of_one_call_are_two_parts(work):
    """A transferred call has one id and two recordings, in the manifest's order."""
    for name in ("b.wav", "a.wav"):
        (work.project.root / "recordings" / name).write_bytes(name.encode())
    (work.project.root / "recordings" / "manifest.csv").write_text("call_id,recording\n1,b.wav\n1,a.wav\n")
    _, calls = _ingest(work)
    assert [source["path"] for source in calls["1"]["sources"]] == ["recordings/b.wav", "recordings/a.wav"]


def _write_manifest(work, text):
    (work.project.root / "recordings" / "manifest.csv").write_text(text, encoding="utf-8")


def test_a_bad_cell_is_left_empty_and_its_call_counts(work):
    """A cell that cannot be read takes no call with it: its column is empty, and a failure of the column says so."""
    _write_manifest(work, "call_id,talk_s,csat\n1,long,4\n2,-30,5\n3,40,x\n4,long,3\n")
    outcome, calls = _ingest(work)
    assert [(failure.item, failure.error.partition(": ")[2].partition(". ")[0]) for failure in outcome.failures] == [
        ("manifest.csv, column talk_s", "2 not a number (rows 2, 5); 1 below zero (row 3)"),
        ("manifest.csv, column csat", "1 not a number (row 4)"),
    ]
    assert [calls[call_id]["talk_s"] for call_id in "1234"] == [None, None, 40.0, None]
    assert (calls["1"]["unread_columns"], calls["1"]["csat"]) == (["talk_s"], 4.0)


def test_an_unread_cell_that_is_mended_is_forgotten(work):
    """A later manifest that says the column fills it; until then, the call keeps saying that it could not be read."""
    _write_manifest(work, "call_id,talk_s\n1,long\n2,long\n")
    _ingest(work)
    _write_manifest(work, "call_id,talk_s,queue\n1,30,a\n2,,a\n")
    _, calls = _ingest(work)
    assert [(calls[one]["talk_s"], calls[one]["unread_columns"]) for one in "12"] == [(30.0, None), (None, ["talk_s"])]


def test_a_bad_start_falls_back_to_the_recordings(work):
    """A start that cannot be read is the one in the recording's name, and a second ingest changes nothing."""
    (work.project.root / "recordings" / "20261120-093000.wav").write_bytes(b"x")
    _write_manifest(work, "call_id,recording,started_at\n1,20261120-093000.wav,03/04/2026 09:30\n")
    outcome, calls = _ingest(work)
    assert "date_order" in outcome.failures[0].error
    assert (calls["1"]["started_at_source"], calls["1"]["unread_columns"]) == ("file_name", ["started_at"])
    assert _ingest(work)[0].n_done == 0


def test_a_row_with_a_comma_too_many_is_listed_and_its_recording_heard(work):
    """Its cells may stand in wrong columns, so the row says nothing; the recording is a call by itself."""
    (work.project.root / "recordings" / "a.wav").write_bytes(b"x")
    _write_manifest(work, "call_id,recording,note,talk_s\n1,a.wav,late, again,30\n")
    outcome, calls = _ingest(work)
    assert "1 with more cells than the heading (row 2)" in outcome.failures[0].error
    assert [call["talk_s"] for call in calls.values()] == [None]


def test_a_call_id_that_comes_again_fills_in_and_contradictions_are_counted(work):
    """The first row counts; what it lacks comes from the next, and what both say differently is said."""
    _write_manifest(work, "call_id,talk_s,csat,queue\n1,30,,a\n1,300,4,a\n2,40,,a\n2,40,,a\n")
    outcome, calls = _ingest(work)
    assert (calls["1"]["talk_s"], calls["1"]["csat"]) == (30.0, 4.0)
    assert "say something else: 1 (talk_s 1). The first row counts." in outcome.warnings[0]


def test_a_call_id_of_another_day_is_another_call(work):
    """Ids that begin again at 1 every day make no call of yesterday's vanish, in one manifest or in two."""
    _write_manifest(work, "call_id,started_at\n1,2026-11-18 09:00\n1,2026-11-20 09:00\n")
    outcome, calls = _ingest(work)
    assert "on another day: 1." in outcome.warnings[0]
    assert len(calls) == 2
    _write_manifest(work, "call_id,started_at\n1,2026-11-20 09:00\n1,2026-11-15 09:00\n")
    assert len(_ingest(work)[1]) == 3
    assert len(_ingest(work)[1]) == 3


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1,2026-11-18 09:00,K7,,", "1,2026-11-20 09:00,K7,40,"),
        ("1,2026-11-18 09:00,,40,7", "1,2026-11-20 09:00,,40,7"),
    ],
)
def test_a_start_that_is_corrected_makes_no_other_call(work, before, after):
    """A later manifest with the same customer, or the same two lengths, corrects the day, and a line says so."""
    heading = "call_id,started_at,customer_id,talk_s,wait_s\n"
    _write_manifest(work, heading + before + "\n")
    _ingest(work)
    _write_manifest(work, heading + after + "\n")
    outcome, calls = _ingest(work)
    assert [(one, call["started_at"].day) for one, call in calls.items()] == [("1", 20)]
    assert "by more than a day: 1." in outcome.warnings[0]


@pytest.mark.parametrize(
    "after", ["1,2026-11-20 09:00,K8,40,7", "1,2026-11-20 09:00,,40,", "1,2026-11-20 09:00,K7,41,7"]
)
def test_a_call_that_says_something_else_is_no_correction(work, after):
    """An id that comes again with another customer, or with too little in common, is another call."""
    heading = "call_id,started_at,customer_id,talk_s,wait_s\n"
    _write_manifest(work, heading + "1,2026-11-18 09:00,K7,40,7\n")
    _ingest(work)
    _write_manifest(work, heading + after + "\n")
    assert len(_ingest(work)[1]) == 2


def test_a_call_of_another_day_stays_when_rows_change_places(work):
    """Two calls of one id that say the same are two, in whatever order a later manifest names them."""
    rows = ["1,2026-11-18 09:00,K7\n", "1,2026-11-20 09:00,K7\n"]
    _write_manifest(work, "call_id,started_at,customer_id\n" + "".join(rows))
    before = _ingest(work)[1]
    _write_manifest(work, "call_id,started_at,customer_id\n" + "".join(reversed(rows)))
    after = _ingest(work)[1]
    assert {one: call["started_at"] for one, call in after.items()} == {
        one: call["started_at"] for one, call in before.items()
    }


def test_ids_that_excel_rounded_make_no_call_of_many(work):
    """Rows whose id a spreadsheet rounded are calls of their own, even alike."""
    _write_manifest(work, "call_id,talk_s\n1.23457E+15,30\n1.23457E+15,30\n")
    outcome, calls = _ingest(work)
    assert len(calls) == 2
    assert "2 rounded by a spreadsheet" in outcome.failures[0].error


def test_customers_who_are_nobody_are_no_one_customer(work):
    """0 and unknown name thousands of people, and are said."""
    _write_manifest(work, "call_id,customer_id\n1,0\n2,unknown\n3,K7\n")
    outcome, calls = _ingest(work)
    assert [bool(calls[one]["customer_id"]) for one in "123"] == [False, False, True]
    assert any("2 cells name nobody" in note for note in outcome.notes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("call_id\n1\n", "no column for started_at"),
        ("call_id,Refund USD\n1,9\n", "nothing reads: Refund USD"),
        ("call_id,started_at\n1,2026-11-20\n", "1 cells have no hour"),
        ("call_id,Talk (min)\n1,3\n", "talk_s × 60"),
        ("call_id;talk_s\n1;30,5\n", "decimal comma: talk_s"),
        ("call_id;talk_s\n1;1.234\n", "with a decimal comma, as is usual with semicolons"),
        ('call_id,talk_s\n1,"1,234"\n', "with a decimal point, as is usual with commas"),
        ("call_id,started_at\n1,25/04/2026\n", "read as dmy"),
        ("call_id,talk_s\n1,2\n2,3\n3,4\n", "the middle call takes 3 seconds"),
        ("call_id,talk_s\n1,20000\n2,30000\n3,40000\n", "the middle call takes 30000 seconds"),
        ("call_id,csat\n1,4\n2,5\n3,9\n", "csat: too few scores to tell their scale, and some are above 5"),
        ("call_id\n", "a heading and no call"),
        ("call_id,talk_s\n1,30\nTotal,30\n", "left out: 1 total"),
    ],
)
def test_what_was_made_of_a_manifest_is_said(work, text, said):
    """Whatever was guessed, left out or not understood is a line."""
    _write_manifest(work, text)
    outcome, _ = _ingest(work)
    assert said in " ".join((*outcome.warnings, *outcome.notes))


def test_what_columns_were_guessed_is_said_once(work):
    """A line names what was taken for what, again only when it changed; our own names and mapped ones are none."""
    text = "call_id,Wait (s),Skill,Agent name\n1,30,orders,A7\n"
    _write_manifest(work, text)
    (line,) = _ingest(work, columns={"agent_id": "Agent name"})[0].warnings
    assert line.startswith("manifest.csv: Skill → queue, Wait (s) → wait_s. ")
    assert not _ingest(work, columns={"agent_id": "Agent name"})[0].warnings
    assert "Agent name → agent_id" in _ingest(work)[0].warnings[0]


def test_a_comment_of_nobody_is_not_the_customers(work):
    """A column called Comment may be the agent's: nothing reads it until it is mapped, and a line says so."""
    _write_manifest(work, "call_id,Comment\n1,caller was rude\n")
    outcome, calls = _ingest(work)
    assert calls["1"]["sources"] == []
    assert any("nothing reads: Comment." in note for note in outcome.notes)


def test_a_survey_that_comes_later_updates_its_call(work):
    """A later manifest fills in what it knows and takes nothing away."""
    manifest = work.project.root / "recordings" / "manifest.csv"
    manifest.write_text("call_id,queue,talk_s\n1,orders,30\n")
    _ingest(work)
    manifest.write_text("call_id,csat,customer comment\n1,2,too slow\n")
    _, calls = _ingest(work)
    assert (calls["1"]["queue"], calls["1"]["csat"]) == ("orders", 2.0)
    assert [source["kind"] for source in calls["1"]["sources"]] == ["comment"]


def test_calls_stay_when_their_files_go(work):
    """A recording that is deleted after it was heard does not take its call with it."""
    path = work.project.root / "recordings" / "a.wav"
    path.write_bytes(b"x")
    _ingest(work)
    path.unlink()
    assert len(_ingest(work)[1]) == 1


def test_a_second_ingest_does_nothing(work):
    """What is known is not written again."""
    (work.project.root / "recordings" / "a.wav").write_bytes(b"x")
    assert [_ingest(work)[0].n_done for _ in range(2)] == [1, 0]


def test_remarks_are_sources_and_never_stand_in_the_table(work):
    """A note's and a comment's words are unredacted, so the table has only where they are."""
    (work.project.root / "recordings" / "manifest.csv").write_text("call_id,agent_note\n1,Jane Doe wants out\n")
    _, calls = _ingest(work)
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
        outcome, calls = _ingest(replace(work, now=datetime.now(UTC)), settle_s=0.8)
        writer.kill()
    assert len(calls) == 1
    assert "still being written" in outcome.warnings[0]


def test_chats_are_calls(work):
    """A file of chats beside the recordings is taken in, with its own channel."""
    (work.project.root / "recordings" / "chats.jsonl").write_text(
        '{"call_id": "x", "contact_channel": "e-mail", "text": "Hi", "started_at": "2026-11-20 10:00"}'
    )
    _, calls = _ingest(work)
    assert (calls["x"]["contact_channel"], calls["x"]["started_at_source"]) == ("email", "text")


def test_bad_lines_of_chats_are_all_listed_and_the_rest_is_taken_in(work):
    """Lines that are no messages are a failure with each of their numbers and none of their words."""
    good = '{"call_id": "x", "text": "Hi"}'
    lines = [good, "secret", "secret", "secret", good, '{"text": "secret"}', good, "secret"]
    (work.project.root / "recordings" / "chats.jsonl").write_text("\n".join(lines))
    outcome, calls = _ingest(work)
    (failure,) = outcome.failures
    assert list(calls) == ["x"]
    assert failure.error.startswith(
        "Lines not taken in: 4 not a JSON object (lines 2-4, 8); 1 without call_id and text (line 6)."
    )
    assert "secret" not in failure.error


def test_bad_rows_of_a_csv_of_chats_are_told_what_a_csv_needs(work):
    """Rows are numbered as in a spreadsheet, and nobody is told of JSON."""
    (work.project.root / "chats.CSV").write_text("call_id,role,text\nx,customer,Hi\n,customer,secret\n")
    (failure,) = _ingest(work, texts=("chats.CSV",))[0].failures
    assert failure.error.startswith("Rows not taken in: 1 without call_id and text (row 3). The first line should name")
    assert "JSON" not in failure.error and "secret" not in failure.error


def test_calls_come_back_from_transcripts(work):
    """When the store is lost, calls are made again from their transcripts."""
    metadata = {"call_id": "x", "queue": "orders", "started_at": "2026-11-20T10:00:00+00:00", "sources": []}
    transcript = Transcript("x", "2026-11-20T10:00:00+00:00", "phone", "abc", metadata=metadata)
    write_transcript(work.project.transcripts, transcript)
    assert _ingest(work)[1]["x"]["queue"] == "orders"


@pytest.mark.parametrize(
    ("text", "same"), [("C-2026.11_1", True), ("../../etc", False), ("a b", False), ("通话1", True)]
)
def test_call_ids_are_safe_file_names(text, same):
    """A manifest's id that could leave its folder is replaced by its hash."""
    assert (make_call_id(text) == text) is same
    assert "/" not in make_call_id(text)
