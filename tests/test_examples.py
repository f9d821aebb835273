"""Tests of examples."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.config import Project, Settings
from pipeline.errors import SettingsError
from pipeline.examples import (
    encode_distinct,
    find_examples,
    fit_embeddings,
    fit_examples,
    load_examples,
    load_names,
    read_examples,
)

GOOD = """
name: mood
labels:
  good: {en: [fine, great], zh: [很好]}
  bad: {en: [awful, poor]}
"""


class LetterEncoder:
    """Embeds a text by its letters, so that like words lie near each other."""

    name = "letters"
    dim = 26
    library = None

    def encode(self, texts):
        """Count letters."""
        counts = (
            np.asarray([[text.count(chr(97 + n)) for n in range(26)] for text in texts], np.float32).reshape(-1, 26)
            + 0.01
        )
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def write(folder: Path, content: str) -> Path:
    """Write a file of examples."""
    path = folder / "mood.yaml"
    path.write_text(content, encoding="utf-8")
    return path


def test_reads_every_language_of_every_label(tmp_path):
    """Labels keep the order of the file, and sentences of all languages stand under them."""
    examples = read_examples(write(tmp_path, GOOD))
    assert examples.labels == ("good", "bad")
    assert examples.texts == ("fine", "great", "很好", "awful", "poor")
    assert examples.label_indices == (0, 0, 0, 1, 1)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("labels: [", "not valid YAML"),
        ("labels: {good: {en: [a, b]}}", "'labels' should map"),
        ("labels: {good: [a, b], bad: [c, d]}", "'labels' should map"),
        ("labels: {good: {en: [a, b]}, bad: {en: [c]}}", "'bad' should have at least 2"),
        ("labels: {good: {en: [a, b]}, bad: {en: [a, d]}}", "both 'good' and 'bad'"),
        ("nothing: here", "'labels' should map"),
    ],
)
def test_wrong_file_says_which_rule_it_breaks(tmp_path, content, rule):
    """A file that a curator got wrong is named with the rule it breaks."""
    with pytest.raises(SettingsError, match=rule):
        read_examples(write(tmp_path, content))


def test_missing_file_says_what_to_do(tmp_path):
    """A file that is not there is named."""
    with pytest.raises(SettingsError, match="Restore the file"):
        read_examples(tmp_path / "gone.yaml")


def test_names_are_listed_beside_the_labels():
    """A file may list names too, in both languages; one that lists none has none."""
    departments = load_names("signals", "departments")
    assert {"driver", "快递"} <= set(departments["delivery"])
    assert load_names("roles", "departments") == {}


def test_bad_names_are_refused(project):
    """A list of names that is none is said with its file and key."""
    own = project.root / "models" / "examples" / "signals.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("departments: {delivery: driver}", encoding="utf-8")
    with pytest.raises(SettingsError, match="'departments' should map"):
        load_names("signals", "departments", project)


def test_project_file_replaces_the_default(tmp_path):
    """A project's own file is taken, the package's where it has none."""
    own = tmp_path / "models" / "examples" / "roles.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(GOOD, encoding="utf-8")
    project = Project(tmp_path, Settings())
    assert find_examples("roles", project) == own
    assert find_examples("signals", project) == find_examples("signals")


@pytest.mark.parametrize("name", ["roles", "reasons", "questions", "sentiment", "signals"])
def test_default_files_have_both_languages(name):
    """Every label of every default file has at least ten sentences."""
    examples = load_examples(name)
    counts = np.bincount(examples.label_indices, minlength=len(examples.labels))
    assert counts.min() >= 8, dict(zip(examples.labels, counts.tolist(), strict=True))


def test_classifier_learns_from_its_examples(tmp_path):
    """A text like a label's examples takes that label, and ratios sum to 1."""
    content = "labels: {ab: {en: [aab, abb, ab, abab, bab]}, xy: {en: [xxy, xyy, xy, xyxy, yxy]}}"
    classifier = fit_examples(read_examples(write(tmp_path, content)), LetterEncoder())
    ratios = classifier.predict_ratios(LetterEncoder().encode(["abba", "yxxy"]))
    assert [classifier.labels[index] for index in ratios.argmax(axis=1)] == ["ab", "xy"]
    assert np.allclose(ratios.sum(axis=1), 1)


def test_an_added_example_changes_the_outcome():
    """One more sentence under a label moves a text near it to that label."""
    encoder = LetterEncoder()
    texts = ["aab", "abb", "ab", "abab", "xxy", "xyy", "xy", "xyxy"]
    labels = [0, 0, 0, 0, 1, 1, 1, 1]
    probe = encoder.encode(["qqx"])
    before = fit_embeddings(("ab", "xy"), encoder.encode(texts), labels).predict_ratios(probe)
    after = fit_embeddings(("ab", "xy"), encoder.encode([*texts, "qqx", "qx", "qq"]), [*labels, 0, 0, 0])
    assert before[0, 0] < 0.5 < after.predict_ratios(probe)[0, 0]


def test_same_examples_give_the_same_classifier():
    """Fitting twice gives the very same weights."""
    encoder = LetterEncoder()
    embeddings = encoder.encode(["aab", "abb", "ab", "xxy", "xyy", "xy"])
    one, other = (fit_embeddings(("ab", "xy"), embeddings, [0, 0, 0, 1, 1, 1]) for _ in range(2))
    assert np.array_equal(one.weights, other.weights)
    assert one.sharpening == other.sharpening


def test_distinct_texts_are_embedded_once():
    """The same text gives the same row, and nothing gives no row."""
    rows = encode_distinct(LetterEncoder(), ["ab", "xy", "ab"])
    assert np.array_equal(rows[0], rows[2])
    assert encode_distinct(LetterEncoder(), []).shape == (0, 26)
