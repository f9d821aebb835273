"""Roles: tell customer from agent in each call and make its turns.

Reads transcripts; writes `turns` and `transcripts`. In stereo the channel map says who is who and what is said checks
it: where both disagree clearly the roles are exchanged and a warning says so. In mono, what each speaker says tells.
Text carries its roles. Where nothing tells, the role is `unknown`.
Chinese words that were misheard for others of the same sound are mended (see `homophones`).

Errors: a transcript that cannot be read is a failure of its call; the rest goes on.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.clauses import split_clauses
from pipeline.config import RolesSettings
from pipeline.encoders import Encoder, make_encoder
from pipeline.errors import InputError
from pipeline.examples import ExampleClassifier, encode_distinct, fit_examples, load_examples
from pipeline.homophones import mend_segment
from pipeline.languages import CHINESE_CHARACTER, count_words, find_language
from pipeline.tables import make_table
from pipeline.transcripts import Segment, Transcript, Word, find_transcripts, hash_transcript, read_transcript
from pipeline.turns import AGENT, CUSTOMER, UNKNOWN, Turn
from pipeline.work import Failure, Outcome, Work, sync_calls

# A voice is judged by its first clauses: greetings, checks and the request come early.
N_CLAUSES = 14
# Log odds: one clause counts at most so much, who speaks first is a little more likely the agent.
MAX_CLAUSE_EVIDENCE = 2.0
FIRST_VOICE_EVIDENCE = 0.5
# Log odds between two voices from which a role is told, and from which the channel map is contradicted.
SURE_EVIDENCE = 1.5
SWAP_EVIDENCE = 3.0
# A language that makes up this share of the words makes the call mixed.
MIXED_SHARE_RATIO = 0.1
N_CALL_IDS_SHOWN = 5

Voice = tuple[int, int | None, str]  # part, channel, speaker
Evidence = Mapping[Voice, float]  # log odds of agent against customer


@dataclass(frozen=True)
class CallRoles:
    """One call's turns with their roles, and how these were told."""

    turns: tuple[Turn, ...]
    roles_from: str
    is_swapped: bool


def tell_roles(
    transcripts: Sequence[Transcript], settings: RolesSettings, *, encoder: Encoder, classifier: ExampleClassifier
) -> list[CallRoles]:
    """Make each transcript's turns and tell their roles."""
    mend = mend_segment if settings.mend_homophones else None
    calls = [merge_segments(transcript, mend) for transcript in transcripts]
    evidence = weigh_voices(calls, encoder, classifier)
    return [
        _assign_roles(turns, transcript, evidence[index], settings)
        for index, (turns, transcript) in enumerate(zip(calls, transcripts, strict=True))
    ]


def merge_segments(transcript: Transcript, mend: Callable[[Segment], str] | None = None) -> list[Turn]:
    """Merge consecutive segments of one voice or writer into turns, by start time; text comes after recordings.

    Args:
        transcript: One call's.
        mend: Writes what was meant for what was heard, in as many characters.
    """
    order = sorted(enumerate(transcript.segments), key=lambda pair: _place(*pair))
    turns: list[Turn] = []
    for heard in (segment for _, segment in order if segment.text.strip()):
        segment = replace(heard, text=mend(heard)) if mend and heard.words else heard
        turn = _make_turn(transcript.call_id, len(turns), segment)
        if turns and _is_same_voice(turns[-1], turn):
            turns[-1] = _join(turns[-1], turn)
        else:
            turns.append(turn)
    return [replace(turn, language=find_language(turn.text)) for turn in turns]


def weigh_voices(
    calls: Sequence[Sequence[Turn]], encoder: Encoder, classifier: ExampleClassifier
) -> list[dict[Voice, float]]:
    """Sum up for each voice of each call how much its first clauses sound like an agent rather than a customer."""
    heard = [_first_clauses(turns) for turns in calls]
    flat = [(index, voice, text) for index, clauses in enumerate(heard) for voice, text in clauses]
    evidence: list[dict[Voice, float]] = [
        {voice: FIRST_VOICE_EVIDENCE * (n == 0) for n, (voice, _) in enumerate(dict.fromkeys(clauses))}
        for clauses in heard
    ]
    if flat:
        ratios = classifier.predict_ratios(encode_distinct(encoder, [text for _, _, text in flat])) + np.float32(0.05)
        agent, customer = classifier.labels.index(AGENT), classifier.labels.index(CUSTOMER)
        odds = np.clip(np.log(ratios[:, agent] / ratios[:, customer]), -MAX_CLAUSE_EVIDENCE, MAX_CLAUSE_EVIDENCE)
        for (index, voice, _), weight in zip(flat, odds.tolist(), strict=True):
            evidence[index][voice] += weight
    return evidence


