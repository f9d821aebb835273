"""Extract: find where the customer says why they call: the clause, not the turn, and several reasons in order.

Reads `turns`; writes `reason_utterances`. Example sentences and what public chats taught judge each clause; its place
in the call and the question before it weigh too. Saying the same again later is no second reason.

Errors: none of its own. A call without a reason has no row and is covered all the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import pyarrow as pa

from pipeline.clauses import Clause, announces_several, split_clauses
from pipeline.config import ExtractSettings, Project
from pipeline.encoders import Encoder, make_encoder
from pipeline.examples import Floats, centre, encode_distinct
from pipeline.extract.place import place_span
from pipeline.extract.rows import group_rows, make_turn
from pipeline.extract.spans import Span, find_new, find_spans
from pipeline.languages import count_words, find_language
from pipeline.picking.context import describe_turns, weigh_questions
from pipeline.picking.picker import Picker, load_picker
from pipeline.picking.wording import describe_wording
from pipeline.tables import hash_text, make_table
from pipeline.transcripts import Transcript, find_transcripts, read_transcript
from pipeline.turns import AGENT, Turn, find_calls_with_turns, group_turns
from pipeline.work import Outcome, Work, sync_calls

# What was asked just before is an offer of more from this probability on; its column among the questions.
MIN_ASKED_RATIO = 0.5
ANOTHER = 2

__all__ = ["ReasonScore", "Span", "extract_reasons", "find_reasons", "run"]


@dataclass(frozen=True)
class ReasonScore:
    """Whether a turn states a reason, how surely, and the clause that does (the likeliest one where none does)."""

    is_reason: bool
    score_ratio: float
    reason_text: str


@dataclass(frozen=True)
class JudgedTurn:
    """A turn, its clauses, how surely the turn and each clause state a reason.

    `is_awaited`: the customer said that there was more than one matter, or the agent has just asked for another one.
    """

    turn: Turn
    clauses: tuple[Clause, ...]
    ratio: float
    clause_ratios: tuple[float, ...]
    is_awaited: bool = False


def extract_reasons(
    rows: Sequence[Mapping[str, object]], encoder: Encoder, project: Project | None = None
) -> list[ReasonScore]:
    """Say of each row whether it states a reason; an agent's states none.

    Args:
        rows: Turns as `call_id, turn_index, role, text`, n in any order. A row without `call_id` is judged by its words
            alone, one without `role` is the customer's.
        encoder: Embeds.
        project: Whose settings and examples to use; the defaults when null.

    Returns:
        n scores in the same order.

    Raises:
        InputError: A `turn_index` is not a number.
    """
    picker = load_picker(encoder, project)
    settings = project.settings.extract if project else ExtractSettings()
    groups = group_rows(rows)
    judged = judge_calls([[make_turn(rows[index], index) for index in group] for group in groups], picker)
    scores = {
        index: _score_turn(one, settings)
        for group, call in zip(groups, judged, strict=True)
        for index, one in zip(group, call, strict=True)
    }
    return [scores[index] for index in range(len(rows))]


def find_reasons(calls: Sequence[Sequence[Turn]], picker: Picker, settings: ExtractSettings) -> list[list[Span]]:
    """Find each call's reasons in order, each once, at most as many as the settings allow."""
    judged_calls = judge_calls(calls, picker)
    spans = [[span for judged in call for span in _find_turn_spans(judged, settings)] for call in judged_calls]
    flat = [span.text for call in spans for span in call]
    embeddings = (
        centre(encode_distinct(picker.encoder, flat), picker.reasons.mean) if flat else np.zeros((0, 1), np.float32)
    )
    ends = np.cumsum([len(call) for call in spans])[:-1]
    return [
        _pick_reasons([call[index] for index in find_new(call, rows)], settings)
        for call, rows in zip(spans, np.split(embeddings, ends), strict=True)
    ]


def judge_calls(calls: Sequence[Sequence[Turn]], picker: Picker) -> list[list[JudgedTurn]]:
    """Judge every turn of every call; what an agent says states no reason."""
    clauses = [[_split(turn) for turn in call] for call in calls]
    texts = [
        [
            [turn.text, *(clause.text for clause in parts)] if turn.may_be_customer else []
            for turn, parts in zip(call, split, strict=True)
        ]
        for call, split in zip(calls, clauses, strict=True)
    ]
    logits = iter(picker.weigh_texts([text for call in texts for turn in call for text in turn]).tolist())
    weighed = [[[next(logits) for _ in turn] for turn in call] for call in texts]
    asked = picker.weigh_questions([_last_clause(turn) for call in calls for turn in call])
    starts = np.cumsum([0, *(len(call) for call in calls)])
    return [
        _judge_call(call, split, rows, picker=picker, asked=asked[start : start + len(call)])
        for call, split, rows, start in zip(calls, clauses, weighed, starts, strict=False)
    ]


def run(work: Work) -> Outcome:
    """Bring `reason_utterances` up to date with `turns`."""
    expected = find_calls_with_turns(work.store)
    turns = work.store.read("turns")
    load = cache(lambda: load_picker(make_encoder(work.project), work.project))
    return sync_calls(work, ("reason_utterances",), expected, partial(_make_tables, work, turns, load))


