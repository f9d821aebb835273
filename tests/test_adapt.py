"""Adapt: what teaches, how it is drawn, and when what was learned is kept."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import NOW, SilentProgress
from toy_encoder import ToyEncoder
from typer.testing import CliRunner

from pipeline.adapt import Taught, keep_taught, load_changed, teach_from_files
from pipeline.adapt.choosing import Gain, HeldOut, find_right, make_held_out, measure_gain
from pipeline.adapt.company import (
    Moved,
    activate,
    count_moves,
    deactivate,
    list_examples,
    preview_moves,
    teach_from_codes,
)
from pipeline.adapt.lessons import Lessons, find_domain, list_lesson_files, read_lessons, read_names, split_lessons
from pipeline.adapt.speech import SLIP_RATIO, Speech, make_speech
from pipeline.adapt.teaching import Changes, Recipe, draw_batch, make_recipe, make_sources, teach_several
from pipeline.cli import app
from pipeline.config import ModelSettings, Project, Settings
from pipeline.decisions import DECISIONS_FILE, read_decisions
from pipeline.encoders import load_encoder
from pipeline.errors import InputError, TaxonomyError
from pipeline.library import read_library
from pipeline.models.cache import hash_file
from pipeline.rows import write_rows
from pipeline.tables import make_table
from pipeline.taxonomy import Code, Taxonomy

ENGLISH = "all-MiniLM-L6-v2"
REASONS = {
    "late": ("the parcel is late", "my order is overdue", "still waiting for the delivery", "it should be here by now"),
    "invoice": ("send me an invoice", "I need the bill again", "a copy of the receipt please", "where is my invoice"),
    "password": ("I forgot my password", "reset my log-in", "cannot get into my account", "the site wants a new pin"),
    "cancel": ("cancel my contract", "I want to quit", "please end the subscription", "stop the plan in May"),
    "broken": ("it came broken", "the glass has a crack", "the lamp does not work", "one leg is bent"),
    "refund": ("where is my money", "the refund has not come", "pay me back", "nothing was returned to my card"),
}
GAIN = Gain(n=0, before_ratio=0.5, after_ratio=0.7, low=0.1, high=0.3)
LESSONS = Lessons({"shop": REASONS, "two": {"late": ("包裹晚了", "还没送到"), "invoice": ("开发票", "发票没给")}})


def write_lessons(path: Path) -> Path:
    """Write the invented lessons as a file."""
    write_rows(path, [{"text": text, "reason": reason} for reason, texts in REASONS.items() for text in texts])
    return path


# Lessons


def test_lessons_are_read_by_source_domain_and_reason(tmp_path: Path) -> None:
    """A domain is a source of its own; a reason with one sentence is left out, a turn that gives details an aside."""
    rows = [
        {"text": text, "reason": reason, "domain": domain}
        for domain in ("cards", "loans")
        for reason in ("one", "two")
        for text in (f"{domain} {reason} a", f"{domain} {reason} b")
    ]
    write_rows(tmp_path / "made.csv", [*rows, {"text": "alone", "reason": "three", "domain": "cards"}])
    chats = [
        {"text": "it is a blue one from May", "intents": ["contentonly"]},
        {"text": "I want to buy another one", "intents": ["thankyou", "buy"]},
    ]
    write_rows(tmp_path / "chats.jsonl", chats)
    lessons = read_lessons(list_lesson_files([tmp_path]))
    assert {source: sorted(pool) for source, pool in lessons.pools.items()} == {
        "made cards": ["one", "two"],
        "made loans": ["one", "two"],
    }
    assert lessons.asides == ("it is a blue one from May",)


def test_an_english_encoder_gets_no_chinese(tmp_path: Path) -> None:
    """Characters it cannot read teach it nothing."""
    rows = [
        {"text": text, "reason": reason} for reason in "ab" for text in (f"hello {reason}", f"bye {reason}", "你好")
    ]
    write_rows(tmp_path / "mixed.csv", rows)
    pool = read_lessons([tmp_path / "mixed.csv"], english_only=True).pools["mixed"]
    assert pool["a"] == ("hello a", "bye a")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"text": "hello", "label": "x"}], "should have a column 'reason'"),
        ([{"text": "hello", "reason": "x"}], "should have several reasons"),
    ],
)
def test_files_that_teach_nothing_are_said(tmp_path: Path, rows: list[dict[str, object]], said: str) -> None:
    """The message names the file and what it should have."""
    write_rows(tmp_path / "a.csv", rows)
    with pytest.raises(InputError, match=said):
        read_lessons([tmp_path / "a.csv"])


def test_files_can_be_left_out(tmp_path: Path) -> None:
    """By their stem; a folder without any other file is said."""
    for name in ("a", "b"):
        write_lessons(tmp_path / f"{name}.csv")
    assert [path.stem for path in list_lesson_files([tmp_path], ["a"])] == ["b"]
    with pytest.raises(InputError, match="No lessons in"):
        list_lesson_files([tmp_path], ["a", "b"])
    with pytest.raises(InputError, match="is not there"):
        list_lesson_files([tmp_path / "c"])


def test_reasons_held_out_teach_nothing(tmp_path: Path) -> None:
    """Every sentence is on one side, and a source with a single reason left is on none."""
    taught, held = split_lessons(LESSONS, {"late", "broken"})
    assert sorted(taught.pools["shop"]) == ["cancel", "invoice", "password", "refund"]
    assert sorted(held.pools["shop"]) == ["broken", "late"]
    assert "two" not in taught.pools and "two" not in held.pools
    (tmp_path / "names.txt").write_text("late\n\nbroken\n")
    assert read_names(tmp_path / "names.txt") == {"late", "broken"}


def test_a_domain_to_hold_out_lies_together() -> None:
    """Of five kinds of reasons one kind is held out whole."""
    kinds = ("parcel", "invoice", "password", "card", "loan")
    pool = {f"{kind} {at}": (f"{kind} " * 6 + f"w{at}", f"{kind} " * 6 + f"v{at}") for kind in kinds for at in range(3)}
    held = find_domain(Lessons({"made": pool}), ToyEncoder())
    assert len({name.split()[0] for name in held}) == 1 and len(held) == 3


# Speech


def test_spoken_sentences_keep_the_reason() -> None:
    """What is put around a sentence takes no word away; the same seed says the same."""
    for text in ("the parcel is late again", "包裹还没有送到我家"):
        spoken = [make_speech(["it is blue"], seed).speak(text) for seed in range(20)]
        assert spoken == [make_speech(["it is blue"], seed).speak(text) for seed in range(20)]
        assert len(set(spoken)) > 10
        kept = [set(text.split()) <= set(said.replace(",", " ").replace(".", " ").split()) for said in spoken]
        assert not text.isascii() or all(kept)


def test_a_long_turn_is_spoken_as_it_is() -> None:
    """It needs no greeting; a Chinese one is misheard all the same."""
    english = "so my son was home from school and " + "the parcel that we ordered is late again " * 3
    chinese = "我跟你说那天下着雨我带孩子去看病回来一看" + "包裹还是没有送到我家" * 3
    assert {make_speech(["it is blue"], seed).speak(english) for seed in range(20)} == {english}
    assert {len(make_speech(["是蓝的"], seed).speak(chinese)) for seed in range(20)} == {len(chinese)}


def test_misheard_words_sound_the_same() -> None:
    """A slip exchanges a word for another of as many characters, about as often as it should."""
    speech = Speech(make_speech((), 0).rng)
    heard = [speech._mishear("我的权利在哪里") for _ in range(300)]
    assert {len(one) for one in heard} == {7}
    assert 0.2 * SLIP_RATIO < np.mean([one != "我的权利在哪里" for one in heard]) < 4 * SLIP_RATIO


# Teaching


def test_a_batch_has_two_sentences_of_each_reason_of_one_source() -> None:
    """Both languages take turns by sources; no reason comes twice."""
    sources, speech = make_sources(LESSONS, ToyEncoder()), make_speech((), 0)
    for _ in range(20):
        texts, reasons = draw_batch(sources, speech, Recipe(n_reasons=4, spoken_ratio=0))
        pool = LESSONS.pools["shop" if texts[0].isascii() else "two"]
        owners = [next(reason for reason, said in pool.items() if text in said) for text in texts]
        assert sorted(reasons) == sorted([*range(len(texts) // 2)] * 2)
        assert len(set(owners)) == len(texts) // 2
        assert all(owners[at] == owners[at + 1] for at in range(0, len(owners), 2))


def test_half_of_a_batch_are_neighbours() -> None:
    """With all reasons near, the first is followed by its nearest ones."""
    source = make_sources(LESSONS, ToyEncoder())[0]
    drawn = source.draw_reasons(4, 0.75, make_speech((), 3))
    first = source.reasons.index(drawn[0])
    assert drawn[1:4] == [source.reasons[at] for at in source.neighbours[first][:3]]


def test_a_recipe_is_the_encoders_own() -> None:
    """Steps that are asked for replace the usual ones."""
    assert make_recipe(ENGLISH, 7).n_steps == 7
    assert make_recipe("codes").n_steps < make_recipe(ENGLISH).n_steps


# Choosing


def test_a_gain_by_chance_is_not_sure() -> None:
    """Two of a hundred may be chance, twenty are not; the interval holds the difference."""
    before = np.arange(100) < 60
    small, large = measure_gain(before, np.arange(100) < 62), measure_gain(before, np.arange(100) < 80)
    assert not small.is_sure or small.low < 0.02
    assert large.is_sure and large.low < 0.2 < large.high
    assert not measure_gain(before, before).is_sure


def test_held_out_sentences_are_judged_by_their_nearest() -> None:
    """With words alone to go by, sentences that share theirs are right."""
    texts = ("late parcel", "parcel late", "invoice please", "please invoice", "zebra")
    held_out = HeldOut(texts, np.array([0, 0, 1, 1, 2]))
    assert find_right(held_out, ToyEncoder().encode(texts)).tolist() == [True, True, True, True, False]
    assert len(make_held_out(LESSONS, make_speech((), 0)).texts) == 28


@pytest.mark.model
def test_teaching_changes_the_encoder_and_is_kept_only_if_it_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few steps end in a change of the size that the recipe allows; what does not help is not written."""
    monkeypatch.setattr("pipeline.adapt.OWN_FILES", ("own_sentences.csv",))  # the smaller file is enough
    taught = teach_from_files(
        [write_lessons(tmp_path / "made.csv")],
        ENGLISH,
        ModelSettings(),
        held_out=("late", "refund"),
        recipe=Recipe(n_steps=2, n_reasons=4),
        progress=SilentProgress(),
    )
    assert taught.sources == (("made", 4, 16),) and taught.n_held_out_reasons == 2
    assert 0 < max(float(np.abs(change).max()) for change in taught.changes.values()) < 1e-2
    unsure = replace(taught, gain=replace(taught.gain, low=-0.01))
    assert keep_taught(unsure, tmp_path / "no.npz") is None and not (tmp_path / "no.npz").exists()
    sure = replace(taught, gain=replace(taught.gain, low=0.01))
    path = keep_taught(sure, tmp_path / "yes.npz")
    assert path and "| made | 4 | 16 |" in path.with_suffix(".md").read_text()
    assert read_library(path).centres.shape[0] > 100
    plain, changed = (one.encode(["hello"]) for one in (load_encoder(ENGLISH, ModelSettings()), _load(sure)))
    assert 0 < np.abs(plain - changed).max() < 0.5


