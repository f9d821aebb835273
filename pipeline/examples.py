"""Examples: the one mechanism for every label. A small file of example sentences by label teaches a classifier.

A file `models/examples/<name>.yaml` in the project replaces the one that comes with the package. It reads

    name: signals
    labels:
      called_before:
        en: ["this is the third time I am calling about it"]
        zh: ["我已经打过好几次电话了"]

A sentence added there changes the outcome of the next run; nothing else needs to be trained.

Errors: SettingsError names the file and the rule it breaks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.config import ENGLISH_ENCODERS, Project
from pipeline.encoders import Encoder
from pipeline.errors import SettingsError
from pipeline.languages import has_chinese
from pipeline.models import find_defaults
from pipeline.threads import use_one_thread

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]

# Inverse strengths of regularisation tried by cross-validation, weakest example set first.
C_GRID = (0.1, 0.3, 1.0, 3.0, 10.0)
N_FOLDS = 5
# Sharper or softer than the fit by at most this factor, so that few examples never claim certainty.
MAX_SHARPENING = 3.0


@dataclass(frozen=True)
class Examples:
    """Example sentences, each with its label; `labels` in the order of the file."""

    name: str
    labels: tuple[str, ...]
    texts: tuple[str, ...]
    label_indices: tuple[int, ...]


@dataclass(frozen=True)
class ExampleClassifier:
    """A calibrated logistic regression on centred embeddings."""

    labels: tuple[str, ...]
    mean: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    bias: Floats = field(repr=False)
    sharpening: float = 1.0

    def predict_logits(self, embeddings: Floats) -> Floats:
        """Say how strongly each row speaks for each label, shape (n, n_labels)."""
        logits: Floats = (centre(embeddings, self.mean) @ self.weights + self.bias) * np.float32(self.sharpening)
        return logits

    def predict_ratios(self, embeddings: Floats) -> Floats:
        """Say how probable each label is for each row, shape (n, n_labels); rows sum to 1."""
        return to_ratios(self.predict_logits(embeddings))


def find_examples(name: str, project: Project | None = None) -> Path:
    """Find the file of examples: the project's own, else the one that comes with the package."""
    file = Path("examples") / f"{name}.yaml"
    own = project.root / "models" / file if project else None
    return own if own and own.exists() else find_defaults() / file


def load_examples(name: str, project: Project | None = None) -> Examples:
    """Read the examples of this name: the project's own, else the package's."""
    return read_examples(find_examples(name, project))


def read_examples(path: Path) -> Examples:
    """Read a file of examples.

    Raises:
        SettingsError: The file is missing or does not have the layout above.
    """
    by_label = _read_labels(path)
    pairs = [
        (" ".join(text.split()), index)
        for index, languages in enumerate(by_label.values())
        for sentences in languages.values()
        for text in sentences
        if text.strip()
    ]
    _check_pairs(path, tuple(by_label), pairs)
    unique = list(dict.fromkeys(pairs))
    return Examples(path.stem, tuple(by_label), tuple(t for t, _ in unique), tuple(i for _, i in unique))


def can_read(encoder: Encoder, text: str) -> bool:
    """Say whether an encoder can read a text: one that reads English alone reads no Chinese."""
    return not (encoder.name.startswith(ENGLISH_ENCODERS) and has_chinese(text))


def keep_readable(examples: Examples, encoder: Encoder) -> Examples:
    """Leave out what an encoder cannot read, unless a label would have too few left."""
    pairs = zip(examples.texts, examples.label_indices, strict=True)
    kept = [(text, index) for text, index in pairs if can_read(encoder, text)]
    texts, indices = tuple(text for text, _ in kept), tuple(index for _, index in kept)
    is_enough = all(indices.count(index) >= 2 for index in range(len(examples.labels)))
    return replace(examples, texts=texts, label_indices=indices) if is_enough else examples


def load_names(name: str, key: str, project: Project | None = None) -> dict[str, tuple[str, ...]]:
    """Read what else a file of examples lists under a key: for each entry its names in every language.

    Raises:
        SettingsError: The entries do not map languages to lists of names.
    """
    path = find_examples(name, project)
    content = _read_content(path)
    entries = content.get(key, {}) if isinstance(content, Mapping) else {}
    if not isinstance(entries, Mapping) or not all(_is_by_language(languages) for languages in entries.values()):
        raise SettingsError(f"{path}: '{key}' should map each entry to languages and their lists of names.")
    return {
        str(entry): tuple(word.strip() for words in languages.values() for word in words if word.strip())
        for entry, languages in entries.items()
    }


def fit_examples(examples: Examples, encoder: Encoder) -> ExampleClassifier:
    """Fit and calibrate a classifier; strength and sharpness are chosen by cross-validation on the examples."""
    return fit_embeddings(examples.labels, encoder.encode(examples.texts), examples.label_indices)


def encode_distinct(encoder: Encoder, texts: Sequence[str]) -> Floats:
    """Embed texts, each distinct one once; the same text gives the same row."""
    distinct = {text: index for index, text in enumerate(dict.fromkeys(texts))}
    embeddings: Floats = encoder.encode(list(distinct))[[distinct[text] for text in texts]]
    return embeddings


