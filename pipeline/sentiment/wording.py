"""Wording: what a text's words say about the feeling, beside its embedding, in Chinese and English.

Words of praise, of thanks, of anger, of trouble and of reproach are counted apart, for a parcel that is late is trouble
and no anger yet. Negation turns praise and anger round ("not bad", "不好吃"); a question mark speaks for neutral.
"""

import re
from collections.abc import Sequence

import numpy as np

from pipeline.examples import Floats
from pipeline.languages import count_words

PRAISE = (
    r"\b(?:great|good|love[ds]?|lovely|best|awesome|amazing|excellent|perfect|wonderful|"
    r"fantastic|happy|glad|helpful|friendly|nice|pleased|impressed|recommend|delicious|"
    r"tasty|fresh|easy|smooth\w*|super|splendid|marvel\w+|delighted|"
    r"quick\w*|kudos|satisfied|pleasure|brilliant|beautiful|better|"
    r"enjoy\w*|relie[fv]\w*|phew|finally|fun|cool|yay|wow|kind|comfortable)\b"
    r"|好吃|好喝|不错|不赖|满意|赞|喜欢|棒|好评|推荐|实惠|新鲜|准时|及时|热情|方便|划算|美味|开心|高兴|愉快|放心|踏实|"
    r"惊喜|正宗|很好|挺好|真好|太好|超级好|好极了|很快|真快|挺快|这么快|速度快|足量|量足|量大|很香|很足|靠谱|完美|耐心|贴心|"
    r"幸亏|幸好|还好|总算|终于|那就好|厉害|省事|顺利"
)
THANKS = r"\b(?:thank(?:s|ful| you)|thx|cheers|appreciat\w+|grateful)\b|谢谢|感谢|多谢|谢天谢地|辛苦了|麻烦你"
ANGER = (
    r"\b(?:worst|bad|terribl\w+|awful|horribl\w+|rude|hate|sucks?|useless|ridiculous|unacceptable|disappoint\w+|angry|"
    r"frustrat\w+|annoy\w+|complain\w*|waste|joke|poor\w*|refuse[ds]?|ignored?|disgrace\w*|upset|stress\w*|silly|"
    r"hung up|nightmare|fed up|unhelpful|lies?|lied|shame|scared|frighten\w*|worried|excuses?|"
    r"disgust\w*|sick|mess|unprofessional|worse)\b"
    r"|难吃|差评|太差|很差|真差|失望|投诉|垃圾|恶心|骗|坑|生气|来气|慢死|凉透|馊|臭|太咸|太油|太辣|太贵|后悔|恶劣|"
    r"拉肚子|头发|虫|糊|腻|烂|烦|气死|火大|受够|不值|过分|敷衍|离谱|像话|借口|态度|担心|害怕|急死|丢人|再也不|"
    r"一点(?:儿|都|也)+不|不好(?!意思|说|不好)"
)
TROUBLE = (
    r"\b(?:fail\w*|broken|broke|lost|missing|late|delay\w*|cancel(?:l?ed|lation)|wrong|never|nobody|"
    r"no one|wait(?:ed|ing)|stuck|problem|issue|slow|cold|charged|damaged|hours|stolen|crash\w*|error|stop\w*|"
    r"still (?:no|not|waiting|haven't)|mistake|leak\w*|crack\w*|locked)\b"
    r"|太慢|很慢|凉了|冷了|洒|漏|坏了|没熟|夹生|少了|太少|不新鲜|催|退款|退钱|没收到|收不到|送错|发错|没送|忘了|硬|坨|"
    r"没人|扣了|超时|晚了|迟到|等了|小时|有问题|不对|错了|没到|没有到|打不开|登不|裂|碎"
)
REPROACH = (
    r"\b(?:again|every time|how (?:many|often|much longer)|at all|you (?:people|guys|lot)|supposed to|promis\w+|"
    r"always|keeps?|third time|times|simply|enough|seriously|why (?:is|do|did|can|should)|what kind of|had better|"
    r"make sure|should(?:n't| not)|even)\b"
    r"|又|老是|到底|根本|怎么(?:老|这么|又|还|回事|搞|都|就)|凭什么|早(?:说|该|点)|说好|答应|第几次|几次|几遍|每次|还没|"
    r"一直|明明|连个?|才(?:接|送|到)|唉|哎哟|呵呵|你们(?:怎么|就是|是不是|管不管)|什么(?:破|态度|意思)"
)
NEGATED = (
    r"(?:\b(?:not|no|never|isn't|wasn't|don't|didn't|can't|cannot|without|nothing|hardly)\b(?:\s+\w+){0,2}\s+"
    r"|不是?太?很?(?:怎么)?|没有?|别)"
)
# Praise that says the opposite: it is read as anger.
SARCASM = re.compile(
    r"\bthanks? (?:you )?for nothing\b|\bhow (?:nice|kind|lovely) of (?:you|them)\b"
    r"|\b(?:oh|well|yeah|just|that's just|so that's)[, ]+(?:just )?"
    r"(?:great|wonderful|lovely|brilliant|fantastic|perfect|super|marvellous)\b(?!\W*thank)"
    r"|可真(?:行|准时|快|好|会)|真是?(?:太好|好|棒|谢谢你们)了?(?=[，, ]*(?:等|又|第|还))",
    re.IGNORECASE,
)
PRAISE_WORDS = re.compile(rf"(?P<negated>{NEGATED})?(?:{PRAISE})", re.IGNORECASE)
ANGER_WORDS = re.compile(rf"(?P<negated>{NEGATED})?(?:{ANGER})", re.IGNORECASE)
TROUBLE_WORDS = re.compile(rf"(?P<negated>{NEGATED})?(?:{TROUBLE})", re.IGNORECASE)
THANKS_WORDS = re.compile(THANKS, re.IGNORECASE)
REPROACH_WORDS = re.compile(REPROACH, re.IGNORECASE)
# Numbers, spelled or written, and what was redacted: facts that are told without a feeling.
FACTS = re.compile(
    r"\[[A-Z_]+\]|\d+|\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|hundred|dot|at)\b|[零幺二三四五六七八九]",
    re.IGNORECASE,
)
QUESTION = re.compile(
    r"[?？]|^\W*(?:what|when|where|which|how|can|could|do|does|is|are|will|who|请问|怎么|能不能)|吗\W*$", re.IGNORECASE
)
SHOUT = re.compile(r"[!！]|\b[A-Z]{4,}\b")
# What posts carry besides words: whom they address, links, and the marks of tags.
POST_MARKS = re.compile(r"@\w+|https?://\S+|&\w+;|#")
MAX_COUNT = 4
N_FEATURES = 13