@pytest.mark.model
def test_what_was_held_out_teaches_once_the_strength_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every reason teaches, nothing is tried, and the file and its card are written without a gain to show."""
    monkeypatch.setattr("pipeline.adapt.OWN_FILES", ("own_sentences.csv",))
    taught = teach_from_files(
        [write_lessons(tmp_path / "made.csv")],
        ENGLISH,
        ModelSettings(),
        held_out=("late", "refund"),
        recipe=replace(make_recipe(ENGLISH, 1, 0.5), n_reasons=4, n_runs=1),
        progress=SilentProgress(),
    )
    assert taught.sources == (("made", 6, 24),) and taught.n_held_out_reasons == 0
    assert (taught.strength, taught.gain, taught.tried) == (0.5, None, {})
    path = keep_taught(taught, tmp_path / "all.npz")
    assert path and "nearest other sentence" not in path.with_suffix(".md").read_text()


def test_a_strength_is_said_or_chosen(tmp_path: Path) -> None:
    """Both at once would say two things; the message names both options."""
    held = tmp_path / "held.txt"
    held.write_text("late\n")
    asked = ["adapt", "--train", str(write_lessons(tmp_path / "made.csv")), "--hold-out", str(held), "--strength", "1"]
    result = CliRunner().invoke(app, asked)
    assert isinstance(result.exception, InputError)
    assert "--hold-out" in str(result.exception) and "--strength" in str(result.exception)


@pytest.mark.model
def test_teachings_with_batches_of_their_own_are_averaged() -> None:
    """Two teachings end between what each of them learned, and they learned different things."""
    recipe = Recipe(n_steps=2, n_reasons=4, n_runs=2)
    sources = make_sources(LESSONS, ToyEncoder())

    def average(first_run: int, n_runs: int) -> Changes:
        return teach_several(
            lambda: load_encoder(ENGLISH, ModelSettings()),
            sources,
            lambda run: make_speech((), first_run + run),
            replace(recipe, n_runs=n_runs),
            SilentProgress(),
        )

    both, first = average(0, 2), average(0, 1)
    name = max(first, key=lambda one: float(np.abs(first[one]).max()))
    second = 2 * both[name] - first[name]
    assert np.abs(first[name] - second).max() > 1e-6
    assert np.abs(both[name]).max() < max(np.abs(first[name]).max(), np.abs(second).max())


def _load(taught: Taught) -> object:
    return load_changed(ENGLISH, ModelSettings(), taught.recipe, taught.changes, 1.0)


# A company's own codes


def test_merged_codes_speak_for_what_they_became() -> None:
    """A retired code's examples teach nothing."""
    codes = (
        Code("1", examples=("a",)),
        Code("2", examples=("b",), merged_into="1", status="retired"),
        Code("3", examples=("c",), status="retired"),
    )
    assert list_examples(Taxonomy(codes)) == {"1": ("a", "b")}


