"""Phrases."""

import numpy as np
import pytest
from toy_encoder import ToyEncoder

from pipeline.config import ModelSettings
from pipeline.encoders import load_encoder
from pipeline.examples import Examples, keep_readable, load_examples
from pipeline.phrases import fit_texts

LABELS = ("again", "first")
AGAIN = [f"{thing} once again" for thing in ("lamp", "chair", "table", "phone", "card", "bill", "cable", "door")]
FIRST = [f"{thing} for once" for thing in ("lamp", "chair", "table", "phone", "card", "bill", "cable", "door")]
EXAMPLES = Examples("times", LABELS, (*AGAIN, *FIRST), (0,) * len(AGAIN) + (1,) * len(FIRST))


class BlindEncoder(ToyEncoder):
    """Sees no difference between any two texts."""

    def _embed(self, text: str):
        return np.full(self.dim, self.dim**-0.5, np.float32)


class EnglishEncoder(ToyEncoder):
    """Goes by the name of an encoder that reads English alone."""

    name = "all-MiniLM-L6-v2-00000000"


def test_phrases_tell_what_the_embedding_does_not():
    """To an encoder that sees nothing the two words that go together are what tells."""
    classifier = fit_texts(EXAMPLES, BlindEncoder())
    assert classifier.predict_logits(["window once again", "window for once"]).argmax(axis=1).tolist() == [0, 1]


def test_what_is_said_of_a_text_does_not_depend_on_the_others():
    """Each row is the text's own, whatever texts stand beside it."""
    classifier = fit_texts(EXAMPLES, ToyEncoder())
    texts = ["window once again", "for once", "something else"]
    assert classifier.predict_logits(texts[::-1])[::-1] == pytest.approx(classifier.predict_logits(texts))


def test_an_english_encoder_learns_from_english_alone():
    """What it cannot read would teach it nonsense; a label keeps what it has where there is nothing else."""
    chinese = ("又来了", "又打一次", "头一回", "第一次")
    mixed = Examples("times", LABELS, (*EXAMPLES.texts, *chinese), (*EXAMPLES.label_indices, 0, 0, 1, 1))
    assert keep_readable(mixed, EnglishEncoder()) == EXAMPLES
    assert keep_readable(mixed, ToyEncoder()) == mixed
    foreign = Examples("times", LABELS, chinese, (0, 0, 1, 1))
    assert keep_readable(foreign, EnglishEncoder()) == foreign


@pytest.mark.model
def test_the_names_of_real_encoders_say_what_they_read():
    """The English one learns from fewer of the package's examples than there are."""
    examples = load_examples("signals")
    kept = keep_readable(examples, load_encoder("all-MiniLM-L6-v2", ModelSettings()))
    assert 0 < len(kept.texts) < len(examples.texts)
    assert "I already called about this last week" in kept.texts


def test_both_kinds_of_evidence_count():
    """What the embedding says moves the sum, too."""
    seeing, blind = fit_texts(EXAMPLES, ToyEncoder()), fit_texts(EXAMPLES, BlindEncoder())
    assert not np.allclose(seeing.predict_logits(["again", "once"]), blind.predict_logits(["again", "once"]))
