"""A tiny folder in the layout of the evaluation data, every sentence of it invented."""

from collections.abc import Iterable
from itertools import product
from pathlib import Path

from pipeline.rows import write_rows

TOPICS = {
    "pin_change": ("pick new digits for my card", "set another code at the machine", "change the numbers of my card"),
    "transfer": ("move money between my accounts", "send savings over to checking", "shift money across accounts"),
    "new_card": ("order a second plastic for me", "apply for a fresh plastic", "get one more plastic sent out"),
}
LEADS = ("please", "today i must", "how can i", "we want to")
FOREIGN = ("which film is on tonight", "tell me a riddle", "what rhymes with orange", "is it snowing in oslo")
CHINESE = {
    "q0": ("流量用完了怎么办", "流量不够用了", "怎么再买流量"),
    "q1": ("宽带断了", "宽带连不上", "家里宽带不能用"),
}
CALLS = 6


def list_queries(leads: Iterable[str] = LEADS) -> list[dict[str, object]]:
    """List sentences of each reason."""
    return [
        {"text": f"{lead} {text}", "reason": reason}
        for reason, texts in TOPICS.items()
        for text, lead in product(texts, leads)
    ]


def write_invented(folder: Path) -> Path:
    """Write every file that a trial reads."""
    foreign = [{"text": text, "reason": ""} for text in FOREIGN]
    spoken = [{"text": row["text"], "reasons": [row["reason"]]} for row in list_queries()]
    chinese = [{"text": text, "reason": reason} for reason, texts in CHINESE.items() for text in texts]
    english = [
        ("terrible service, i hate this", "negative"),
        ("lovely crew, thanks", "positive"),
        ("gate 12", "neutral"),
    ]
    reviews = [("太难吃了，差评", "negative"), ("味道很好，好吃", "positive")] * 3
    files = {
        "train/clinc150_train": list_queries(),
        "train/hwu64_train": list_queries(),
        "check/clinc150_val": [*list_queries(("kindly",)), *foreign],
        "check/hint3_curekart_train": list_queries(),
        "check/hint3_curekart_test": [*list_queries(("hey,",)), *foreign],
        "train/dstc11_insurance": spoken,
        "check/zh_bank_reasons_a": chinese,
        "check/zh_telecom_faq": chinese,
        "check/sentiment_en_airline_2000": [{"text": text, "sentiment": feeling} for text, feeling in english * 3],
        "check/sentiment_zh_takeaway_1000": [{"text": text, "sentiment": feeling} for text, feeling in reviews],
        "check/harpervalley_20_calls": [{"transcript_both_sides": "hello my name is anna fisher how can i help"}],
        **{f"train/multidogo_{name}": list_chats() for name in ("software", "airline")},
        "check/multidogo_media_turns": list_chats(),
    }
    for name, rows in files.items():
        path = folder / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_rows(path, rows)
    return folder


def list_chats() -> list[dict[str, object]]:
    """List customers' turns of chats."""
    turns = (("good morning", "openinggreeting"), ("my internet stopped working", "outage"), ("thank you", "thankyou"))
    return [
        {"call_id": str(call), "turn": str(2 * index), "text": text, "intents": [intent]}
        for call in range(CALLS)
        for index, (text, intent) in enumerate(turns)
    ]
