"""Judge: an encoder is taught to tell what states a reason from what does not."""

from collections import Counter

import numpy as np
import pytest
from conftest import SilentProgress

from pipeline.adapt import judge
from pipeline.adapt.judge import JudgeLessons, teach_judge
from pipeline.config import ModelSettings
from pipeline.encoders import load_encoder

REASONS = [
    "my garden hose leaks since yesterday",
    "i want to move my piano lesson",
    "the lamp you sent does not switch on",
    "how do i get my deposit back",
]
OTHERS = ["my name is paula reed", "yes that is the right street", "hold on a moment", "it ends with four four nine"]
NEW_REASONS = ["the kettle arrived with a dent", "please cancel my swimming course"]
NEW_OTHERS = ["it is spelled with two ls", "sure go ahead"]


def make_lessons(n: int) -> JudgeLessons:
    """Make lessons where what states no reason is rare."""
    texts = [*REASONS, *OTHERS] * n
    weights = np.array([1.0] * len(REASONS) + [0.01] * len(OTHERS))
    return JudgeLessons(texts, np.array(([1] * 4 + [0] * 4) * n, np.float32), np.tile(weights, n))


def test_both_kinds_are_drawn_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little one kind weighs, half of what is drawn is of it; the same seed draws the same."""
    monkeypatch.setattr(judge, "BATCH_TEXTS", 8)
    lessons = make_lessons(100)
    batches = list(lessons.draw_batches(0))
    assert len(batches) == 100 and {len(batch) for batch in batches} == {8}
    drawn = Counter(int(lessons.states_reason[at]) for batch in batches for at in batch)
    assert 350 < drawn[0] < 450
    assert np.array_equal(np.stack(batches), np.stack(list(lessons.draw_batches(0))))


def test_a_lesson_is_drawn_as_often_as_it_weighs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among those of a kind, one that weighs three times as much comes three times as often."""
    monkeypatch.setattr(judge, "BATCH_TEXTS", 2)
    lessons = JudgeLessons(
        ["a", "b", "c"] * 1000, np.array([1, 1, 0] * 1000, np.float32), np.tile([3.0, 1.0, 1.0], 1000)
    )
    drawn = Counter(lessons.texts[at] for batch in lessons.draw_batches(0) for at in batch)
    assert drawn["a"] / drawn["b"] == pytest.approx(3, rel=0.2)


@pytest.mark.model
def test_reasons_and_the_rest_come_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """After some steps sentences that were not taught lie nearer to their own kind than before."""
    monkeypatch.setattr(judge, "BATCH_TEXTS", 8)
    monkeypatch.setattr(judge, "WARM_UP_STEPS", 2)
    encoder = load_encoder("all-MiniLM-L6-v2", ModelSettings())

    def find_gap() -> float:
        reasons, others = encoder.encode(NEW_REASONS), encoder.encode(NEW_OTHERS)
        return float((reasons @ reasons.T).mean() + (others @ others.T).mean() - 2 * (reasons @ others.T).mean())

    before = find_gap()
    changes = teach_judge(encoder, make_lessons(30), SilentProgress())
    assert find_gap() > before + 0.1
    assert len(changes) == 36 and all(change.any() for change in changes.values())
