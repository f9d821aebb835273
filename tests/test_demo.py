"""The demo calls and their taxonomy: what the checks of the whole run rely on."""

import csv
import importlib.util
import json
import re
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline.taxonomy import read_taxonomy

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "transcripts" / "demo"
TABLES = ("manifest.csv", "scripts.jsonl", "reasons.csv", "texts.jsonl")


def read_csv(name):
    """Read a table of the demo."""
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_lines(name):
    """Read a file of JSON lines of the demo."""
    return [json.loads(line) for line in (DEMO / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def manifest():
    """The manifest's rows by call id."""
    return {row["call_id"]: row for row in read_csv("manifest.csv")}


@pytest.fixture(scope="module")
def scripts():
    """The scripts by call id."""
    return {script["call_id"]: script for script in read_lines("scripts.jsonl")}


@pytest.fixture(scope="module")
def reasons():
    """The true reasons, a row each."""
    return read_csv("reasons.csv")


@pytest.fixture(scope="module")
def recordings():
    """What each recording is: its length, channels and rate."""
    soundfile = pytest.importorskip("soundfile", reason="the extra demo is not installed")
    return {path.name: soundfile.info(path) for path in sorted((DEMO / "recordings").iterdir())}


@pytest.fixture(scope="module")
def make_demo_calls():
    """The script that makes the demo."""
    sys.path.insert(0, str(DEMO))
    spec = importlib.util.spec_from_file_location("make_demo_calls", DEMO / "make_demo_calls.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(DEMO))


def languages_of(script):
    """List the languages a call is spoken in; a turn in two languages counts for both."""
    found = {turn["language"] for turn in script["turns"]}
    return {"zh", "en"} if "mixed" in found else found


def by_reason(reasons):
    """Map each reason to its calls."""
    calls = defaultdict(set)
    for row in reasons:
        calls[row["reason"]].add(row["call_id"])
    return calls


def test_recordings_are_8_khz_of_20_to_90_s(recordings):
    """Every recording is 8 kHz, 20 to 90 s long and compressed."""
    for name, info in recordings.items():
        assert info.samplerate == 8000, name
        assert 20 <= info.duration <= 90, f"{name}: {info.duration} s"
        assert info.format == "FLAC", name


def test_recordings_are_under_12_mb():
    """All recordings together take less than 12 MB."""
    size_bytes = sum(path.stat().st_size for path in (DEMO / "recordings").iterdir())
    assert size_bytes < 12e6, f"{size_bytes} bytes"


def test_every_recording_of_the_manifest_is_there(manifest, recordings):
    """The manifest names every recording once, and each is there."""
    named = [row["recording"] for row in manifest.values() if row["recording"]]
    assert sorted(named) == sorted(recordings)


def test_both_languages_are_spoken(manifest, scripts):
    """At least 14 recorded calls are Chinese, 14 English, and 2 in both."""
    recorded = [scripts[call_id] for call_id, row in manifest.items() if row["recording"]]
    n_calls = Counter("+".join(sorted(languages_of(script))) for script in recorded)
    assert n_calls["zh"] >= 14
    assert n_calls["en"] >= 14
    assert n_calls["en+zh"] >= 2
    assert n_calls.total() >= 36


def test_calls_do_not_share_customers_words(scripts):
    """No two customers say the same sentence of more than five words."""
    said = Counter()
    for script in scripts.values():
        said.update({turn["text"] for turn in script["turns"] if turn["role"] == "customer" and len(turn["text"]) > 30})
    assert [text for text, n in said.items() if n > 1] == []


@pytest.mark.parametrize(("layout", "n_calls"), [("mono", 1), ("swapped", 1), ("agent_silent", 1)])
def test_unusual_recordings_are_among_them(scripts, layout, n_calls):
    """Some calls are mono, swapped, or lack the agent's side."""
    assert sum(script["layout"] == layout for script in scripts.values()) >= n_calls


def test_mono_recordings_have_one_channel(manifest, scripts, recordings):
    """A recording has one channel when its script says mono, else two."""
    for call_id, row in manifest.items():
        if row["recording"]:
            expected = 1 if scripts[call_id]["layout"] == "mono" else 2
            assert recordings[row["recording"]].channels == expected, call_id


@pytest.mark.parametrize("call_id", ["demo-zh-17", "demo-en-12"])
def test_customer_speaks_where_the_layout_says(scripts, call_id):
    """The customer is on channel 1, or on 0 when swapped; the silent agent's channel holds nothing."""
    soundfile = pytest.importorskip("soundfile", reason="the extra demo is not installed")
    samples, _ = soundfile.read(DEMO / "recordings" / f"{call_id}.flac")
    levels = samples.std(axis=0)
    if scripts[call_id]["layout"] == "agent_silent":
        assert levels[0] == 0
        assert levels[1] > 0.01
    else:
        first_second = samples[4000:12000].std(axis=0)
        assert first_second[1] > first_second[0]  # the agent greets first


def test_quotes_are_in_the_customers_words(scripts, reasons):
    """Every true reason quotes its customer; only a reason never said has no quote."""
    for row in reasons:
        said = [turn["text"] for turn in scripts[row["call_id"]]["turns"] if turn["role"] == "customer"]
        assert any(row["quote"] in text for text in said), row["call_id"]
        assert bool(row["quote"]) == (row["reason"] != "not_said"), row["call_id"]


def test_three_reasons_of_five_calls_have_no_code(reasons):
    """At least three reasons without a code are spoken in five calls or more, two of them in both languages."""
    uncoded = {row["reason"] for row in reasons if not row["code"] and row["reason"] != "not_said"}
    large = [reason for reason in uncoded if len(by_reason(reasons)[reason]) >= 5]
    assert len(large) >= 3
    both = [r for r in large if {"en", "zh"} <= {call_id.split("-")[1] for call_id in by_reason(reasons)[r]}]
    assert len(both) >= 2


def test_late_and_never_arrived_are_each_said_in_both_languages(reasons):
    """Several calls each, in Chinese and in English."""
    for reason in ("delivery_late", "delivery_never_arrived"):
        calls = by_reason(reasons)[reason]
        assert len(calls) >= 4
        assert {"en", "zh"} <= {call_id.split("-")[1] for call_id in calls}


def test_new_reason_is_of_the_last_two_days_only(manifest, reasons):
    """The recall is in four calls or more, none before the manifest's last two days."""
    days = sorted({row["started_at"][:10] for row in manifest.values()})
    recall = [manifest[call_id]["started_at"][:10] for call_id in by_reason(reasons)["kettle_recall"]]
    assert len(recall) >= 4
    assert set(recall) <= set(days[-2:])


def test_a_customer_calls_again_within_a_week(manifest, reasons):
    """One customer calls twice within seven days about the same reason."""
    calls = defaultdict(list)
    for row in reasons:
        if row["call_id"] in manifest:
            call = manifest[row["call_id"]]
            calls[call["customer_id"], row["reason"]].append(datetime.fromisoformat(call["started_at"]))
    again = [times for times in calls.values() if len(times) > 1]
    assert again
    assert all(max(times) - min(times) < timedelta(days=7) for times in again)


def test_one_call_has_two_reasons_and_one_none(reasons):
    """Some call states two reasons, and some customer never says why."""
    assert max(Counter(row["call_id"] for row in reasons).values()) == 2
    assert by_reason(reasons)["not_said"]


def test_some_calls_were_only_offered(manifest):
    """The manifest has rows without a recording; the abandoned ones have no agent."""
    lost = [row for row in manifest.values() if not row["recording"]]
    assert len(lost) >= 5
    assert all(not row["agent_id"] for row in lost if row["is_abandoned"] == "yes")
    assert any(row["is_abandoned"] == "no" for row in lost)


def test_a_chat_and_an_email_are_written():
    """The written contacts are chats and e-mails, a row a message, roles alternating from the file."""
    rows = read_lines("texts.jsonl")
    assert {row["contact_channel"] for row in rows} == {"chat", "email"}
    assert set(rows[0]) == {"call_id", "turn_index", "role", "text", "started_at", "contact_channel"}


@pytest.mark.parametrize("name", TABLES)
def test_tables_say_what_the_dialogues_say(make_demo_calls, tmp_path, name):
    """Writing the tables again changes nothing."""
    make_demo_calls.write_tables(make_demo_calls.read_yaml(DEMO / "dialogues.yaml"), tmp_path)
    assert (tmp_path / name).read_bytes() == (DEMO / name).read_bytes()


def test_card_numbers_have_their_check_digit(scripts):
    """The two spoken card numbers pass Luhn's check, so that redaction knows them for what they are."""
    digits = {"四": 4, "零": 0, "一": 1, "二": 2, "三": 3, "五": 5, "六": 6, "九": 9, "one": 1, "four": 4}
    numbers = []
    for call_id in ("demo-en-04", "demo-zh-08"):
        text = " ".join(turn["text"] for turn in scripts[call_id]["turns"] if "card" not in turn["text"])
        run = re.search(r"(?:(?:one|four)[ ,]*){16}|六二二二[一二三四五六零九，]+", text).group()
        numbers.append([digits[one] for one in re.findall(r"one|four|[一二三四五六零九]", run)])
    for number in numbers:
        doubled = [sum(divmod(2 * d, 10)) if i % 2 else d for i, d in enumerate(reversed(number))]
        assert sum(doubled) % 10 == 0, number


def test_taxonomy_codes_are_those_of_the_demo(reasons):
    """Every coded reason has an active code of the demo's taxonomy, which has 8 to 10."""
    taxonomy = read_taxonomy(ROOT / "taxonomy" / "reason_codes.yaml")
    numbers = {code.number for code in taxonomy.active}
    assert 8 <= len(numbers) <= 10
    assert {row["code"] for row in reasons} - {""} == numbers


def test_taxonomy_examples_are_in_other_words(scripts):
    """No example is a line of a call or a part of one, and each code has 4 to 8 in both languages."""
    spoken = [turn["text"] for script in scripts.values() for turn in script["turns"]]
    for code in read_taxonomy(ROOT / "taxonomy" / "reason_codes.yaml").active:
        assert 4 <= len(code.examples) <= 8, code.number
        assert len({text.isascii() for text in code.examples}) == 2, code.number
        assert code.owner and code.names["en"] and code.names["zh"] and code.customer and code.company
        for example in code.examples:
            assert not any(example.rstrip(".") in text or text in example for text in spoken), example


def test_long_texts_are_spoken_in_several_breaths(make_demo_calls):
    """Phonemes are cut after punctuation, and only when they are too many for one breath."""
    speech = sys.modules["speech"]
    assert speech.split_breaths("a, b. c") == ["a, b. c"]
    assert len(speech.split_breaths("x" * 200 + ", " + "y" * 200)) == 2


@pytest.mark.model
def test_every_line_can_be_spoken(make_demo_calls):
    """Each word of the dialogues is in the voice's lexicon, so that the scripts hold what is heard."""
    pytest.importorskip("misaki", reason="the extra demo is not installed")
    calls = make_demo_calls.read_yaml(DEMO / "dialogues.yaml")["calls"]
    for call in calls:
        for _, text in make_demo_calls.list_turns(call):
            assert sys.modules["speech"].find_phonemes(text)