def _make_tables(work: Work, table: pa.Table, load: Callable[[], Picker], call_ids: list[str]) -> dict[str, pa.Table]:
    calls = group_turns(table, call_ids)
    found = find_reasons(list(calls.values()), load(), work.project.settings.extract)
    paths = find_transcripts(work.project.transcripts)
    rows = [
        row
        for call_id, spans in zip(calls, found, strict=True)
        for row in _make_rows(spans, read_transcript(paths[call_id]) if spans and call_id in paths else None)
    ]
    return {"reason_utterances": make_table("reason_utterances", rows)}


def _make_rows(spans: Sequence[Span], transcript: Transcript | None) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for index, span in enumerate(spans):
        start_s, end_s = place_span(span, transcript)
        rows.append(
            {
                "call_id": span.turn.call_id,
                "utterance_index": index,
                "turn_index": span.turn.turn_index,
                "part_index": span.turn.part_index,
                "start_s": start_s,
                "end_s": end_s,
                "language": find_language(span.text),
                "text": span.text,
                "text_id": hash_text(span.text),
                "score_ratio": span.score_ratio,
                "is_first": index == 0,
            }
        )
    return rows


def _split(turn: Turn) -> tuple[Clause, ...]:
    return tuple(split_clauses(turn.text, turn.language or find_language(turn.text)))


def _last_clause(turn: Turn) -> str:
    """What an agent's turn ends with, which is what the customer answers; nothing for another's turn."""
    clauses = _split(turn) if turn.role == AGENT else ()
    return clauses[-1].text if clauses else ""


def _judge_call(
    call: Sequence[Turn],
    clauses: Sequence[tuple[Clause, ...]],
    logits: Sequence[Sequence[float]],
    *,
    picker: Picker,
    asked: Floats,
) -> list[JudgedTurn]:
    """Judge one call's turns; `logits` hold the whole turn's first, then its clauses'."""
    theirs = [index for index, turn in enumerate(call) if turn.may_be_customer and logits[index]]
    by_text = [max(logits[index]) for index in theirs]
    by_context = list(by_text)
    if len(call) > 1 and theirs:
        before = np.stack(
            [asked[index - 1] if index and call[index - 1].role == AGENT else 0 * asked[0] for index in theirs]
        )
        described = describe_turns(
            by_text, describe_wording([call[i].text for i in theirs]), [call[i].turn_index for i in theirs]
        )
        weighed = picker.adapter.context.weigh(described) + weigh_questions(before)
        by_context = weighed.tolist()
    awaited = _find_awaited(call, asked)
    shift = {index: after - text for index, text, after in zip(theirs, by_text, by_context, strict=True)}
    return [
        JudgedTurn(
            turn,
            clauses[index],
            _ratio(max(logits[index]) + shift[index]) if index in shift else 0.0,
            tuple(_ratio(logit + shift[index]) for logit in logits[index][1:]) if index in shift else (),
            is_awaited=awaited[index],
        )
        for index, turn in enumerate(call)
    ]


def _find_awaited(call: Sequence[Turn], asked: Floats) -> list[bool]:
    """Say of each turn whether another matter is to come: the customer counted several, or the agent asks for one."""
    awaited, has_several = [], False
    for index, turn in enumerate(call):
        asked_for = index > 0 and call[index - 1].role == AGENT and asked[index - 1][ANOTHER] >= MIN_ASKED_RATIO
        awaited.append(has_several or bool(asked_for))
        has_several |= turn.may_be_customer and announces_several(turn.text)
    return awaited


def _ratio(logit: float) -> float:
    return round(float(1 / (1 + np.exp(-np.clip(logit, -30, 30)))), 4)


def _score_turn(judged: JudgedTurn, settings: ExtractSettings) -> ReasonScore:
    if not judged.clause_ratios:
        return ReasonScore(False, 0.0, "")
    is_reason = judged.ratio >= settings.min_score_ratio
    best = max(judged.clause_ratios)
    spans = find_spans(judged.turn, judged.clauses, judged.clause_ratios, best)
    text = max(spans, key=lambda span: span.score_ratio).text
    return ReasonScore(is_reason, judged.ratio, text)


def _find_turn_spans(judged: JudgedTurn, settings: ExtractSettings) -> list[Span]:
    """Find the turn's spans; a turn that states a reason only as a whole is one span."""
    if judged.ratio < settings.min_score_ratio or count_words(judged.turn.text) < settings.min_words:
        return []
    threshold = min(settings.min_score_ratio, max(judged.clause_ratios))
    spans = find_spans(judged.turn, judged.clauses, judged.clause_ratios, threshold)
    return [
        replace(span, opens_matter=span.opens_matter or judged.is_awaited)
        for span in spans
        if count_words(span.text) >= settings.min_words
    ]


def _pick_reasons(spans: Sequence[Span], settings: ExtractSettings) -> list[Span]:
    """Keep the surest, in order; what comes after the first must be surer: later turns mostly explain."""
    likely = [span for index, span in enumerate(spans) if not index or _is_another(span, settings)]
    best = sorted(likely, key=lambda span: -span.score_ratio)[: settings.max_reasons]
    return [span for span in likely if span in best]


def _is_another(span: Span, settings: ExtractSettings) -> bool:
    return span.score_ratio >= (settings.min_score_ratio if span.opens_matter else settings.min_other_score_ratio)
