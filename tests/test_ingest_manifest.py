"""Ingest, manifest: each row is a call, whatever stands in its cells, and is still that call tomorrow."""

import pytest
from ingesting import ingest, write_manifest

from pipeline.transcripts import Segment, Transcript, read_transcripts, write_transcript


def test_a_manifest_that_comes_later_names_the_call_and_keeps_what_was_heard(work):
    """A recording that was ingested without a manifest is no second call once a row names it."""
    folder = work.project.root / "recordings"
    (folder / "a.wav").write_bytes(b"same")
    (old,) = ingest(work)[1]
    transcript = Transcript(old, "2026-11-20T10:00:00+00:00", "phone", "abc", segments=(Segment("hello", "en"),))
    write_transcript(work.project.transcripts, transcript)
    (folder / "manifest.csv").write_text("call_id,recording\nA1,a.wav\n")
    assert list(ingest(work)[1]) == ["A1"]
    (kept,) = read_transcripts(work.project.transcripts)
    assert (kept.call_id, kept.segments) == ("A1", transcript.segments)


ROWS = "C-7,2026-11-20 09:00,40\nC-8,2026-11-20 10:00,50\n"


@pytest.mark.parametrize(
    ("heading", "columns"), [("Call-Ref,Start,Wait", {"call_id": "Call-Ref"}), ("call_id,Start,Wait", {})]
)
def test_a_column_of_ids_that_is_mended_counts_no_row_twice(work, heading, columns):
    """Rows that stood for themselves go when they are read with their ids, mended in the settings or in the file."""
    (work.project.root / "recordings" / "a.wav").write_bytes(b"x")
    write_manifest(work, "Call-Ref,File,Start,Wait\n" + ROWS.replace("C-7,", "C-7,a.wav,").replace("C-8,", "C-8,,"))
    assert ingest(work)[1].keys().isdisjoint({"C-7", "C-8"})
    heading = heading.replace(",Start", ",File,Start")
    write_manifest(work, heading + "\n" + ROWS.replace("C-7,", "C-7,a.wav,").replace("C-8,", "C-8,,"))
    outcome, calls = ingest(work, columns=columns)
    assert sorted(calls) == ["C-7", "C-8"]
    assert "now gives another id: 2." in outcome.warnings[0]
    assert not ingest(work, columns=columns)[0].warnings


def test_a_wrong_column_of_ids_is_mended_and_what_was_heard_stays(work):
    """Calls under the ids of a wrong column go; a transcript, and the source it was made from, take the new id."""
    path = work.project.root / "recordings" / "a.wav"
    path.write_bytes(b"x")
    write_manifest(work, "Ticket,Ref,recording\n77,C-7,a.wav\n")
    sources = ingest(work, columns={"call_id": "Ticket"})[1]["77"]["sources"]
    write_transcript(work.project.transcripts, Transcript("77", "2026-11-20T10:00:00+00:00", "phone", "abc"))
    path.unlink()
    _, calls = ingest(work, columns={"call_id": "Ref"})
    assert {one: call["sources"] for one, call in calls.items()} == {"C-7": sources}
    assert [one.call_id for one in read_transcripts(work.project.transcripts)] == ["C-7"]


def test_rows_without_an_id_that_change_places_are_the_same_calls(work):
    """An export with the newest call on top counts yesterday's rows once, and two equal rows are two calls."""
    write_manifest(work, "recording,wait_s\n,40\n,40\n")
    ingest(work)
    write_manifest(work, "recording,wait_s\n,50\n,40\n,40\n")
    assert sorted(call["wait_s"] for call in ingest(work)[1].values()) == [40.0, 40.0, 50.0]


def test_yesterdays_calls_stay_when_the_manifest_is_todays(work):
    """A manifest that is replaced every day takes no earlier row away."""
    write_manifest(work, "recording,wait_s\n,40\n")
    ingest(work)
    write_manifest(work, "recording,wait_s\n,50\n")
    outcome, calls = ingest(work)
    assert (len(calls), outcome.warnings) == (2, ())