def clean_post(text: str) -> str:
    """Take out whom a post addresses, its links and the marks of its tags; a text of nothing else stays."""
    cleaned = " ".join(POST_MARKS.sub(" ", text).split())
    return cleaned or text


def describe_wording(texts: Sequence[str]) -> Floats:
    """Describe each text by its kinds of words, their balance, question, shouting and length, shape (n, N_FEATURES)."""
    return np.asarray([_describe(text) for text in texts], np.float32).reshape(len(texts), N_FEATURES)


def _describe(text: str) -> list[float]:
    text = SARCASM.sub(" awful ", text)
    n_praise, n_denied_praise = _count(PRAISE_WORDS, text)
    n_anger, _ = _count(ANGER_WORDS, text)
    n_trouble, _ = _count(TROUBLE_WORDS, text)
    n_thanks, n_reproach = len(THANKS_WORDS.findall(text)), len(REPROACH_WORDS.findall(text))
    n_anger += n_denied_praise
    n_good, n_bad = n_praise + n_thanks, n_anger + n_trouble
    return [
        float(n_praise > 0),
        float(n_anger > 0),
        float(n_trouble > 0),
        float(n_thanks > 0),
        float(n_reproach > 0),
        min(MAX_COUNT, n_good) / MAX_COUNT,
        min(MAX_COUNT, n_bad) / MAX_COUNT,
        min(MAX_COUNT, n_reproach) / MAX_COUNT,
        float(np.clip(n_good - n_bad, -2, 2)) / 2,
        float(QUESTION.search(text) is not None),
        float(SHOUT.search(text) is not None),
        len(FACTS.findall(text)) / (1 + count_words(text)),
        float(np.log1p(count_words(text))) / 3,
    ]


def _count(words: re.Pattern[str], text: str) -> tuple[int, int]:
    """Count words of a kind as they are meant, and those that are denied."""
    found = list(words.finditer(text))
    n_denied = sum(bool(match["negated"]) for match in found)
    return len(found) - n_denied, n_denied
