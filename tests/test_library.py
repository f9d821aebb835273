"""The library: which known reasons a sentence sounds like."""

import numpy as np
import pytest

from pipeline.adapters import read_adapter, write_adapter
from pipeline.config import ENGLISH_ENCODER, ModelSettings
from pipeline.encoders import load_reason_encoder
from pipeline.evidence import fit_evidence
from pipeline.library import LEAST_RATIO, Library, fit_library, read_library
from tests.toy_encoder import ToyEncoder

KNOWN = {"late": ("parcel late", "late parcel today"), "invoice": ("invoice wrong", "my invoice is wrong")}


@pytest.fixture(scope="module")
def library():
    """Make a library of two reasons."""
    return fit_library(KNOWN, ToyEncoder().encode([text for some in KNOWN.values() for text in some]))


def place(library, *texts):
    """Place sentences among the reasons, as probabilities."""
    return np.square(library.place(texts, ToyEncoder().encode(texts)).toarray())


def test_a_sentence_sounds_like_its_reason(library):
    """Each of the two is at home with its own."""
    ratios = place(library, "late parcel", "wrong invoice")
    assert ratios.argmax(axis=1).tolist() == [0, 1] and ratios.max(axis=1).min() > 0.5


def test_a_sentence_like_nothing_has_no_such_evidence(library):
    """What sounds like no known reason agrees with nobody, least of all by chance."""
    assert place(library, "zebra quantum marmalade").sum() < LEAST_RATIO


def test_a_sentence_is_placed_the_same_whatever_comes_with_it(library):
    """Nothing is fitted on the sentences that are placed."""
    alone = place(library, "late parcel")
    assert np.allclose(alone, place(library, "wrong invoice", "zebra", "late parcel")[2], atol=1e-6)


def test_many_sentences_are_placed_in_pieces(library, monkeypatch):
    """It makes no difference but in memory."""
    texts = ("late parcel", "wrong invoice", "zebra", "parcel")
    whole = place(library, *texts)
    monkeypatch.setattr("pipeline.library.CHUNK", 3)
    assert np.allclose(whole, place(library, *texts)) and place(library, *texts[:0]).shape == (0, 2)


def test_other_words_of_one_reason_agree_by_the_library_alone(library):
    """The two share no word; only what is known brings them together."""
    texts = ["parcel parcel today", "late late"]
    embeddings = ToyEncoder().encode(texts)
    with_it = fit_evidence(texts, embeddings, library).view(texts, embeddings)
    without = fit_evidence(texts, embeddings).view(texts, embeddings)
    assert (with_it.reasons @ with_it.reasons.T)[0, 1] > 0.3
    assert without.reasons.nnz == 0 and (without.words @ without.words.T)[0, 1] == 0


def test_it_lies_in_the_adapters_file(library, tmp_path):
    """It comes back as it was, to half precision, and is no matrix of the adapter's."""
    path = tmp_path / "meaning-toy.npz"
    write_adapter(path, {"encoder.one": np.eye(4, dtype=np.float32)}, rank=2, library=library)
    found = read_library(path)
    assert isinstance(found, Library) and found.means.keys() == library.means.keys()
    assert np.allclose(found.centres, library.centres, atol=1e-3) and list(read_adapter(path)) == ["encoder.one"]


def test_an_adapter_may_have_none(tmp_path):
    """As those taught before there were libraries."""
    write_adapter(tmp_path / "a.npz", {"encoder.one": np.eye(4, dtype=np.float32)}, rank=2)
    assert read_library(tmp_path / "a.npz") is None


@pytest.mark.model
def test_the_packages_library_knows_reasons_in_other_words():
    """Sentences that the library does not hold agree more within a reason than across a near pair."""
    encoder = load_reason_encoder(ENGLISH_ENCODER, ModelSettings())
    texts = [
        "the courier is two days behind schedule",
        "my package was due on monday and it is wednesday now",
        "the tracking says delivered but there is nothing here",
        "you say it was handed over, I never got the box",
    ]
    rows = encoder.library.place(texts, encoder.encode(texts))
    agreement = (rows @ rows.T).toarray()
    assert agreement[0, 1] > agreement[0, 2] and agreement[2, 3] > agreement[1, 3]
