"""Roles."""

from dataclasses import replace
from functools import cache

import pytest
from toy_encoder import ToyEncoder

from pipeline import roles
from pipeline.config import ModelSettings, RolesSettings
from pipeline.encoders import Encoder, load_encoder
from pipeline.examples import fit_examples, load_examples
from pipeline.roles import tell_roles, warn_swapped
from pipeline.roles.merging import merge_segments
from pipeline.roles.summary import is_heard, name_languages
from pipeline.roles.voices import exchange_roles, map_channels, sounds_swapped, tell_voices
from pipeline.transcripts import Dropped, Part, Segment, Transcript, Word, write_transcript
from pipeline.turns import AGENT, CUSTOMER, UNKNOWN, Turn

GREETING = "thank you for calling Lumen Lamps, my name is Rosa, how can I help you today"
REQUEST = "hi, my lamp has not arrived and I would like to know where it is"
CHECK = "could I have your order number please"
ANSWER = "yes my order number is on my phone, I ordered it two weeks ago"
ZH_GREETING, ZH_REQUEST = "您好，这里是客服中心，请问有什么可以帮您", "我想问一下我的快递怎么还没到"


@cache
def load_once(name: str) -> Encoder:
    """Load a real encoder once for all tests of this file."""
    return load_encoder(name, ModelSettings())


def make_segment(channel: int | None, start_s: float, text: str, *, speaker: str = "", part_index: int = 0) -> Segment:
    """Make a segment of a recording, two seconds long."""
    words = tuple(Word(start_s, start_s + 2, word, 0.9) for word in text.split())
    place = {"channel": channel, "speaker": speaker, "part_index": part_index}
    return Segment(text, "en", start_s=start_s, end_s=start_s + 2, words=words, **place)


def make_transcript(*segments: Segment, n_channels: int = 2, call_id: str = "c1") -> Transcript:
    """Make a transcript of one recording."""
    parts = (Part(0, 60.0, n_channels),) if n_channels else ()
    return Transcript(call_id, "2026-11-20T08:00:00+00:00", "phone", "0" * 64, parts=parts, segments=segments)


CALL = make_transcript(
    make_segment(0, 0, GREETING), make_segment(1, 3, REQUEST), make_segment(0, 6, CHECK), make_segment(1, 9, ANSWER)
)
SWAPPED = replace(CALL, segments=tuple(replace(one, channel=1 - one.channel) for one in CALL.segments))
MONO = replace(
    CALL,
    parts=(Part(0, 60.0, 1),),
    segments=tuple(replace(one, channel=None, speaker=f"S{one.channel}") for one in CALL.segments),
)


@pytest.fixture(scope="module")
def told():
    """Tell one transcript's roles by what words its turns share with the examples."""
    encoder = ToyEncoder()
    classifier = fit_examples(load_examples("roles"), encoder)

    def tell(transcript):
        return tell_roles([transcript], RolesSettings(), encoder=encoder, classifier=classifier)[0]

    return tell


def list_roles(call) -> list[str]:
    """List a call's roles by turn."""
    return [turn.role for turn in call.turns]


def test_turns_are_merged_by_voice_and_sorted_by_time():
    """Consecutive segments of one voice are one turn, whatever order the transcriber wrote them in."""
    transcript = make_transcript(
        make_segment(1, 5, "it is late"), make_segment(0, 0, "hello"), make_segment(1, 3, "hi")
    )
    turns = merge_segments(transcript)
    assert [(turn.channel, turn.text) for turn in turns] == [(0, "hello"), (1, "hi it is late")]
    assert (turns[1].start_s, turns[1].end_s, turns[1].turn_index) == (3, 7, 1)


def test_messages_stand_on_lines_of_their_own():
    """Two messages by one writer are one turn with a line end between them."""
    chat = [Segment(text, "en", source="chat", role=CUSTOMER) for text in ("hi", "where is my lamp")]
    assert [turn.text for turn in merge_segments(make_transcript(*chat, n_channels=0))] == ["hi\nwhere is my lamp"]


def test_channel_map_is_believed_where_speech_agrees(told):
    """Channel 0 is the agent's by default."""
    call = told(CALL)
    assert list_roles(call) == [AGENT, CUSTOMER, AGENT, CUSTOMER]
    assert (call.roles_from, call.is_swapped) == ("channel_map", False)


