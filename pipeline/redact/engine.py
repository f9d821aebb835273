"""Engine: presidio's analyzer with our finders as its recognisers, and its language engine made to measure.

English words go to the entity model only where something looks like a name; Chinese is cut and tagged by jieba.
This module imports presidio, which is slow: import it where a text is about to be redacted.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
from presidio_analyzer.predefined_recognizers import IbanRecognizer, IpRecognizer, UkNinoRecognizer

from pipeline.languages import has_chinese
from pipeline.redact.addresses import find_addresses
from pipeline.redact.asked import find_bare_answers
from pipeline.redact.candidates import ASKED_RATIO, DIGIT_TYPES, THRESHOLD_RATIO, Candidate
from pipeline.redact.chinese_names import find_chinese_names
from pipeline.redact.codes import find_codes
from pipeline.redact.names import find_names, may_hold_unknown_name
from pipeline.redact.numbers import find_numbers
from pipeline.redact.patterns import find_birth_dates, find_emails, find_links, find_plates, find_references

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

Finder = Callable[[str, "Doc"], list[Candidate]]
# Presidio's own recognisers that we use, and the placeholder for what they find.
PRESIDIO_TYPES = {"IBAN_CODE": "ACCOUNT", "IP_ADDRESS": "IP", "UK_NINO": "ID_NUMBER"}
GUESS_KEY = "is_guess"
LANGUAGES = ("en", "zh")


class FinderRecognizer(EntityRecognizer):  # type: ignore[misc]
    """One of our finders as presidio's analyzer calls it; what was asked for comes in as presidio's context."""

    def __init__(self, finder: Finder, types: Sequence[str], language: str) -> None:
        self.finder = finder
        super().__init__(supported_entities=list(types), supported_language=language, name=finder.__name__)

    def load(self) -> None:
        """Load nothing."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        """Find what may be personal."""
        return [_make_result(one, self) for one in self.finder(text, nlp_artifacts.tokens) if one.score_ratio > 0]

    def enhance_using_context(
        self,
        text: str,
        raw_recognizer_results: list[RecognizerResult],
        *_: object,
        context: Sequence[str] | None = None,
        **__: object,
    ) -> list[RecognizerResult]:
        """Lift the score of what was asked for."""
        for found in raw_recognizer_results:
            _lift(found, context or ())
        return raw_recognizer_results


def _make_result(one: Candidate, recognizer: FinderRecognizer) -> RecognizerResult:
    metadata = {
        RecognizerResult.RECOGNIZER_NAME_KEY: recognizer.name,
        RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: recognizer.id,
        GUESS_KEY: one.is_guess,
    }
    return RecognizerResult(one.type, one.start, one.end, one.score_ratio, recognition_metadata=metadata)


def _lift(found: RecognizerResult, asked: Sequence[str]) -> None:
    answers = set(asked)
    is_number = found.entity_type in DIGIT_TYPES and found.recognition_metadata[GUESS_KEY]
    if found.entity_type in answers or (is_number and answers & DIGIT_TYPES):
        found.score = min(1.0, found.score + ASKED_RATIO)
    if is_number and found.entity_type not in answers and len(answers & DIGIT_TYPES) == 1:
        found.entity_type = next(iter(answers & DIGIT_TYPES))


class KeepScores(ContextAwareEnhancer):  # type: ignore[misc]
    """Leave the scores alone: our finders have read the context already."""

    def __init__(self) -> None:
        super().__init__(0.0, 0.0, 0, 0)

    def enhance_using_context(
        self, text: str, raw_results: list[RecognizerResult], *_: object, **__: object
    ) -> list[RecognizerResult]:
        """Return what came in."""
        return raw_results


class SpokenEngine(NlpEngine):  # type: ignore[misc]
    """English by a spaCy entity model, Chinese by jieba; an empty document where neither can add anything."""

    def __init__(self, english_model: Path | None) -> None:
        import jieba
        import spacy

        jieba.setLogLevel(logging.WARNING)
        unused = ["parser", "lemmatizer", "attribute_ruler", "tagger", "senter"]
        self.english_model = english_model
        self.english = spacy.load(english_model, disable=unused) if english_model else spacy.blank("en")
        self.chinese = spacy.blank("zh")

    def load(self) -> None:
        """Load nothing more."""

    def is_loaded(self) -> bool:
        """Say that the pipelines are there."""
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Cut a text into words, with entities in English and parts of speech in Chinese."""
        if language == "zh" and has_chinese(text):
            doc = _tag_chinese(text, self.chinese.vocab)
        elif language == "en" and self.english_model and may_hold_unknown_name(text):
            doc = self.english(text)
        else:
            doc = self.english.make_doc("")
        return NlpArtifacts(list(doc.ents), doc, [], [], self, language)

    def process_batch(
        self, texts: Iterable[str], language: str, *_: object, **__: object
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        """Do so for many texts."""
        return ((text, self.process_text(text, language)) for text in texts)

    def is_stopword(self, word: str, language: str) -> bool:
        """Tell no stop words: no recogniser of ours asks."""
        return False

    def is_punct(self, word: str, language: str) -> bool:
        """Tell no punctuation: no recogniser of ours asks."""
        return False

    def get_supported_entities(self) -> list[str]:
        """Name no entity: what the model sees is only evidence for our finders."""
        return []

    def get_supported_languages(self) -> list[str]:
        """Name the languages."""
        return list(LANGUAGES)


def _tag_chinese(text: str, vocab: "Vocab") -> "Doc":
    import jieba.posseg
    from spacy.tokens import Doc

    pairs = [(pair.word, pair.flag) for pair in jieba.posseg.cut(text)]
    words, tags = [word for word, _ in pairs], [flag for _, flag in pairs]
    return Doc(vocab, words=words, spaces=[False] * len(words), tags=tags)


def find_english_names(text: str, doc: "Doc") -> list[Candidate]:
    """Find names in the English words of a text."""
    return find_names(text, [(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents])


def find_names_chinese(text: str, doc: "Doc") -> list[Candidate]:
    """Find names in the Chinese words of a text."""
    return find_chinese_names(text, [(token.idx, token.idx + len(token.text), token.tag_) for token in doc])


def _without_doc(finder: Callable[[str], list[Candidate]]) -> Finder:
    def find(text: str, doc: "Doc") -> list[Candidate]:
        return finder(text)

    find.__name__ = finder.__name__
    return find


def make_engine(types: Sequence[str], english_model: Path | None) -> AnalyzerEngine:
    """Make presidio's analyzer with all our recognisers in both languages."""
    registry = RecognizerRegistry(recognizers=[], supported_languages=list(LANGUAGES))
    shared = (
        find_numbers,
        find_codes,
        find_emails,
        find_links,
        find_plates,
        find_references,
        find_birth_dates,
        find_addresses,
        find_bare_answers,
    )
    for language, names in (("en", find_english_names), ("zh", find_names_chinese)):
        for finder in (names, *map(_without_doc, shared)):
            registry.add_recognizer(FinderRecognizer(finder, types, language))
        for recognizer in (IbanRecognizer, IpRecognizer, UkNinoRecognizer):
            registry.add_recognizer(recognizer(supported_language=language))
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=SpokenEngine(english_model),
        supported_languages=list(LANGUAGES),
        default_score_threshold=THRESHOLD_RATIO,
        context_aware_enhancer=KeepScores(),
    )
