"""Wording: what a text's words say about the feeling, beside its embedding, in Chinese and English.

Good and bad words are counted with negation ("not bad", "不好吃") turned round; a question mark speaks for neutral.
"""

import re
from collections.abc import Sequence

import numpy as np

from pipeline.examples import Floats
from pipeline.languages import count_words

GOOD = (
    r"\b(?:thank(?:s|ful| you)|thx|great|good|love[ds]?|lovely|best|awesome|amazing|excellent|perfect|wonderful|"
    r"fantastic|happy|glad|helpful|friendly|appreciat\w+|nice|pleased|impressed|recommend|delicious|"
    r"tasty|fresh|easy|smooth\w*|"
    r"quick\w*|kudos|satisfied|pleasure|brilliant|beautiful|better|"
    r"enjoy\w*|relief|fun|cool|yay|wow|kind|comfortable)\b"
    r"|好吃|好喝|不错|满意|谢谢|感谢|赞|喜欢|棒|好评|推荐|实惠|新鲜|准时|及时|热情|方便|划算|美味|开心|放心|"
    r"惊喜|正宗|很好|挺好|真好|太好|超级好|很快|真快|挺快|速度快|足量|量足|量大|很香|很足|辛苦了|靠谱|完美|耐心"
)
BAD = (
    r"\b(?:worst|bad|terribl\w+|awful|horribl\w+|rude|hate|sucks?|useless|ridiculous|unacceptable|disappoint\w+|angry|"
    r"frustrat\w+|annoy\w+|fail\w*|broken|broke|lost|missing|late|delay\w*|cancel(?:l?ed|lation)|wrong|never|nobody|"
    r"no one|wait(?:ed|ing)|stuck|problem|issue|complain\w*|waste|joke|poor\w*|slow|cold|refuse[ds]?|ignored?|charged|"
    r"hung up|nightmare|fed up|still (?:no|not|waiting|haven't)|unhelpful|lies?|lied|shame|"
    r"disgust\w*|sick|damaged|hours|mess|"
    r"unprofessional|worse|stolen|crash\w*|error|stop)\b"
    r"|难吃|差评|太差|很差|真差|失望|投诉|垃圾|恶心|骗|坑|生气|慢死|太慢|很慢|凉了|冷了|凉透|洒|漏|坏了|馊|臭|"
    r"没熟|夹生|少了|太少|太咸|太油|太辣|太贵|不新鲜|后悔|恶劣|催|退款|退钱|没收到|送错|发错|没送|忘了|拉肚子|头发|虫|硬|坨|"
    r"糊|腻|烂|烦|气死|不值|过分|敷衍|没人|扣了|超时|晚了|迟到|等了|小时|再也不"
)
NEGATED = (
    r"(?:\b(?:not|no|never|isn't|wasn't|don't|didn't|can't|cannot|without|nothing|hardly)\b(?:\s+\w+){0,2}\s+"
    r"|不是?太?很?(?:怎么)?|没有?|别)"
)
GOOD_WORDS = re.compile(rf"(?P<negated>{NEGATED})?(?:{GOOD})", re.IGNORECASE)
BAD_WORDS = re.compile(rf"(?P<negated>{NEGATED})?(?:{BAD})", re.IGNORECASE)
QUESTION = re.compile(
    r"[?？]|^\W*(?:what|when|where|which|how|can|could|do|does|is|are|will|who|请问|怎么|能不能)|吗\W*$", re.IGNORECASE
)
SHOUT = re.compile(r"[!！]|\b[A-Z]{4,}\b")
# What posts carry besides words: whom they address, links, and the marks of tags.
POST_MARKS = re.compile(r"@\w+|https?://\S+|&\w+;|#")
MAX_COUNT = 4


def clean_post(text: str) -> str:
    """Take out whom a post addresses, its links and the marks of its tags; a text of nothing else stays."""
    cleaned = " ".join(POST_MARKS.sub(" ", text).split())
    return cleaned or text


def describe_wording(texts: Sequence[str]) -> Floats:
    """Describe each text: good and bad words, their difference, question, shouting, length; shape (n, 8)."""
    return np.asarray([_describe(text) for text in texts], np.float32).reshape(len(texts), 8)


def _describe(text: str) -> list[float]:
    goods, bads = list(GOOD_WORDS.finditer(text)), list(BAD_WORDS.finditer(text))
    n_denied_good = sum(bool(match["negated"]) for match in goods)
    n_denied_bad = sum(bool(match["negated"]) for match in bads)
    n_good, n_bad = len(goods) - n_denied_good, len(bads) - n_denied_bad + n_denied_good
    return [
        min(MAX_COUNT, n_good) / MAX_COUNT,
        min(MAX_COUNT, n_bad) / MAX_COUNT,
        float(n_good > 0),
        float(n_bad > 0),
        float(np.clip(n_good - n_bad, -2, 2)) / 2,
        float(QUESTION.search(text) is not None),
        float(SHOUT.search(text) is not None),
        float(np.log1p(count_words(text))) / 3,
    ]