def test_swapped_channels_are_exchanged(told):
    """Where the customer's channel greets and the agent's asks, roles are exchanged and said to be."""
    call = told(SWAPPED)
    assert list_roles(call) == [AGENT, CUSTOMER, AGENT, CUSTOMER]
    assert call.is_swapped


def test_mono_is_told_by_what_is_said(told):
    """Who greets and checks is the agent."""
    call = told(MONO)
    assert list_roles(call) == [AGENT, CUSTOMER, AGENT, CUSTOMER]
    assert (call.roles_from, call.is_swapped) == ("content", False)


@pytest.mark.parametrize("text", ["yes", "mm-hmm", "tree house"])
def test_what_tells_nothing_is_unknown(told, text):
    """Two mono speakers who say nothing of their side stay unknown."""
    call = told(
        make_transcript(
            make_segment(None, 0, text, speaker="A"), make_segment(None, 3, text, speaker="B"), n_channels=1
        )
    )
    assert set(list_roles(call)) == {UNKNOWN}
    assert call.roles_from == "unknown"


def test_one_silent_channel_keeps_the_map(told):
    """With the agent's channel silent the other one is still the customer's."""
    call = told(make_transcript(make_segment(1, 0, "yes okay"), make_segment(1, 3, REQUEST)))
    assert list_roles(call) == [CUSTOMER]
    assert not call.is_swapped


def test_text_carries_its_roles(told):
    """A chat's roles come from its file, and an unknown writer stays unknown."""
    chat = [Segment("hello", "en", source="chat", role=AGENT), Segment("my lamp", "en", source="chat")]
    call = told(make_transcript(*chat, n_channels=0))
    assert (list_roles(call), call.roles_from) == ([AGENT, UNKNOWN], "text")


def test_a_remark_beside_a_recording_keeps_its_role(told):
    """A survey's comment is the customer's, whatever the recording's channels are."""
    comment = Segment("kind and quick", "en", source="comment", role=CUSTOMER)
    call = told(replace(CALL, segments=(*CALL.segments, comment)))
    assert (call.turns[-1].source, call.turns[-1].role) == ("comment", CUSTOMER)


VOICES = {(0, 0, ""): 1.0, (0, 1, ""): -1.0}


@pytest.mark.parametrize(
    ("channels", "by_map"),
    [
        (("agent", "customer"), ["agent", "customer"]),
        (("customer", "agent"), ["customer", "agent"]),
        (("unknown", "unknown"), []),
        (("agent",), []),
    ],
)
def test_map_names_every_channel_or_none(channels, by_map):
    """A map that leaves a channel open says nothing: what is said tells."""
    assert list(map_channels(VOICES, RolesSettings(channels=channels)).values()) == by_map


@pytest.mark.parametrize(
    ("agent", "customer", "swapped"), [(4, -3, False), (-2, 2, True), (-1, 1, False), (0, 0, False)]
)
def test_only_clear_speech_contradicts_the_map(agent, customer, swapped):
    """A little doubt leaves the map alone."""
    evidence = {(0, 0, ""): agent, (0, 1, ""): customer}
    by_map = {(0, 0, ""): AGENT, (0, 1, ""): CUSTOMER}
    assert sounds_swapped(by_map, evidence) == swapped
    assert exchange_roles(by_map) == {(0, 0, ""): CUSTOMER, (0, 1, ""): AGENT}


@pytest.mark.parametrize(
    ("weights", "told_roles"),
    [
        ((3, -2), [AGENT, CUSTOMER]),
        ((3, 2.8), [UNKNOWN, UNKNOWN]),
        ((4, -3, 3), [AGENT, CUSTOMER, AGENT]),
        ((4, -3, 0.2), [AGENT, CUSTOMER, UNKNOWN]),
        ((-2,), [CUSTOMER]),
        ((0.5,), [UNKNOWN]),
    ],
)
def test_mono_voices_are_told_by_their_evidence(weights, told_roles):
    """Two speakers by their difference, one or several each by its own; a second agent is an agent too."""
    evidence = {(0, None, f"S{n}"): float(weight) for n, weight in enumerate(weights)}
    assert list(tell_voices(evidence).values()) == told_roles


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (["my lamp is late"], "en"),
        (["我的灯坏了"], "zh"),
        (["我的灯坏了", "where is it now please"], "mixed"),
        ([], ""),
    ],
)
def test_language_of_a_call(texts, language):
    """A call is mixed once either language makes up a tenth."""
    assert name_languages(texts) == language


