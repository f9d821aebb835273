"""Splitting: what goes elsewhere is what sounds like it, in either language."""

from toy_encoder import ToyEncoder

from pipeline.curate import Sentence, cut_by_sentence, suggest_cut

LATE = [Sentence(text) for text in ("parcel late", "the parcel late", "late my parcel", "包裹晚")]
INVOICE = [Sentence(text, "c1") for text in ("invoice wrong", "the invoice wrong", "发票")]


def test_two_reasons_thrown_together_are_cut_apart():
    """The larger part stays; sentences keep their calls."""
    stay, go = suggest_cut([*INVOICE, *LATE], ToyEncoder())
    assert (set(stay), set(go)) == (set(LATE), set(INVOICE))


def test_a_sentence_takes_along_what_is_like_it():
    """Whether it is one of them or not."""
    for sentence in ("invoice wrong", "my invoice wrong"):
        stay, go = cut_by_sentence([*LATE, *INVOICE], sentence, ToyEncoder())
        assert (set(stay), set(go)) == (set(LATE), set(INVOICE)), sentence


def test_one_sentence_is_no_two():
    """Nothing goes."""
    assert suggest_cut(LATE[:1], ToyEncoder()) == ((LATE[0],), ())