def test_a_row_without_a_recording_was_offered(work):
    """A manifest row without a recording is a call all the same; one whose recording is absent is said."""
    (work.project.root / "recordings" / "manifest.csv").write_text(
        "call_id,recording,abandoned,wait_s\n1,,yes,40\n2,lost.wav,no,3\n"
    )
    outcome, calls = ingest(work)
    assert calls["1"]["is_abandoned"] is True
    assert calls["2"]["sources"] == []
    assert "are not there: 1" in outcome.warnings[0]


def test_two_recordings_of_one_call_are_two_parts(work):
    """A transferred call has one id and two recordings, in the manifest's order."""
    for name in ("b.wav", "a.wav"):
        (work.project.root / "recordings" / name).write_bytes(name.encode())
    (work.project.root / "recordings" / "manifest.csv").write_text("call_id,recording\n1,b.wav\n1,a.wav\n")
    _, calls = ingest(work)
    assert [source["path"] for source in calls["1"]["sources"]] == ["recordings/b.wav", "recordings/a.wav"]


def test_a_bad_cell_is_left_empty_and_its_call_counts(work):
    """A cell that cannot be read takes no call with it: its column is empty, and a failure of the column says so."""
    write_manifest(work, "call_id,talk_s,csat\n1,long,4\n2,-30,5\n3,40,x\n4,long,3\n")
    outcome, calls = ingest(work)
    assert [(failure.item, failure.error.partition(": ")[2].partition(". ")[0]) for failure in outcome.failures] == [
        ("manifest.csv, column talk_s", "2 not a number (rows 2, 5); 1 below zero (row 3)"),
        ("manifest.csv, column csat", "1 not a number (row 4)"),
    ]
    assert [calls[call_id]["talk_s"] for call_id in "1234"] == [None, None, 40.0, None]
    assert (calls["1"]["unread_columns"], calls["1"]["csat"]) == (["talk_s"], 4.0)


def test_an_unread_cell_that_is_mended_is_forgotten(work):
    """A later manifest that says the column fills it; until then, the call keeps saying that it could not be read."""
    write_manifest(work, "call_id,talk_s\n1,long\n2,long\n")
    ingest(work)
    write_manifest(work, "call_id,talk_s,queue\n1,30,a\n2,,a\n")
    _, calls = ingest(work)
    assert [(calls[one]["talk_s"], calls[one]["unread_columns"]) for one in "12"] == [(30.0, None), (None, ["talk_s"])]


def test_a_bad_start_falls_back_to_the_recordings(work):
    """A start that cannot be read is the one in the recording's name, and a second ingest changes nothing."""
    (work.project.root / "recordings" / "20261120-093000.wav").write_bytes(b"x")
    write_manifest(work, "call_id,recording,started_at\n1,20261120-093000.wav,03/04/2026 09:30\n")
    outcome, calls = ingest(work)
    assert "date_order" in outcome.failures[0].error
    assert (calls["1"]["started_at_source"], calls["1"]["unread_columns"]) == ("file_name", ["started_at"])
    assert ingest(work)[0].n_done == 0


def test_a_row_with_a_comma_too_many_is_listed_and_its_recording_heard(work):
    """Its cells may stand in wrong columns, so the row says nothing; the recording is a call by itself."""
    (work.project.root / "recordings" / "a.wav").write_bytes(b"x")
    write_manifest(work, "call_id,recording,note,talk_s\n1,a.wav,late, again,30\n")
    outcome, calls = ingest(work)
    assert "1 with more cells than the heading (row 2)" in outcome.failures[0].error
    assert [call["talk_s"] for call in calls.values()] == [None]


def test_a_call_id_that_comes_again_fills_in_and_contradictions_are_counted(work):
    """The first row counts; what it lacks comes from the next, and what both say differently is said."""
    write_manifest(work, "call_id,talk_s,csat,queue\n1,30,,a\n1,300,4,a\n2,40,,a\n2,40,,a\n")
    outcome, calls = ingest(work)
    assert (calls["1"]["talk_s"], calls["1"]["csat"]) == (30.0, 4.0)
    assert "say something else: 1 (talk_s 1). The first row counts." in outcome.warnings[0]