def summarize(transcript: Transcript, call: CallRoles, settings: RolesSettings) -> dict[str, object]:
    """Make the call's row of table `transcripts`."""
    words = [word for segment in transcript.segments for word in segment.words]
    return {
        "call_id": transcript.call_id,
        "language": name_languages([turn.text for turn in call.turns]),
        "duration_s": sum(part.duration_s for part in transcript.parts) if transcript.parts else None,
        "n_words": sum(count_words(turn.text) for turn in call.turns),
        "mean_probability_ratio": _mean_probability(words),
        "is_heard": is_heard(transcript, call.turns, settings),
        "roles_from": call.roles_from,
        "is_swapped": call.is_swapped,
        "n_unknown_turns": sum(turn.role == UNKNOWN for turn in call.turns),
        "n_dropped_segments": len(transcript.dropped),
        "model": transcript.made_with.get("speech_model", "") if transcript.parts else "",
    }


def is_heard(transcript: Transcript, turns: Sequence[Turn], settings: RolesSettings) -> bool:
    """Say whether enough of what the customer may have said was heard well enough to judge the call."""
    theirs = [turn for turn in turns if turn.may_be_customer] or _find_lone_voice(transcript, turns)
    if sum(count_words(turn.text) for turn in theirs) < settings.min_words:
        return False
    voices = {(turn.part_index, turn.channel, turn.speaker) for turn in theirs}
    words = [word for segment in transcript.segments if _voice_of(segment) in voices for word in segment.words]
    probability = _mean_probability(words)
    return probability is None or probability >= settings.min_probability_ratio


def _find_lone_voice(transcript: Transcript, turns: Sequence[Turn]) -> list[Turn]:
    """Find all turns of a recording in which one voice speaks in one channel: sounding like an agent, it was heard."""
    voices = {(turn.part_index, turn.channel, turn.speaker) for turn in turns}
    is_mono = {part.n_channels for part in transcript.parts} == {1}
    return list(turns) if is_mono and len(voices) == 1 else []


def name_languages(texts: Sequence[str]) -> str:
    """Name what is spoken: zh, en, mixed, or nothing; about three Chinese characters say as much as two words."""
    n_chinese = sum(len(CHINESE_CHARACTER.findall(text)) for text in texts)
    n_english = sum(count_words(text) for text in texts) - n_chinese
    if not n_chinese + n_english:
        return ""
    share = n_chinese / 1.5 / (n_chinese / 1.5 + n_english)
    return "zh" if share > 1 - MIXED_SHARE_RATIO else "en" if share < MIXED_SHARE_RATIO else "mixed"


def run(work: Work) -> Outcome:
    """Bring `turns` and `transcripts` up to date with the transcript files."""
    paths = find_transcripts(work.project.transcripts)
    expected = {call_id: hash_transcript(path) for call_id, path in paths.items()}
    failures: list[Failure] = []
    swapped: list[str] = []

    @cache
    def load() -> tuple[Encoder, ExampleClassifier]:
        encoder = make_encoder(work.project)
        return encoder, fit_examples(load_examples("roles", work.project), encoder)

    make = partial(_make_tables, work, paths, load=load, failures=failures, swapped=swapped)
    outcome = sync_calls(work, ("transcripts", "turns"), expected, make)
    return replace(outcome, failures=tuple(failures), warnings=warn_swapped(swapped))


def warn_swapped(call_ids: Sequence[str]) -> tuple[str, ...]:
    """Say loudly which calls had their roles exchanged, and how to mend it."""
    if not call_ids:
        return ()
    shown = ", ".join(sorted(call_ids)[:N_CALL_IDS_SHOWN]) + (", …" if len(call_ids) > N_CALL_IDS_SHOWN else "")
    return (
        f"WARNING: customer and agent sound swapped in {len(call_ids)} stereo calls ({shown}); their roles were "
        "exchanged. Listen to one; where most calls are so, mend `channels` in section [roles] of pipeline.toml.",
    )


def _make_tables(
    work: Work,
    paths: Mapping[str, Path],
    call_ids: list[str],
    *,
    load: Callable[[], tuple[Encoder, ExampleClassifier]],
    failures: list[Failure],
    swapped: list[str],
) -> dict[str, pa.Table]:
    transcripts = []
    for call_id in call_ids:
        try:
            transcripts.append(read_transcript(paths[call_id]))
        except InputError as error:
            failures.append(Failure(work.stage, call_id, str(error)))
    settings = work.project.settings.roles
    encoder, classifier = load()
    calls = tell_roles(transcripts, settings, encoder=encoder, classifier=classifier)
    swapped.extend(call.turns[0].call_id for call in calls if call.is_swapped)
    rows = [summarize(transcript, call, settings) for transcript, call in zip(transcripts, calls, strict=True)]
    turns = [asdict(turn) for call in calls for turn in call.turns]
    return {"turns": make_table("turns", turns), "transcripts": make_table("transcripts", rows)}


