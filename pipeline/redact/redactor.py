"""Redactor: replace what names a person in a text by its type, and tell where.

Redacting twice is redacting once: a text is redacted until nothing more is found, and placeholders are never touched.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.config import ModelSettings, RedactSettings
from pipeline.errors import SettingsError
from pipeline.languages import has_chinese
from pipeline.redact.candidates import TYPE_MARK, TYPES
from pipeline.tables import hash_text

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine

# Raise when what is found changes, so that transcripts are redacted anew.
REDACTOR_VERSION = 1
LATIN = re.compile(r"[A-Za-z]")
MAX_CACHED = 20_000
CACHED_CHARS = 400


@dataclass(frozen=True)
class Entity:
    """What was replaced: its type, where it stood, and where its placeholder stands. Never the value."""

    type: str
    start: int
    end: int
    replacement_start: int
    replacement_end: int


@dataclass(frozen=True)
class Redacted:
    """A redacted text and what was replaced in it, from left to right."""

    text: str
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True)
class Span:
    """A stretch to replace."""

    type: str
    start: int
    end: int
    score_ratio: float = 1.0


@dataclass
class Redactor:
    """Finds and replaces personal data; loads its models when the first text comes."""

    settings: RedactSettings
    languages: tuple[str, ...]
    models: ModelSettings
    name: str
    _cache: dict[tuple[str, str, frozenset[str]], Redacted] = field(default_factory=dict, repr=False)

    def redact(self, text: str, language: str | None = None, *, asked_for: Iterable[str] = ()) -> Redacted:
        """Redact one text.

        Args:
            text: Any text; placeholders that are already there are left alone.
            language: zh or en as the transcriber heard it, else told by the script; the other language's words are
                looked through too wherever there are any.
            asked_for: Types that the turn before asked for (`find_asked`).
        """
        key = (text, language or "", frozenset(asked_for))
        if key not in self._cache:
            if len(self._cache) >= MAX_CACHED:
                self._cache.clear()
            made = self._redact_fully(text, _find_languages(text, language), key[2])
            if len(text) > CACHED_CHARS:
                return made
            self._cache[key] = made
        return self._cache[key]

    def _redact_fully(self, text: str, languages: Sequence[str], asked_for: frozenset[str]) -> Redacted:
        spans: list[Span] = []
        current = Redacted(text)
        while found := self._find(current.text, languages, asked_for):
            spans = sorted([*spans, *(_to_original(span, current) for span in found)], key=lambda span: span.start)
            current = replace_spans(text, spans)
        return current

    def _find(self, text: str, languages: Sequence[str], asked_for: frozenset[str]) -> list[Span]:
        from pipeline.redact.engine import PRESIDIO_TYPES

        found = [
            Span(PRESIDIO_TYPES.get(one.entity_type, one.entity_type), one.start, one.end, one.score)
            for language in languages
            for one in self._engine.analyze(text, language, context=sorted(asked_for))
        ]
        wanted = [span for span in found if span.type in (self.settings.entities or TYPES)]
        return merge_spans(text, [span for span in wanted if not self._is_kept(text[span.start : span.end])])

    def _is_kept(self, value: str) -> bool:
        return value.strip().lower() in {word.lower() for word in self.settings.keep_words}

    @cached_property
    def _engine(self) -> "AnalyzerEngine":
        from pipeline.models import fetch_model
        from pipeline.redact.engine import make_engine

        return make_engine(TYPES, fetch_model("en-core-web-sm", self.models) if "en" in self.languages else None)


def make_redactor(
    settings: RedactSettings, languages: Sequence[str], *, models: ModelSettings | None = None
) -> Redactor:
    """Make a redactor; nothing is loaded until the first text comes.

    Raises:
        SettingsError: `entities` names a type that there is not.
    """
    unknown = sorted(set(settings.entities) - set(TYPES))
    if unknown:
        raise SettingsError(f"[redact] entities: '{unknown[0]}' is no type. Use some of {', '.join(TYPES)}.")
    return Redactor(settings, tuple(languages), models or ModelSettings(), name_redactor(settings, languages))


def name_redactor(settings: RedactSettings, languages: Sequence[str]) -> str:
    """Name the redactor's version and settings, as a transcript's `made_with` keeps them."""
    made_with = f"{REDACTOR_VERSION} {settings.model_dump_json()} {sorted(languages)}"
    return f"callreasons-redact-{REDACTOR_VERSION}-{hash_text(made_with)[:8]}"


def _find_languages(text: str, language: str | None) -> list[str]:
    found = [name for name, is_there in (("zh", has_chinese(text)), ("en", LATIN.search(text))) if is_there]
    return found or [language if language in {"zh", "en"} else "en"]


def merge_spans(text: str, spans: Sequence[Span]) -> list[Span]:
    """Join what overlaps under the surest type, and what touches under the same type; cut at placeholders.

    Returns:
        Spans from left to right, none overlapping, none touching a placeholder already in the text.
    """
    merged: list[Span] = []
    for span in sorted((one for whole in spans for one in _cut(text, whole)), key=lambda one: (one.start, -one.end)):
        last = merged[-1] if merged else None
        if last and span.start < last.end:
            best = max(last, span, key=lambda one: (one.score_ratio, one.end - one.start))
            merged[-1] = Span(best.type, last.start, max(last.end, span.end), best.score_ratio)
        elif last and span.type == last.type and re.fullmatch(r"[\s,.'’-]{0,2}", text[last.end : span.start]):
            merged[-1] = Span(last.type, last.start, span.end, max(last.score_ratio, span.score_ratio))
        else:
            merged.append(span)
    return merged


def _cut(text: str, span: Span) -> list[Span]:
    """Cut placeholders out of a span, and blanks off its ends."""
    pieces, start = [], span.start
    for match in TYPE_MARK.finditer(text):
        if match.end() > start and match.start() < span.end:
            pieces.append((start, match.start()))
            start = max(start, match.end())
    pieces.append((start, span.end))
    trimmed = [_trim(text, begin, end) for begin, end in pieces if begin < end]
    return [
        Span(span.type, begin, end, span.score_ratio)
        for begin, end in trimmed
        if begin < end and re.search(r"\w", text[begin:end])
    ]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    value = text[start:end]
    return start + len(value) - len(value.lstrip(" \t\n,，。")), end - (len(value) - len(value.rstrip(" \t\n,，。")))


def replace_spans(text: str, spans: Sequence[Span]) -> Redacted:
    """Put placeholders where the spans are."""
    pieces: list[str] = []
    entities: list[Entity] = []
    position = length = 0
    for span in spans:
        placeholder = f"[{span.type}]"
        pieces += [text[position : span.start], placeholder]
        length += span.start - position
        entities.append(Entity(span.type, span.start, span.end, length, length + len(placeholder)))
        length += len(placeholder)
        position = span.end
    return Redacted("".join([*pieces, text[position:]]), tuple(entities))


def _to_original(span: Span, current: Redacted) -> Span:
    """Say where a span of the redacted text stood in the text before."""
    shift = 0
    for entity in current.entities:
        if entity.replacement_end <= span.start:
            shift = entity.end - entity.replacement_end
    return Span(span.type, span.start + shift, span.end + shift, span.score_ratio)