def test_a_call_id_of_another_day_is_another_call(work):
    """Ids that begin again at 1 every day make no call of yesterday's vanish, in one manifest or in two."""
    write_manifest(work, "call_id,started_at\n1,2026-11-18 09:00\n1,2026-11-20 09:00\n")
    outcome, calls = ingest(work)
    assert "on another day: 1." in outcome.warnings[0]
    assert len(calls) == 2
    write_manifest(work, "call_id,started_at\n1,2026-11-20 09:00\n1,2026-11-15 09:00\n")
    assert len(ingest(work)[1]) == 3
    assert len(ingest(work)[1]) == 3


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
    write_manifest(work, heading + before + "\n")
    ingest(work)
    write_manifest(work, heading + after + "\n")
    outcome, calls = ingest(work)
    assert [(one, call["started_at"].day) for one, call in calls.items()] == [("1", 20)]
    assert "by more than a day: 1." in outcome.warnings[0]


@pytest.mark.parametrize(
    "after", ["1,2026-11-20 09:00,K8,40,7", "1,2026-11-20 09:00,,40,", "1,2026-11-20 09:00,K7,41,7"]
)
def test_a_call_that_says_something_else_is_no_correction(work, after):
    """An id that comes again with another customer, or with too little in common, is another call."""
    heading = "call_id,started_at,customer_id,talk_s,wait_s\n"
    write_manifest(work, heading + "1,2026-11-18 09:00,K7,40,7\n")
    ingest(work)
    write_manifest(work, heading + after + "\n")
    assert len(ingest(work)[1]) == 2


def test_a_call_of_another_day_stays_when_rows_change_places(work):
    """Two calls of one id that say the same are two, in whatever order a later manifest names them."""
    rows = ["1,2026-11-18 09:00,K7\n", "1,2026-11-20 09:00,K7\n"]
    write_manifest(work, "call_id,started_at,customer_id\n" + "".join(rows))
    before = ingest(work)[1]
    write_manifest(work, "call_id,started_at,customer_id\n" + "".join(reversed(rows)))
    after = ingest(work)[1]
    assert {one: call["started_at"] for one, call in after.items()} == {
        one: call["started_at"] for one, call in before.items()
    }


def test_ids_that_excel_rounded_make_no_call_of_many(work):
    """Rows whose id a spreadsheet rounded are calls of their own, even alike."""
    write_manifest(work, "call_id,talk_s\n1.23457E+15,30\n1.23457E+15,30\n")
    outcome, calls = ingest(work)
    assert len(calls) == 2
    assert "2 rounded by a spreadsheet" in outcome.failures[0].error


def test_customers_who_are_nobody_are_no_one_customer(work):
    """0 and unknown name thousands of people, and are said."""
    write_manifest(work, "call_id,customer_id\n1,0\n2,unknown\n3,K7\n")
    outcome, calls = ingest(work)
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
    write_manifest(work, text)
    outcome, _ = ingest(work)
    assert said in " ".join((*outcome.warnings, *outcome.notes))


def test_what_columns_were_guessed_is_said_once(work):
    """A line names what was taken for what, again only when it changed; our own names and mapped ones are none."""
    text = "call_id,Wait (s),Skill,Agent name\n1,30,orders,A7\n"
    write_manifest(work, text)
    (line,) = ingest(work, columns={"agent_id": "Agent name"})[0].warnings
    assert line.startswith("manifest.csv: Skill → queue, Wait (s) → wait_s. ")
    assert not ingest(work, columns={"agent_id": "Agent name"})[0].warnings
    assert "Agent name → agent_id" in ingest(work)[0].warnings[0]


def test_a_comment_of_nobody_is_not_the_customers(work):
    """A column called Comment may be the agent's: nothing reads it until it is mapped, and a line says so."""
    write_manifest(work, "call_id,Comment\n1,caller was rude\n")
    outcome, calls = ingest(work)
    assert calls["1"]["sources"] == []
    assert any("nothing reads: Comment." in note for note in outcome.notes)


def test_a_survey_that_comes_later_updates_its_call(work):
    """A later manifest fills in what it knows and takes nothing away."""
    manifest = work.project.root / "recordings" / "manifest.csv"
    manifest.write_text("call_id,queue,talk_s\n1,orders,30\n")
    ingest(work)
    manifest.write_text("call_id,csat,customer comment\n1,2,too slow\n")
    _, calls = ingest(work)
    assert (calls["1"]["queue"], calls["1"]["csat"]) == ("orders", 2.0)
    assert [source["kind"] for source in calls["1"]["sources"]] == ["comment"]
