"""Packs: what to play of a reason in a meeting with its owners."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import NOW, SilentProgress
from invented_calls import LATE, LATE_ZH, TWICE, Invented, make_project, recording_name
from typer.testing import CliRunner

from pipeline.audio import SAMPLE_RATE_HZ, hash_content, make_flac, read_audio
from pipeline.cli import app
from pipeline.config import Project
from pipeline.errors import InputError, NothingDoneError
from pipeline.immersion.order import choose_stretches, make_order
from pipeline.immersion.pack import read_pack, write_clipped_pack, write_pack
from pipeline.immersion.stretches import Stretch, find_points, find_stretches
from pipeline.measure import run
from pipeline.report.recordings import Recording
from pipeline.tables import make_table
from pipeline.transcripts import Redaction, Segment, Transcript, write_transcript
from pipeline.words import read_words
from pipeline.work import Work

ANSWER, THREAT = "I am sorry, I will look into it", "then I shall buy elsewhere"
CALLS = (
    Invented("a", 0, (LATE,), customer="anna", label="negative"),
    Invented("b", 30, (LATE,), customer="anna", signals=("called_before", "threat_to_leave")),
    Invented("c", 40, (LATE_ZH,), "zh", customer="bo"),
    Invented("d", 50, (TWICE, LATE), customer="cleo", signals=("threat_to_leave",)),
)
STATED, REPLY, ENDING = (1, "customer", 5.0, 15.0), (2, "agent", 16.0, 20.0), (3, "customer", 25.0, 30.0)


def make_turn(call_id: str, turn: tuple[int, str, float, float], text: str) -> dict[str, object]:
    """Make a row of `turns`."""
    index, role, start_s, end_s = turn
    row = {"call_id": call_id, "turn_index": index, "role": role, "start_s": start_s, "end_s": end_s, "text": text}
    return row | {"source": "recording", "part_index": 0, "language": "en"}


@pytest.fixture
def project(tmp_path) -> Project:
    """Four calls of half a minute about one reason, each with a recording, three turns and a transcript."""
    project = make_project(tmp_path, CALLS)
    (tmp_path / "pipeline.toml").write_text("")
    calls = project.store.read("calls").to_pylist()
    for row in calls:
        path = tmp_path / "recordings" / recording_name(row["call_id"])
        path.write_bytes(make_flac(np.full(30 * SAMPLE_RATE_HZ, 5000, np.int16)))
        row["sources"][0]["sha256"] = hash_content(path)
        segment = Segment("it is late, call [PHONE]", "en", channel=0, start_s=5.0, end_s=15.0)
        redaction = Redaction("PHONE", 0, 12.0, 14.0)
        transcript = Transcript(
            row["call_id"],
            "2026-11-02T",
            "phone",
            "",
            segments=(segment,),
            redactions=(redaction,),
            metadata={"sources": row["sources"]},
        )
        write_transcript(project.transcripts, transcript)
    turns = [
        make_turn(call.call_id, turn, text)
        for call in CALLS
        for turn, text in ((STATED, "it is late"), (REPLY, ANSWER), (ENDING, f"{THREAT} {call.call_id}"))
    ]
    signals = [
        {"call_id": call.call_id, "signal": name, "is_present": True, "score_ratio": 0.9, "turn_index": 3}
        for call in CALLS
        for name in call.signals
    ]
    feelings = project.store.read("call_sentiment").to_pylist()
    feelings[0] |= {"worst_label": "negative", "worst_sentiment": -0.8, "worst_turn_index": 3}
    tables = {"calls": calls, "turns": turns, "call_signals": signals, "call_sentiment": feelings}
    for name, rows in tables.items():
        project.store.write_whole(name, "with-turns", make_table(name, rows))
    run(Work(project, "measure", "rows-v1", SilentProgress(), NOW))
    return project


def make_stretch(call_id: str, kind: str = "said", **known) -> Stretch:
    """Make a stretch of 30 seconds; each call has its own customer and words."""
    recording = Recording(0, f"audio/{call_id}.flac", Path("/nowhere"))
    fields = {"customer_id": call_id, "language": "en", "text": call_id, "recording": recording}
    times = {"started_at": None, "start_s": 10.0, "end_s": 40.0}
    return Stretch(kind=kind, call_id=call_id, answer="", start_label="", end_label="", **times | fields | known)


def test_stretches_are_found_by_what_they_show(project: Project):
    """A statement of each call; feelings and signals of the calls that are about nothing else."""
    found = find_stretches(project, "code", "102")
    assert {kind: sorted(one.call_id for one in theirs) for kind, theirs in found.items()} == {
        "said": ["a", "b", "c", "d"],
        "felt": ["a"],
        "again": ["b"],
        "leaving": ["b"],
    }
    assert (found["felt"][0].text, found["again"][0].text) == (f"{THREAT} a", f"{THREAT} b")


def test_a_clip_goes_from_the_turn_to_the_agents_answer(project: Project):
    """A second before the customer's turn, half a second after the answer, which the page shows."""
    (stretch,) = (one for one in find_stretches(project, "code", "102")["said"] if one.call_id == "a")
    assert (stretch.start_s, stretch.end_s, stretch.answer) == (4.0, 20.5, ANSWER)
    assert stretch.audio_at == "audio/a-0.wav#t=4.0,20.5"


