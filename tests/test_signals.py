"""Signals."""

from dataclasses import replace
from functools import cache

import pytest
from toy_encoder import ToyEncoder

from pipeline import signals
from pipeline.config import ModelSettings
from pipeline.encoders import Encoder, load_encoder
from pipeline.examples import fit_examples, load_examples
from pipeline.signals import find_signals
from pipeline.tables import make_table
from pipeline.turns import AGENT, CUSTOMER, Turn

NAMES = ["called_before", "other_department_failed", "effort", "threat_to_leave", "chance_to_sell"]


@cache
def load_once(name: str) -> Encoder:
    """Load a real encoder once for all tests of this file."""
    return load_encoder(name, ModelSettings())


@pytest.fixture(scope="module")
def toy_find():
    """Find signals by what words a call shares with the examples."""
    encoder = ToyEncoder()
    classifier = replace(fit_examples(load_examples("signals"), encoder), sharpening=3.0)  # words alone are never sure
    return lambda *calls: find_signals(calls, encoder=encoder, classifier=classifier)


def make_call(*turns: tuple[str, str], call_id: str = "c1") -> list[Turn]:
    """Make a call's turns."""
    return [Turn(call_id, index, role, text, language="en") for index, (role, text) in enumerate(turns)]


def test_every_call_has_every_signal(toy_find):
    """A call that gives no signal has a row for each all the same, without evidence."""
    (found,) = toy_find(make_call())
    assert [signal.signal for signal in found] == NAMES
    assert not any(signal.is_present for signal in found)


def test_the_plainest_turn_is_the_evidence(toy_find):
    """The turn that says it most plainly is named."""
    call = make_call((CUSTOMER, "hello"), (CUSTOMER, "I have called several times already"), (CUSTOMER, "okay"))
    signal = toy_find(call)[0][0]
    assert (signal.signal, signal.is_present, signal.turn_index) == ("called_before", True, 1)


def test_an_agent_gives_no_signal(toy_find):
    """The same words in the agent's mouth are no signal of the customer."""
    call = make_call((AGENT, "I have called several times already"), (CUSTOMER, "okay thank you"))
    assert not toy_find(call)[0][0].is_present


def test_run_writes_a_row_for_every_call_and_signal(work, monkeypatch):
    """Calls without a turn have their rows too, and a second run does nothing."""
    monkeypatch.setattr(signals, "make_encoder", lambda project: ToyEncoder())
    monkeypatch.setattr(signals, "NONE_ODDS", -2.0)  # words alone are never sure
    row = {"call_id": "a", "turn_index": 3, "role": CUSTOMER, "text": "I already called about this last week"}
    work.store.write("turns", "f0", make_table("turns", [row | {"language": "en"}]), {"a": "1", "b": "1"})
    work.store.set_current("turns", ["f0"])
    assert signals.run(work).n_done == 2
    rows = work.store.read("call_signals").to_pylist()
    assert len(rows) == 2 * len(NAMES)
    assert [(one["call_id"], one["turn_index"]) for one in rows if one["is_present"]] == [("a", 3)]
    assert signals.run(work).n_done == 0


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("I phoned you about this on Friday already", "called_before"),
        ("the shop on Main Street sent me to you because they could not do it", "other_department_failed"),
        ("I sat in your queue for an hour before anyone picked up", "effort"),
        ("sort it out or I am going to a different company", "threat_to_leave"),
        ("do you have a larger data package for me", "chance_to_sell"),
        ("my lamp has not arrived", None),
        ("我前几天就打过电话说这个事了", "called_before"),
        ("门店叫我找你们，说他们处理不了", "other_department_failed"),
        ("排队排了一个小时才有人接", "effort"),
        ("再不处理我就换别的公司了", "threat_to_leave"),
        ("有没有更大一点的流量套餐", "chance_to_sell"),
        ("我的灯还没送到", None),
    ],
)
def test_real_encoder_hears_both_languages(text, signal):
    """Each signal is heard in either language, and a plain reason gives none."""
    encoder = load_once("multilingual-e5-small")
    classifier = fit_examples(load_examples("signals"), encoder)
    (found,) = find_signals([make_call((CUSTOMER, text))], encoder=encoder, classifier=classifier)
    assert [one.signal for one in found if one.is_present] == ([signal] if signal else [])