def fit_embeddings(labels: tuple[str, ...], embeddings: Floats, label_indices: Sequence[int]) -> ExampleClassifier:
    """Fit and calibrate a classifier on embeddings, shape (n, dim), and each row's label."""
    return fit_and_predict(labels, embeddings, label_indices)[0]


def fit_and_predict(
    labels: tuple[str, ...], embeddings: Floats, label_indices: Sequence[int]
) -> tuple[ExampleClassifier, Floats]:
    """Fit a classifier likewise; also the logits of each row by a fit that did not see it, shape (n, n_labels)."""
    mean = embeddings.mean(axis=0)
    x, y = centre(embeddings, mean), np.asarray(label_indices)
    by_strength = {c: cross_validate(x, y, c) for c in C_GRID}
    best = min(C_GRID, key=lambda c: _log_loss(by_strength[c], y, 1.0))
    weights, bias = fit_logistic(x, y, best)
    sharpening = find_sharpening(by_strength[best], y)
    return ExampleClassifier(labels, mean, weights, bias, sharpening), by_strength[best] * np.float32(sharpening)


def _read_content(path: Path) -> object:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            f"Examples {path} cannot be read. Restore the file, or delete it to take the default."
        ) from None
    except YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        raise SettingsError(f"{path} is not valid YAML at line {line}. Mend that line.") from None


def _read_labels(path: Path) -> dict[str, dict[str, list[str]]]:
    content = _read_content(path)
    labels = content.get("labels") if isinstance(content, Mapping) else None
    if not _is_layout(labels):
        raise SettingsError(f"{path}: 'labels' should map each label to languages and their lists of sentences.")
    return {str(label): dict(languages) for label, languages in labels.items()}  # type: ignore[union-attr]


def _check_pairs(path: Path, labels: tuple[str, ...], pairs: Sequence[tuple[str, int]]) -> None:
    by_text: dict[str, int] = {}
    for text, index in pairs:
        if (other := by_text.setdefault(text, index)) != index:
            raise SettingsError(
                f"{path}: one sentence stands under both '{labels[other]}' and '{labels[index]}'. Keep it under one."
            )
    for index, label in enumerate(labels):
        if sum(other == index for other in by_text.values()) < 2:
            raise SettingsError(f"{path}: label '{label}' should have at least 2 examples. Add some.")


def _is_layout(labels: object) -> bool:
    return isinstance(labels, Mapping) and len(labels) >= 2 and all(_is_by_language(one) for one in labels.values())


def _is_by_language(languages: object) -> bool:
    return isinstance(languages, Mapping) and all(
        isinstance(sentences, list) and all(isinstance(one, str) for one in sentences)
        for sentences in languages.values()
    )


def centre(embeddings: Floats, mean: Floats) -> Floats:
    """Take the mean away and bring rows back to unit length, so that cosines of every encoder spread out."""
    centred = embeddings - mean
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    scaled: Floats = (centred / np.maximum(length, 1e-6)).astype(np.float32)
    return scaled


def fit_logistic(x: "Floats | csr_matrix", y: NDArray[np.int64], c: float) -> tuple[Floats, Floats]:
    """Fit a logistic regression in which every label counts alike: weights (dim, n_labels) and bias (n_labels,)."""
    from sklearn.linear_model import LogisticRegression

    with use_one_thread():
        model = LogisticRegression(C=c, class_weight="balanced", max_iter=300, tol=1e-4).fit(x, y)
    weights, bias = model.coef_, model.intercept_
    if len(weights) == 1:  # two labels give one row; both are spelt out
        weights, bias = np.vstack([-weights / 2, weights / 2]), np.concatenate([-bias / 2, bias / 2])
    return weights.T.astype(np.float32), bias.astype(np.float32)


def cross_validate(x: "Floats | csr_matrix", y: NDArray[np.int64], c: float) -> Floats:
    """Predict each row's logits by a fit that did not see it."""
    from sklearn.model_selection import StratifiedKFold

    n_folds = int(min(N_FOLDS, np.bincount(y).min()))
    logits = np.zeros((len(y), int(y.max()) + 1), np.float32)
    for train, test in StratifiedKFold(n_folds, shuffle=True, random_state=0).split(x, y):
        weights, bias = fit_logistic(x[train], y[train], c)
        logits[test] = x[test] @ weights + bias
    return logits


def find_sharpening(logits: Floats, y: NDArray[np.int64]) -> float:
    """Find what logits of rows that were not seen should be multiplied with, so that probabilities come true."""
    from scipy.optimize import minimize_scalar

    bounds = (-float(np.log(MAX_SHARPENING)), float(np.log(MAX_SHARPENING)))
    found = minimize_scalar(lambda power: _log_loss(logits, y, float(np.exp(power))), bounds=bounds, method="bounded")
    return float(np.exp(found.x))


def _log_loss(logits: Floats, y: NDArray[np.int64], sharpening: float) -> float:
    ratios = to_ratios(logits * np.float32(sharpening))
    weights = 1.0 / np.bincount(y)[y]
    return float(-(weights * np.log(ratios[np.arange(len(y)), y] + 1e-9)).sum() / weights.sum())


def to_ratios(logits: Floats) -> Floats:
    """Turn logits into probabilities; rows sum to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    ratios: Floats = powers / powers.sum(axis=1, keepdims=True)
    return ratios