def _place(index: int, segment: Segment) -> tuple[bool, int, float, int]:
    return segment.start_s is None, segment.part_index, segment.start_s or 0.0, index


def _voice_of(segment: Segment) -> Voice:
    return segment.part_index, segment.channel, segment.speaker


def _make_turn(call_id: str, index: int, segment: Segment) -> Turn:
    return Turn(
        call_id=call_id,
        turn_index=index,
        role=segment.role or UNKNOWN,
        text=segment.text.strip(),
        source=segment.source,
        part_index=segment.part_index,
        channel=segment.channel,
        speaker=segment.speaker,
        start_s=segment.start_s,
        end_s=segment.end_s,
    )


def _is_same_voice(one: Turn, other: Turn) -> bool:
    return (one.source, one.part_index, one.channel, one.speaker, one.role) == (
        other.source,
        other.part_index,
        other.channel,
        other.speaker,
        other.role,
    )


def _join(one: Turn, other: Turn) -> Turn:
    """Join two turns: a space is a pause, a line end parts two written messages."""
    joint = " " if one.source == "recording" else "\n"
    ends = [end for end in (one.end_s, other.end_s) if end is not None]
    return replace(one, text=one.text + joint + other.text, end_s=max(ends, default=None))


def _first_clauses(turns: Sequence[Turn]) -> list[tuple[Voice, str]]:
    clauses: list[tuple[Voice, str]] = []
    n_by_voice = Counter[Voice]()
    for turn in (turn for turn in turns if turn.source == "recording"):
        voice = (turn.part_index, turn.channel, turn.speaker)
        texts = [clause.text for clause in split_clauses(turn.text, turn.language)]
        clauses.extend((voice, text) for text in texts[: max(0, N_CLAUSES - n_by_voice[voice])])
        n_by_voice[voice] += len(texts)
    return clauses


def _assign_roles(
    turns: Sequence[Turn], transcript: Transcript, evidence: Evidence, settings: RolesSettings
) -> CallRoles:
    if not any(turn.source == "recording" for turn in turns):
        known = any(turn.role != UNKNOWN for turn in turns)
        return CallRoles(tuple(turns), "text" if known else UNKNOWN, is_swapped=False)
    roles: dict[Voice, str] = {}
    swapped = False
    mapped = False
    for part in transcript.parts:
        voices = {voice: weight for voice, weight in evidence.items() if voice[0] == part.part_index}
        by_map = map_channels(voices, settings) if part.n_channels > 1 else {}
        mapped |= bool(by_map)
        is_swapped = sounds_swapped(by_map, voices)
        swapped |= is_swapped
        roles |= exchange_roles(by_map) if is_swapped else by_map or tell_voices(voices)
    named = tuple(
        replace(turn, role=roles.get((turn.part_index, turn.channel, turn.speaker), UNKNOWN))
        if turn.source == "recording"
        else turn
        for turn in turns
    )
    told = {turn.role for turn in named if turn.source == "recording"} != {UNKNOWN}
    return CallRoles(named, ("channel_map" if mapped else "content") if told else UNKNOWN, is_swapped=swapped)


def map_channels(voices: Evidence, settings: RolesSettings) -> dict[Voice, str]:
    """Look up each voice's role by its channel; nothing when the map does not name them all."""
    by_map: dict[Voice, str] = {
        voice: settings.channels[voice[1]]
        for voice in voices
        if voice[1] is not None and voice[1] < len(settings.channels)
    }
    return by_map if len(by_map) == len(voices) and UNKNOWN not in by_map.values() else {}


def sounds_swapped(by_map: Mapping[Voice, str], evidence: Evidence) -> bool:
    """Say whether what is said clearly contradicts the channel map; a single voice must do so by itself."""
    for_map = sum(evidence[voice] * (1 if role == AGENT else -1) for voice, role in by_map.items())
    return for_map <= -SWAP_EVIDENCE


def exchange_roles(by_map: Mapping[Voice, str]) -> dict[Voice, str]:
    """Give each the other role."""
    return {voice: CUSTOMER if role == AGENT else AGENT for voice, role in by_map.items()}


def tell_voices(evidence: Evidence) -> dict[Voice, str]:
    """Tell roles by what each voice says: two are told by their difference, one or several each by its own."""
    if len(evidence) == 2:
        agent, customer = sorted(evidence, key=lambda voice: -evidence[voice])
        sure = evidence[agent] - evidence[customer] >= SURE_EVIDENCE
        return {agent: AGENT if sure else UNKNOWN, customer: CUSTOMER if sure else UNKNOWN}
    return {
        voice: AGENT if weight >= SURE_EVIDENCE else CUSTOMER if weight <= -SURE_EVIDENCE else UNKNOWN
        for voice, weight in evidence.items()
    }


def _mean_probability(words: Sequence[Word]) -> float | None:
    return float(np.mean([word.probability_ratio for word in words])) if words else None