@pytest.mark.parametrize(
    ("turn_end_s", "answer", "points"),
    [
        (15.0, ("agent", 16.0, 20.0), (4.0, 20.5)),
        (15.0, ("agent", 19.0, 23.0), (4.0, 15.5)),
        (15.0, ("agent", 16.0, 40.0), (4.0, 15.5)),
        (15.0, ("customer", 16.0, 20.0), (4.0, 15.5)),
        (90.0, ("agent", 91.0, 92.0), (4.0, 44.5)),
    ],
    ids=["at once", "too late", "too long", "not the agent", "a long turn is cut"],
)
def test_in_and_out_points(turn_end_s, answer, points):
    """By hand, for words from 8 to 12 seconds in a turn that begins at 5."""
    stretch = {"turn_index": 1, "part_index": 0, "start_s": 8.0, "end_s": 12.0}
    turns = [make_turn("a", (1, "customer", 5.0, turn_end_s), ""), make_turn("a", (2, *answer), "")]
    assert find_points(stretch, turns)[:2] == points


def test_each_kind_customer_and_language_is_heard_before_any_again():
    """The playable, the other customer and the other language go first; a call is played once."""
    said = (
        make_stretch("a", customer_id="anna"),
        make_stretch("b", customer_id="anna"),
        make_stretch("gone", recording=None),
        make_stretch("c"),
        make_stretch("d", language="zh"),
    )
    again = (make_stretch("a", "again", customer_id="anna"), make_stretch("e", "again"))
    chosen = choose_stretches({"said": said, "again": again}, seconds=3600)
    assert [one.call_id for one in chosen] == ["d", "c", "b", "gone", "a", "e"]
    assert [one.call_id for one in choose_stretches({"said": said, "again": again}, seconds=400)] == ["d", "a"]


def test_the_meeting_lasts_as_long_as_was_asked_for():
    """Two clips of 30 seconds in 45 minutes, by hand: 4 for the figures, 5 of talk after each, 30 at the end."""
    steps = make_order({"said": (make_stretch("a"), make_stretch("b"))}, minutes=45)
    assert [(one.name, one.start_s, one.play_s, one.talk_s) for one in steps] == [
        ("opening", 0, 0, 240),
        ("said", 240, 30, 300),
        ("said", 570, 30, 300),
        ("closing", 900, 0, 1800),
    ]


