"""Invented calls: a small project with every situation a report must show; nobody ever said a word of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.config import Project, Settings
from pipeline.tables import hash_text, make_table

MONDAY = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
CANDIDATES = {"c-crash": ("app closes on the payment page", "en"), "c-invoice": ("电子发票一直没有收到", "zh")}
TUESDAY = MONDAY + timedelta(days=1)
PARTS = ("closes after the card number", "closes on the last button")
GONE = "no text message with the tracking number"
TAXONOMY = """version: 1
currency: EUR
codes:
  - number: 101
    name: {en: My delivery never arrived, zh: 货一直没收到}
    owner: logistics
    cost: {unit: 12.5, what: replacement parcel}
  - number: 102
    name: {en: My delivery is late, zh: 货送晚了}
    owner: logistics
  - number: 103
    name: {en: I was charged twice, zh: 重复扣款}
    owner: billing
  - number: 104
    name: {en: I cannot log in}
"""


@dataclass(frozen=True)
class Said:
    """One reason utterance: a code, a candidate or a kind of no-code, and the words."""

    reason: str
    text: str = ""
    start_s: float | None = 8.0


@dataclass(frozen=True)
class Invented:
    """One call; `handle_s` is talk, hold and wrap, as the manifest has them."""

    call_id: str
    after_h: float
    said: tuple[Said, ...] = ()
    language: str = "en"
    customer: str | None = None
    handle_s: tuple[float | None, float | None, float | None] = (None, None, None)
    duration_s: float | None = 60.0
    label: str | None = "neutral"
    end_label: str | None = None  # None: they left as they came
    channel: str = "phone"
    has_source: bool = True
    is_abandoned: bool = False
    is_heard: bool = True
    roles_from: str = "channel_map"
    is_swapped: bool = False
    signals: tuple[str, ...] = ()
    known: tuple[tuple[str, object], ...] = ()  # other columns of `calls`


NEVER = Said("101", "I ordered two weeks ago and nothing came")
NEVER_ZH = Said("101", "快递显示签收了但是我没收到", 4.5)
LATE = Said("102", "it should have been here on Friday and it is still on the way", 11.0)
LATE_ZH = Said("102", "说好周三到的到现在还没送来", 6.0)
TWICE = Said("103", "you took the money from my card twice")
TWICE_ZH = Said("103", "同一笔订单扣了我两次钱", 9.5)
LOGIN = Said("104", "it says my password is wrong but I only just changed it, call me on [PHONE]", 14.0)
CRASH = Said("c-crash", "the app closes by itself when I get to the payment page", 7.0)
INVOICE = Said("c-invoice", "我上个月申请的电子发票一直没有收到", 5.0)
OTHER = Said("none_of_these", "do you still sell the blue lamp from your window", 3.0)
CLOSE = Said("undecided", "about my parcel, something is not right with it", 5.0)
SILENT, POOR = Said("not_said"), Said("not_heard")
MANIFEST = (240.0, 30.0, 30.0)

CALLS = (
    Invented("a01", 0, (NEVER,), customer="anna", handle_s=MANIFEST, label="negative"),
    Invented("a02", 50, (NEVER,), customer="anna", handle_s=MANIFEST, label="negative", signals=("called_before",)),
    Invented("a03", 50.1, (NEVER,), customer="anna", handle_s=(120.0, None, None), label="negative"),  # transferred
    Invented("a04", 2, (NEVER_ZH,), "zh", customer="bo", handle_s=MANIFEST, label="negative"),
    Invented("a05", 26, (NEVER_ZH, TWICE_ZH), "zh", customer="bo", handle_s=(600.0, 60.0, 60.0), label="negative"),
    Invented("a06", 27, (NEVER_ZH,), "zh", label="negative", duration_s=95.0),
    Invented("a07", 74, (NEVER,), customer="cleo", label="neutral", signals=("threat_to_leave",)),
    Invented("b01", 3, (LATE,), customer="dan", handle_s=(180.0, 0.0, 20.0), label="negative"),
    Invented("b02", 29, (LATE,), customer="eve", handle_s=(150.0, 0.0, 20.0)),
    Invented("b03", 52, (LATE_ZH,), "zh", customer="fang", handle_s=(200.0, 0.0, 20.0)),
    Invented("b04", 99, (LATE_ZH,), "zh", label="negative"),
    Invented("b05", 290, (LATE,), customer="dan", handle_s=(180.0, 0.0, 20.0)),  # twelve days later: no repeat
    Invented("c01", 5, (TWICE,), customer="gus", handle_s=(300.0, 0.0, 60.0), label="negative"),
    Invented("c02", 100, (TWICE,), customer="gus", handle_s=(300.0, 0.0, 60.0), label="negative"),
    Invented("c03", 124, (TWICE_ZH,), "zh", customer="hua", label="neutral"),
    Invented("c04", 125, (TWICE, LOGIN), customer="ida", handle_s=(420.0, 0.0, 0.0), label="neutral"),
    Invented("d01", 150, (LOGIN,), label="positive", duration_s=42.0, roles_from="unknown"),
    Invented("d02", 171, (LOGIN,), label="positive", is_swapped=True, roles_from="content"),
    Invented("e01", 296, (CRASH,), label="negative", duration_s=50.0),
    Invented("e02", 297, (CRASH,), label="negative", duration_s=66.0),
    Invented("e03", 318, (CRASH,), customer="jo", label="neutral", signals=("chance_to_sell",)),
    Invented("e04", 319, (CRASH, TWICE), customer="kim", label="negative"),
    Invented("f01", 148, (INVOICE,), "zh", duration_s=31.0),
    Invented("f02", 172, (INVOICE,), "zh", label="negative"),
    Invented("f03", 220, (INVOICE,), "zh", customer="lin", label="positive"),
    Invented("g01", 30, (OTHER,), label="positive"),
    Invented("g02", 31, (CLOSE,), label="neutral"),
    Invented("g03", 32, (SILENT,), label="neutral"),
    Invented("g04", 33, (POOR,), duration_s=3600.0, label=None, is_heard=False),
    Invented("h01", 54, (Said("103", "I see the same charge two times, <b>please</b> look", None),), channel="chat"),
    Invented("h02", 78, (Said("102", "=what a week: the parcel is still late", None),), channel="email"),
    Invented("x01", 6, has_source=False, is_abandoned=True),
    Invented("x02", 7, has_source=False),
    Invented("x03", 8, duration_s=None, is_heard=False),  # a recording that could not be listened to
)


def make_project(root: Path, calls: tuple[Invented, ...] = CALLS, **sections: dict[str, object]) -> Project:
    """Make a project in a folder: its taxonomy, its recordings and every table that measure and report read."""
    settings = {"project": {"timezone": "Asia/Shanghai"}, **sections}
    project = Project(root, Settings.model_validate(settings))
    project.taxonomy.mkdir(parents=True, exist_ok=True)
    (project.taxonomy / "reason_codes.yaml").write_text(TAXONOMY, encoding="utf-8")
    write_calls(project, calls)
    return project


def write_calls(project: Project, calls: tuple[Invented, ...] = CALLS) -> None:
    """Write every table of earlier stages, in place of what was there, and a recording for each call that has one."""
    recordings = project.root / "recordings"
    recordings.mkdir(exist_ok=True)
    for call in calls:
        if call.has_source and call.channel == "phone" and call.duration_s and call.duration_s < 90:
            (recordings / f"{recording_name(call.call_id)}").write_bytes(b"RIFF")
    for name, rows in make_rows(calls).items():
        fingerprint = hash_text(repr(rows))
        project.store.write_whole(name, fingerprint, make_table(name, rows))


def recording_name(call_id: str) -> str:
    """Name a recording the way phone systems do: with a number that must appear in no report."""
    return f"{call_id} 5550100{call_id[1:]}.wav"


def make_rows(calls: tuple[Invented, ...]) -> dict[str, list[dict[str, object]]]:
    """Make the rows of every table."""
    listened = [call for call in calls if call.said]
    utterances = [(call, index, said) for call in listened for index, said in enumerate(call.said) if said.text]
    return {
        "calls": [_make_call(call) for call in calls],
        "transcripts": [_make_transcript(call) for call in listened],
        "reason_utterances": [_make_utterance(call, index, said) for call, index, said in utterances],
        "call_reasons": [_make_reason(call, i, said) for call in listened for i, said in enumerate(call.said)],
        "clusters": [_make_cluster(cluster_id, utterances) for cluster_id in CANDIDATES],
        "cluster_members": [
            {"call_id": call.call_id, "utterance_index": index, "cluster_id": said.reason, "similarity_ratio": 0.9}
            for call, index, said in utterances
            if said.reason in CANDIDATES
        ],
        "call_sentiment": [_make_feeling(call) for call in listened],
        "sub_clusters": [
            {"sub_cluster_id": f"s-{at}", "cluster_id": "c-crash", "name": name, "n_utterances": 1, "n_calls": 1}
            for at, name in enumerate(PARTS)
        ],
        "candidate_changes": [
            {"changed_at": MONDAY, "cluster_id": "c-crash", "change": "new", "name": "crash", "n_calls": 3},
            {"changed_at": TUESDAY, "cluster_id": "c-invoice", "change": "new", "name": "发票", "n_calls": 3},
            {"changed_at": TUESDAY, "cluster_id": "c-old", "change": "gone", "name": GONE, "n_calls": 4}
            | {"went_to": "101"},
        ],
        "call_signals": [
            {"call_id": call.call_id, "signal": signal, "is_present": signal in call.signals}
            for call in listened
            for signal in ("called_before", "threat_to_leave", "chance_to_sell")
        ],
        "turns": [],
        "near_pairs": [
            _make_pair("assign", "late or never", "Late", "晚到", "101"),
            _make_pair("cluster", "slow or down", "Slow", "很慢", "c-crash"),
            _make_pair("cluster", "lost or stolen", "Lost", "丢失"),
        ],
    }


def _make_feeling(call: Invented) -> dict[str, object]:
    end_label = call.end_label or call.label
    return {
        "call_id": call.call_id,
        "sentiment_label": call.label,
        "start_label": call.label,
        "end_label": end_label,
    }


def _make_call(call: Invented) -> dict[str, object]:
    kind = "recording" if call.channel == "phone" else call.channel
    path = f"recordings/{recording_name(call.call_id)}" if kind == "recording" else "recordings/chats.jsonl"
    source = {"kind": kind, "path": path, "row_key": call.call_id, "sha256": hash_text(call.call_id)}
    talk_s, hold_s, wrap_s = call.handle_s
    return {
        "call_id": call.call_id,
        "sources": [source] if call.has_source else [],
        "contact_channel": call.channel,
        "started_at": MONDAY + timedelta(hours=call.after_h),
        "started_at_source": "manifest",
        "customer_id": call.customer and hash_text(call.customer),
        "talk_s": talk_s,
        "hold_s": hold_s,
        "wrap_s": wrap_s,
        "is_abandoned": call.is_abandoned,
        **dict(call.known),
    }


def _make_transcript(call: Invented) -> dict[str, object]:
    is_written = call.channel != "phone"
    return {
        "call_id": call.call_id,
        "language": call.language if call.is_heard else "",
        "duration_s": None if is_written else call.duration_s,
        "n_words": 80 if call.is_heard else 0,
        "is_heard": call.is_heard,
        "roles_from": "text" if is_written else call.roles_from,
        "is_swapped": call.is_swapped,
        "n_unknown_turns": 4 if call.roles_from == "unknown" else 0,
        "n_dropped_segments": 0 if call.is_heard else 3,
        "model": "" if is_written else "whisper-base",
    }


def _make_utterance(call: Invented, index: int, said: Said) -> dict[str, object]:
    return {
        "call_id": call.call_id,
        "utterance_index": index,
        "turn_index": index + 1,
        "part_index": 0,
        "start_s": said.start_s,
        "end_s": said.start_s and said.start_s + 4,
        "language": call.language,
        "text": said.text,
        "text_id": hash_text(said.text),
        "score_ratio": 0.9,
        "is_first": index == 0,
    }


def _make_reason(call: Invented, index: int, said: Said) -> dict[str, object]:
    is_code = said.reason.isdigit()
    no_code = "none_of_these" if said.reason in CANDIDATES else said.reason
    return {
        "call_id": call.call_id,
        "utterance_index": index if said.text else -1,
        "code": said.reason if is_code else None,
        "no_code": None if is_code else no_code,
        "score_ratio": 0.8,
        "best_code": said.reason if is_code else "101",
    }


def _make_cluster(cluster_id: str, utterances: list[tuple[Invented, int, Said]]) -> dict[str, object]:
    name, language = CANDIDATES[cluster_id]
    members = [(call.call_id, index) for call, index, said in utterances if said.reason == cluster_id]
    medoid_call_id, medoid_index = members[0] if members else ("", 0)
    return {
        "cluster_id": cluster_id,
        "name": name,
        "language": language,
        "n_utterances": len(members),
        "n_calls": len({call_id for call_id, _ in members}),
        "is_new": cluster_id == "c-invoice",
        "cohesion_ratio": 0.9,
        "medoid_call_id": medoid_call_id,
        "medoid_utterance_index": medoid_index,
    }


def _make_pair(stage: str, pair: str, name_en: str, name_zh: str, *places: str) -> dict[str, object]:
    names = {"reason_a_en": name_en, "reason_a_zh": name_zh, "reason_b_en": "Other", "reason_b_zh": "其他"}
    return {"stage": stage, "pair": pair, **names, "places": list(places), "n_asked": 4, "n_right": 3}
