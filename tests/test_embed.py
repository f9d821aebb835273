"""Embed: each text once, in few files, and no word of a text that nobody says any more."""

import pytest
from conftest import NOW, SilentProgress
from toy_encoder import ToyEncoder

from pipeline import kept_signs
from pipeline.config import Project
from pipeline.embed import run
from pipeline.encoders import CachedEncoder
from pipeline.kept_signs import SignKeeper
from pipeline.tables import Store, hash_text, make_table
from pipeline.work import Work

SAID = ("my name is Zhang Wei and it is late", "the  invoice is wrong")  # two spaces: matched with one


@pytest.fixture(autouse=True)
def toy(monkeypatch) -> None:
    """Texts are embedded by the toy encoder."""
    monkeypatch.setattr("pipeline.embed.make_reason_encoder", make_cached)


def make_cached(project: Project, name: str = "toy") -> CachedEncoder:
    """Make an encoder that keeps its rows."""
    return CachedEncoder(name, project.store, ToyEncoder)


def write_said(store: Store, texts: tuple[str, ...], note: str = "rang back") -> None:
    """Write a call for each text, in a turn that says more, and one call's note."""
    calls = [f"call-{at}" for at in range(len(texts))]
    keys = [{"call_id": call_id, "turn_index": 0, "is_heard": True} for call_id in calls]
    said = [{"utterance_index": 0, "text": text, "text_id": hash_text(text)} for text in texts]
    turns = [{"text": f"hi, {text}", "source": "recording"} for text in texts]
    noted = [{"call_id": one, "turn_index": 9, "text": note, "source": "note"} for one in calls[:1]]
    rows = {
        "transcripts": keys,
        "reason_utterances": [one | more for one, more in zip(keys, said, strict=True)],
        "turns": [*(one | more for one, more in zip(keys, turns, strict=True)), *noted],
    }
    for name, of_table in rows.items():
        store.write_whole(name, "f", make_table(name, of_table))


def embed(project: Project) -> tuple[int, int]:
    """Run the stage; say how many texts it did and how many were there."""
    outcome = run(Work(project, "embed", "f", SilentProgress(), NOW))
    return outcome.n_done, outcome.n_kept


def list_words(store: Store) -> set[str]:
    """List every word that readers of the table see."""
    return {word for words in store.read("text_signs")["words"].to_pylist() for word in words}


def test_words_that_were_redacted_later_are_kept_no_longer(project: Project):
    """A better redactor reran: neither the utterance, nor the words around it, nor a note leave a word behind."""
    store = project.store
    write_said(store, SAID, note="Zhang Wei rang back")
    embed(project)
    for name in ("toy-of-before", "toy"):  # the encoder was once another; assigning sees the words around too
        keeper = SignKeeper(store, make_cached(project, name))
        keeper.see([*SAID, *(f"hi, {text}" for text in SAID), "Zhang Wei rang back", "rang back"])
    assert "zhang" in list_words(store)
    write_said(store, ("my name is [PERSON] and it is late", SAID[1]))
    assert embed(project) == (1, 1)
    for folder in (store.root / "text_signs").glob("toy*"):
        store.set_current("text_signs", [folder.name], keep_older=True)
        assert list_words(store) >= {"invoice", "rang"} and not list_words(store) & {"zhang", "wei"}, folder.name


def test_what_is_still_said_is_not_found_anew(project: Project, monkeypatch):
    """Utterances, the words around them and notes stay as they are matched, with one space between words."""
    write_said(project.store, SAID)
    embed(project)
    matched = ["hi, the invoice is wrong", "the invoice is wrong", "rang back"]
    SignKeeper(project.store, make_cached(project)).see(matched)
    assert embed(project) == (0, 2)
    monkeypatch.setattr(kept_signs, "find_signs", lambda texts, *_: pytest.fail(f"found {texts} anew"))
    SignKeeper(project.store, make_cached(project)).see([*SAID, *matched])


def test_a_call_that_is_gone_leaves_no_word(project: Project):
    """The last text takes its file along."""
    write_said(project.store, SAID)
    embed(project)
    write_said(project.store, ())
    assert embed(project) == (0, 0)
    assert not list((project.store.root / "text_signs").glob("*/*.parquet"))


def test_many_texts_come_in_few_files(project: Project, monkeypatch):
    """A file is written when it is full, not once a batch, and the rest at the end."""
    monkeypatch.setattr("pipeline.embed.BATCH_TEXTS", 2)
    monkeypatch.setattr(kept_signs, "WRITE_EVERY", 6)
    write_said(project.store, tuple(f"parcel {at} is late" for at in range(15)))
    assert embed(project) == (15, 0)
    assert len(list((project.store.root / "text_signs").glob("*/*.parquet"))) == 3
    assert embed(project) == (0, 15)


def test_a_killed_run_keeps_the_files_that_were_full(project: Project, monkeypatch):
    """The next run finds only what was not written."""
    monkeypatch.setattr("pipeline.embed.BATCH_TEXTS", 2)
    monkeypatch.setattr(kept_signs, "WRITE_EVERY", 4)
    write_said(project.store, tuple(f"parcel {at} is late" for at in range(9)))
    monkeypatch.setattr(SilentProgress, "track", lambda self, items, **_: kill_after(items, 7))
    with pytest.raises(KeyboardInterrupt):
        embed(project)
    monkeypatch.setattr(SilentProgress, "track", lambda self, items, **_: items)
    assert embed(project) == (5, 4)


def kill_after(items, n):
    """End a run in its middle."""
    for index, item in enumerate(items):
        if index == n:
            raise KeyboardInterrupt
        yield item
