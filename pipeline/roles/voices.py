"""Voices: whose voice is an agent's and whose a customer's, by the channel map and by what each says.

Errors: none of its own. A voice of which nothing tells is unknown.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.clauses import split_clauses
from pipeline.config import RolesSettings
from pipeline.encoders import Encoder
from pipeline.examples import ExampleClassifier, encode_distinct
from pipeline.turns import AGENT, CUSTOMER, UNKNOWN, Turn

# A voice is judged by its first clauses: greetings, checks and the request come early.
N_CLAUSES = 14
# Log odds: one clause counts at most so much, who speaks first is a little more likely the agent.
MAX_CLAUSE_EVIDENCE = 2.0
FIRST_VOICE_EVIDENCE = 0.5
# Log odds between two voices from which a role is told, and from which the channel map is contradicted.
SURE_EVIDENCE = 1.5
SWAP_EVIDENCE = 3.0
Voice = tuple[int, int | None, str]  # part, channel, speaker
Evidence = Mapping[Voice, float]  # log odds of agent against customer


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


def _first_clauses(turns: Sequence[Turn]) -> list[tuple[Voice, str]]:
    clauses: list[tuple[Voice, str]] = []
    n_by_voice = Counter[Voice]()
    for turn in (turn for turn in turns if turn.source == "recording"):
        voice = (turn.part_index, turn.channel, turn.speaker)
        texts = [clause.text for clause in split_clauses(turn.text, turn.language)]
        clauses.extend((voice, text) for text in texts[: max(0, N_CLAUSES - n_by_voice[voice])])
        n_by_voice[voice] += len(texts)
    return clauses


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