def write_codes(project: Project, n_examples: int) -> Project:
    """Write codes with some examples each, for an English project."""
    codes = [
        {"number": 101 + at, "name": {"en": reason}, "examples": list(texts[:n_examples])}
        for at, (reason, texts) in enumerate(REASONS.items())
    ]
    (project.root / "taxonomy").mkdir(exist_ok=True)
    (project.root / "taxonomy" / "reason_codes.yaml").write_text(json.dumps({"version": 1, "codes": codes}))
    return replace(project, settings=Settings.model_validate({"project": {"languages": ["en"]}}))


def test_too_few_examples_are_said(project: Project) -> None:
    """Nothing can be told from two examples a code."""
    with pytest.raises(TaxonomyError, match="Learning needs 4"):
        teach_from_codes(write_codes(project, 2), Recipe(n_steps=1), SilentProgress())


@pytest.mark.model
def test_what_was_learned_waits_until_a_curator_says_so(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written inactive, previewed without changing a table, made active, and taken back."""
    project = write_codes(project, 4)
    monkeypatch.setattr("pipeline.adapt.OWN_FILES", ("own_sentences.csv",))  # the smaller file is enough
    monkeypatch.setattr("pipeline.adapt.company.measure_gain", lambda before, after: replace(GAIN, n=len(after)))
    learned = teach_from_codes(project, Recipe(n_steps=1, n_reasons=4), SilentProgress())
    assert learned.path and learned.path.name.startswith("inactive-") and learned.gain.n == 24
    said = {"call_id": "c1", "utterance_index": 0, "turn_index": 0, "text": "my parcel is late", "text_id": "t"}
    for name, row in (("reason_utterances", said), ("call_reasons", {**said, "code": "106"}), ("turns", said)):
        project.store.write(name, "f", make_table(name, [row]), {"c1": "x"})
        project.store.set_current(name, ["f"])
    assert preview_moves(project, learned.path)[0].from_code == "106"
    assert activate(project, who="li", now=NOW).name.startswith("own-")
    assert deactivate(project, who="li", now=NOW) == learned.path
    with pytest.raises(TaxonomyError, match="No adapter of the project's own is active"):
        deactivate(project, who="li", now=NOW)
    decisions = read_decisions(project.taxonomy / DECISIONS_FILE)
    assert [(one.what, one.who, one.before, one.after) for one in decisions] == [
        ("activate", "li", {}, {}),
        ("deactivate", "li", {}, {}),
    ]
    assert (
        decisions[0].about
        == decisions[1].about
        == (f"{learned.path.name.removeprefix('inactive-')}, sha256 {hash_file(learned.path)}")
    )


def test_moves_are_counted_from_code_to_code() -> None:
    """Most first."""
    moves = [Moved("a", 0, "1", "2"), Moved("b", 0, "1", ""), Moved("c", 0, "1", "2")]
    assert count_moves(moves) == [("1", "2", 2), ("1", "", 1)]


def test_a_file_counts_by_its_size_and_not_by_its_domains() -> None:
    """Two domains of one file weigh together what one of both would."""
    pool = {"a": ("late parcel", "parcel late"), "b": ("invoice wrong", "wrong invoice")}
    sources = make_sources(Lessons({"one first": pool, "one second": pool, "other": pool}), ToyEncoder())
    assert [round(source.weight, 3) for source in sources] == [1.414, 1.414, 2.0]