@pytest.mark.parametrize(
    ("role", "text", "probability", "heard"),
    [
        (CUSTOMER, "my lamp is late", 0.9, True),
        (CUSTOMER, "my lamp is late", 0.1, False),
        (CUSTOMER, "hello", 0.9, False),
        (AGENT, "my lamp is late", 0.9, False),
        (UNKNOWN, "my lamp is late", 0.9, True),
    ],
)
def test_call_is_heard_when_the_customer_is(role, text, probability, heard):
    """Too few or too doubtful words of the customer make a call not heard."""
    words = tuple(Word(0, 1, word, probability) for word in text.split())
    segment = Segment(text, "en", channel=1, start_s=0.0, end_s=1.0, words=words)
    turn = Turn("c1", 0, role, text, channel=1)
    assert is_heard(make_transcript(segment), [turn], RolesSettings()) == heard


@pytest.mark.parametrize(
    ("n_channels", "speakers", "heard"), [(1, ("S0",), True), (1, ("S0", "S1"), False), (2, ("", ""), False)]
)
def test_a_lone_voice_was_heard_whoever_it_sounds_like(n_channels, speakers, heard):
    """One voice in one channel that sounds like an agent was heard; of two voices or channels the customer must be."""
    segments = [make_segment(None, 3.0 * n, GREETING, speaker=speaker) for n, speaker in enumerate(speakers)]
    turns = [Turn("c1", n, AGENT, GREETING, speaker=speaker) for n, speaker in enumerate(speakers)]
    assert is_heard(make_transcript(*segments, n_channels=n_channels), turns, RolesSettings()) == heard


def test_warning_names_calls_and_says_what_to_do():
    """The warning counts the calls, shows some of them and names the setting."""
    (line,) = warn_swapped([f"c{n}" for n in range(9)])
    assert "9 stereo calls (c0, c1, c2, c3, c4, …)" in line
    assert "`channels` in section [roles]" in line
    assert warn_swapped([]) == ()


def test_run_makes_both_tables(work, monkeypatch):
    """Every transcript has a row and its turns; a broken file is a failure; a second run does nothing."""
    monkeypatch.setattr(roles, "make_encoder", lambda project: ToyEncoder())
    write_transcript(work.project.transcripts, replace(CALL, dropped=(Dropped("silence", 0, 1, 20, 21),)))
    write_transcript(work.project.transcripts, replace(SWAPPED, call_id="c2"))
    broken = write_transcript(work.project.transcripts, replace(CALL, call_id="c3"))
    broken.write_text("{}")
    outcome = roles.run(work)
    assert ([one.item for one in outcome.failures], len(outcome.warnings)) == (["c3"], 1)
    rows = {row["call_id"]: row for row in work.store.read("transcripts").to_pylist()}
    assert (rows["c1"]["n_dropped_segments"], rows["c1"]["is_heard"], rows["c2"]["is_swapped"]) == (1, True, True)
    assert work.store.read("turns").num_rows == 8
    assert roles.run(work).n_done == 0


@pytest.mark.model
def test_real_encoder_tells_both_languages():
    """The multilingual encoder sees that English and Chinese channels are swapped, and tells mono speakers apart."""
    encoder = load_once("multilingual-e5-small")
    classifier = fit_examples(load_examples("roles"), encoder)
    chinese = make_transcript(make_segment(1, 0, ZH_GREETING), make_segment(0, 3, ZH_REQUEST))
    calls = tell_roles([SWAPPED, chinese, MONO], RolesSettings(), encoder=encoder, classifier=classifier)
    assert [call.is_swapped for call in calls] == [True, True, False]
    assert list_roles(calls[2]) == [AGENT, CUSTOMER, AGENT, CUSTOMER]
