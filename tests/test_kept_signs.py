"""Kept signs: found once a text and model, read afterwards, the same as found anew."""

import numpy as np
import pytest

from pipeline import kept_signs
from pipeline.config import AssignSettings
from pipeline.kept_signs import SignKeeper
from pipeline.library import fit_library
from pipeline.matching import fit_assigner
from pipeline.signs import Signs, find_signs
from pipeline.tables import Store
from pipeline.taxonomy import Code, Taxonomy
from tests.toy_encoder import ToyEncoder

KNOWN = {"late": ("parcel late", "late parcel today"), "invoice": ("invoice wrong", "my invoice is wrong")}
TEXTS = ["my parcel is LATE again", "我的APP打不开，还没收到货", "", "don’t know", "invoice wrong, invoice"]
CODES = (Code("1", examples=("my parcel is late", "包裹晚了")), Code("2", examples=("wrong invoice", "发票错了")))


class KnowingEncoder(ToyEncoder):
    """Has a library, and counts what it was asked."""

    def __init__(self, name: str = "toy") -> None:
        self.name, self.asked = name, []
        self.library = fit_library(KNOWN, ToyEncoder().encode([text for some in KNOWN.values() for text in some]))

    def encode(self, texts):
        """Embed texts."""
        self.asked += texts
        return super().encode(texts)


@pytest.fixture
def store(tmp_path) -> Store:
    """The tables."""
    return Store(tmp_path)


@pytest.fixture
def nothing_is_found(monkeypatch):
    """Whoever finds signs anew fails."""
    return lambda: monkeypatch.setattr(kept_signs, "find_signs", lambda texts, *_: pytest.fail(f"found {texts} anew"))


def list_pieces(signs: Signs) -> list:
    """List everything but the known reasons, text by text."""
    pieces = [
        [[one.names[number] for number in one[at : at + 1].numbers] for at in range(len(one))]
        for one in (signs.words, signs.letters, signs.sounds)
    ]
    return [signs.languages.tolist(), *pieces]


def test_what_is_kept_is_what_was_found(store, nothing_is_found):
    """Another process reads the very signs, in the order asked for, and finds nothing anew."""
    encoder = KnowingEncoder()
    SignKeeper(store, encoder).see([*TEXTS, TEXTS[0]])
    nothing_is_found()
    order = [4, 1, 0, 0, 3, 2]
    asked = [TEXTS[at] for at in order]
    embeddings, signs = SignKeeper(store, encoder).see(asked)
    wanted = find_signs(asked, embeddings, encoder.library)
    assert list_pieces(signs) == list_pieces(wanted)
    assert abs(signs.reasons - wanted.reasons).max() < 1e-6 and wanted.reasons.nnz > 0
    assert np.array_equal(embeddings, encoder.encode(asked))


def test_new_texts_among_old_ones_are_found_and_kept(store, nothing_is_found):
    """A batch may hold both, in any order."""
    encoder = KnowingEncoder()
    SignKeeper(store, encoder).see(TEXTS[:2])
    keeper = SignKeeper(store, encoder)
    embeddings, signs = keeper.see(TEXTS[::-1])
    assert list_pieces(signs) == list_pieces(find_signs(TEXTS[::-1], embeddings, encoder.library))
    nothing_is_found()
    assert len(SignKeeper(store, encoder).see(TEXTS)[1]) == len(SignKeeper(store, encoder).list_known()) == len(TEXTS)


@pytest.mark.parametrize("change", ["encoder", "library", "code"])
def test_what_another_model_showed_is_never_read(store, monkeypatch, change):
    """Another encoder, another sharpness of the library or other code finds signs anew; readers see only the last."""
    SignKeeper(store, KnowingEncoder()).see(TEXTS)
    if change == "library":
        monkeypatch.setattr(kept_signs, "TEMPERATURE", 0.1)
    if change == "code":
        monkeypatch.setattr(kept_signs, "VERSION", 2)
    other = SignKeeper(store, KnowingEncoder("toy-2" if change == "encoder" else "toy"))
    assert other.list_known() == set()
    other.see(TEXTS[:1])
    assert store.current("text_signs") == [other.name] and store.read("text_signs").num_rows == 1
    assert len(SignKeeper(store, other.encoder).list_known()) == 1


def test_codes_are_the_same_from_kept_and_from_fresh_signs(store):
    """After a change of the codes old texts take what they would take if they were new."""
    encoder, taxonomy = KnowingEncoder(), Taxonomy(CODES)
    pairs = [(text, text if len(text) < 12 else f"{text} hello") for text in TEXTS]
    SignKeeper(store, encoder).see([text for pair in pairs for text in pair if text])
    settings = AssignSettings()
    fresh = fit_assigner(taxonomy, encoder, settings, background=["hello"])(pairs)
    kept = fit_assigner(taxonomy, encoder, settings, background=["hello"], see=SignKeeper(store, encoder).see)(pairs)
    assert kept == fresh and {one.code for one in kept} >= {"1", "2"}