def test_many_clips_leave_time_to_talk():
    """However many there are, at least two minutes follow each, and the steps add up to the minutes."""
    steps = make_order({"said": tuple(make_stretch(f"m{i}") for i in range(50))}, minutes=30)
    assert sum(one.play_s + one.talk_s for one in steps) == 30 * 60
    assert min(one.talk_s for one in steps if one.stretch) >= 120
    assert steps[-1].talk_s >= 360


def test_a_meeting_too_short_is_refused():
    """The message names the option."""
    with pytest.raises(InputError, match="--minutes should be 15 or more"):
        make_order({}, minutes=5)


def test_the_page_plays_the_recordings_and_says_what_they_hold(project: Project):
    """By media fragments of links whose names say nothing, with a warning that names are heard."""
    written = write_pack(project, read_pack(project, "102", minutes=45))
    page = written.page.read_text(encoding="utf-8")
    words = read_words("en")
    assert 'src="audio/a-0.wav#t=' in page
    assert (written.page.parent / "audio" / "a-0.wav").is_file()
    for expected in (words("pack.unredacted"), words("pack.intro.leaving"), "My delivery is late", ANSWER):
        assert expected in page
    assert "5550100" not in page
    assert not written.failures


def test_clips_are_muted_where_the_words_were_redacted(project: Project):
    """The span from 12 to 14 seconds and its margin; the folder holds no link to a recording."""
    written = write_clipped_pack(project, read_pack(project, "102", minutes=45))
    folder, page = written.page.parent, written.page.read_text(encoding="utf-8")
    steps = {step.number: stretch for step, stretch in read_pack(project, "102", minutes=45).played}
    for path in sorted((folder / "clips").iterdir()):
        assert f'src="clips/{path.name}"' in page
        start_s = steps[int(path.name[:2])].start_s
        silent = np.flatnonzero(read_audio(path).samples[0] == 0) / SAMPLE_RATE_HZ + start_s
        if start_s < 12:
            assert (silent.min(), silent.max()) == pytest.approx((11.75, 14.25), abs=0.001)
        else:
            assert not len(silent)
    assert not any(path.is_symlink() for path in folder.rglob("*"))
    assert read_words("en")("pack.unredacted") not in page


def test_what_cannot_be_cut_is_said_in_one_line(project: Project):
    """A recording that is gone is listed with exit code 3, and its words stay in the page to be read out."""
    (project.root / "recordings" / recording_name("c")).unlink()
    shown = CliRunner().invoke(app, ["show", "reason", "102", "--clips", "--project", str(project.root)])
    assert shown.exit_code == 3
    assert shown.stderr.strip() == "1 of 4 cannot be cut: c: its recording is no longer there"
    page = Path(shown.stdout.strip()).read_text(encoding="utf-8")
    assert LATE_ZH.text in page
    assert read_words("en")("pack.gone") in page


def test_without_a_transcript_nothing_is_cut(project: Project):
    """Nobody knows what to mute, so nothing is done at all."""
    for path in project.transcripts.rglob("*.json"):
        path.unlink()
    with pytest.raises(NothingDoneError, match="nobody knows what to mute"):
        write_clipped_pack(project, read_pack(project, "102", minutes=45))


@pytest.mark.parametrize(("reason_id", "message"), [("999", "no code or candidate"), ("101", "no code or candidate")])
def test_only_a_reason_that_was_said_has_a_pack(project: Project, reason_id, message):
    """The message says where reasons are listed."""
    with pytest.raises(InputError, match=message):
        read_pack(project, reason_id, minutes=45)


def test_the_command_writes_chinese_and_json(project: Project):
    """The page is in the language asked for; JSON is an object a clip."""
    command = ["show", "reason", "102", "--pack", "--project", str(project.root)]
    path = Path(CliRunner().invoke(app, [*command, "--language", "zh"]).stdout.strip())
    assert read_words("zh")("pack.title") in path.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in CliRunner().invoke(app, [*command, "--json"]).stdout.splitlines()]
    assert [row["number"] for row in rows] == [1, 2, 3, 4]
    assert {row["call_id"] for row in rows} == {"a", "b", "c", "d"}
