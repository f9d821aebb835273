"""Naming: what a cluster is called, in its members' language and their own words.

Every clause of a member, freed of greetings, fillers and ways of asking, is a candidate. The best says most of what
sets the cluster apart (words that its members share and other clusters' do not) in few words, so that verb, object,
negation and time stay together as somebody said them; half sentences and empty words count less (see `judging`).

Errors: none of its own.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.clauses import split_clauses
from pipeline.cluster.judging import judge_name
from pipeline.evidence import list_words
from pipeline.languages import count_words, find_language
from pipeline.placeholders import PLACEHOLDER

VERSION = "3"  # raised when the same members get another name

# Shortest, best and longest name, in words or Chinese characters.
LENGTHS = {"en": (2, 6, 11), "zh": (3, 10, 18)}
MAX_MEMBERS = 60  # the most central members whose clauses may become the name
CENTRALITY_WEIGHT = 0.5
MIN_OTHERS = 2  # members who speak another language than most, for a name in theirs

# What people say before they come to the point, most specific first; stripped as long as one matches.
OPENINGS = {
    "en": re.compile(
        r"^(?:(?:hi|hello|hey|yea|good (?:morning|afternoon|evening)|yes|yeah|yep|no(?=[,.])|okay|ok|right|alright|"
        r"sure|well|so|um+|uh+|er+|e{2,}|oh|ah|aw+|hm+|mm+|and|but|also|please|sorry|listen|look|actually|basically|just|"
        r"like|then|now|there|sir|great|perfect|awesome|excellent|wonderful|cool|fine|ma'?am|thanks?|"
        r"thank you)\b[\s,.!?]*"
        # Whom they talk to: "Joe, I need to …".
        r"|(?-i:(?!Yester|To|Mon|Tues|Wednes|Thurs|Fri|Satur|Sun|Now|Last|Twice|Again|Sudden|Unfort)[A-Z][a-z]+)[.,] "
        r"(?=(?:I|I'd|I'm|I've|can|could|my|we|how|what|do|does|is|are|the|there|would|will)\b)"
        r"|(?:my name is|this is|i'?m) (?!calling|trying|having|not|unable|locked|being|getting|going|looking)"
        r"\w+(?: \w+)?(?:[,.!]\s*and|[,.!]|,? and)(?= )"
        r"|(?:the reason (?:i'?m calling|for my call) is(?: that)?|i(?: a|')?m (?:just )?(?:calling|phoning|writing)"
        r"(?: (?:in|today|you|now))*(?: (?:because|about|to|as|since|regarding|for))?|"
        r"i(?:'d| would)(?: just| really| also)? like to(?: know)?|i wish to|"
        r"i (?:just )?(?:want|wanted|need|needed|wish)(?: you)? to(?: know)?|i(?:'m| am| was) (?:just )?wondering"
        r"(?: (?:if|whether))?(?: you could)?|i (?:was|am|'m) (?:hoping|looking|trying) to|"
        r"i(?: actually| really| also)? (?:want|need|think i want|think i need|called|am calling|decided) to|let'?s|"
        r"i have decided to|need to|"
        r"(?:can|could|would|will) you (?:please |maybe |just )?"
        r"(?:tell me|help me(?: (?:to|with))?|let me know|check|explain)?(?: please)?|"
        r"(?:can|could|may) i (?:please |just )?|do you know|i have a (?:question|problem) (?:about|with)|"
        r"i'?d like|tell me|please|it'?s about|it is about|i (?:think|guess|believe|mean)|"
        r"i (?:have|need|got) to(?: go)?|"
        r"i(?:'d| would|'ll| will) (?:love|like) to|i could(?! not)|if (?:i|you) (?:can|could)|(?:to )?go ahead and|"
        r"to)\b[\s,]*"
        r")",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"^(?:喂|为(?=[,，])|你好|您好|哎|唉|嗯+|啊|呃|哦|(?:对|是|是的|好|好的|行|没有)(?=[\s，,。])|那个|这个|就是说?|然后|还有|另外|顺便|"
        r"对了|请问一?下?|麻烦(?:你|您)?(?:一下)?|不好意思|我?想?(?:问一?下|咨询一?下?|了解一?下?|反映一?下?|确认一?下)|"
        r"我?想问|我(?:打电话)?是?(?:就是)?(?:想要?|要)(?!不|么|求)|(?:你|您)?(?:能不能|可不可以|可以)?(?:帮|给|替)我|"
        r"(?:亲亲?|客服|老师|师傅)?(?:在吗|在么|在不在|在线吗|有人(?:在)?吗)(?=[\s，,。.!！?？]|$)|(?:亲亲?|客服|老师|师傅)(?=[,，])|"
        r"关于|因为|所以|可是|但是|不过(?!期|户|关|敏)|结果(?=[，,\s])|我这边|我这个|说是)[\s，,。.!！?？]*"
    ),
}
CLOSINGS = {
    "en": re.compile(
        r"[\s,]*\b(?:please|thanks?|thank you|you know|right|okay|for me|at all|or something)?[\s,.!?]*$", re.IGNORECASE
    ),
    "zh": re.compile(
        r"[\s，,]*(?:谢谢(?:你|您)?|好吗|行吗|可以吗|麻烦(?:你|您)了?|呀|啊|呢|吧|哦|嘛|哈|啦)?[\s，,。.!！?？]*$"
    ),
}
CHINESE_COMMA = re.compile(r"[，、]\s*|(?<!\d),\s*|,(?!\d)\s*")


@dataclass(frozen=True)
class Members:
    """The members of one cluster, the most central first."""

    texts: tuple[str, ...]
    similarities: tuple[float, ...]


def name_clusters(clusters: Mapping[int, Members]) -> dict[int, str]:
    """Name every cluster; no two share a name where another candidate is at hand."""
    words = {label: _count_words(members) for label, members in clusters.items()}
    spread = Counter(word for counted in words.values() for word in counted)
    weights = {
        label: {word: share * np.log(1 + len(clusters) / spread[word]) for word, share in counted.items()}
        for label, counted in words.items()
    }
    return _choose_names(clusters, weights, taken=set())


def name_for_others(clusters: Mapping[int, Members]) -> dict[int, str]:
    """Name the clusters whose members speak both languages once more, in that of the fewer, where enough speak it."""
    others = {label: _find_others(members) for label, members in clusters.items()}
    return name_clusters({label: members for label, members in others.items() if len(members.texts) >= MIN_OTHERS})


def find_other_name(name: str, *others: str) -> str:
    """Find the first name that is in another language than one; empty when none is."""
    return next((other for other in others if other and find_language(other) != find_language(name)), "")


def _find_others(members: Members) -> Members:
    """Find the members who do not speak the main language."""
    main = find_main_language(members.texts)
    pairs = [pair for pair in zip(members.texts, members.similarities, strict=True) if find_language(pair[0]) != main]
    return Members(tuple(text for text, _ in pairs), tuple(similarity for _, similarity in pairs))


def name_parts(name: str, parts: Mapping[int, Members]) -> dict[int, str]:
    """Name the parts of one cluster by what one's members say and the others' do not; none bears the cluster's name."""
    words = {part: _count_words(members) for part, members in parts.items()}
    weights = {
        part: {word: max(0.0, share - _find_share(word, part, words)) for word, share in counted.items()}
        for part, counted in words.items()
    }
    return _choose_names(parts, weights, taken={name.casefold()})


def _find_share(word: str, part: int, words: Mapping[int, Mapping[str, float]]) -> float:
    """Find the largest share of another part's members that say a word."""
    return max((counted.get(word, 0.0) for other, counted in words.items() if other != part), default=0.0)


def _choose_names(
    clusters: Mapping[int, Members], weights: Mapping[int, Mapping[str, float]], *, taken: set[str]
) -> dict[int, str]:
    names: dict[int, str] = {}
    for label, members in sorted(clusters.items(), key=lambda one: (-len(one[1].texts), one[0])):
        ranked = rank_candidates(members, weights[label])
        names[label] = next((name for name in ranked if name.casefold() not in taken), ranked[0])
        taken.add(names[label].casefold())
    return names


def rank_candidates(members: Members, weights: Mapping[str, float]) -> list[str]:
    """Rank the names that a cluster could bear, best first, in its language where there are any; at least one."""
    main = find_main_language(members.texts)
    other = "en" if main == "zh" else "zh"
    scored = _score_names(members, main, weights) or _score_names(members, other, weights)
    ranked = sorted(scored, key=lambda name: (-scored[name], name))
    return [_capitalize(name) for name in ranked] or [_shorten(members.texts[0])]


def _score_names(members: Members, language: str, weights: Mapping[str, float]) -> dict[str, float]:
    """Score what the members that speak a language say."""
    scored: dict[str, float] = {}
    for text, similarity in zip(members.texts[:MAX_MEMBERS], members.similarities, strict=False):
        for name in _list_names(text, language) if find_language(text) == language else ():
            score = judge_name(name, language) * (_score(name, language, weights) + CENTRALITY_WEIGHT * similarity)
            scored[name] = max(score, scored.get(name, -np.inf))
    return scored


def _list_names(text: str, language: str) -> Iterator[str]:
    """List a text's clauses that could be a name; a Chinese clause is also cut at its commas."""
    shortest, _, longest = LENGTHS[language]
    for clause in split_clauses(text, language):
        for piece in {clause.text, *(CHINESE_COMMA.split(clause.text) if language == "zh" else ())}:
            name = trim_clause(piece, language)
            if shortest <= count_words(name) <= longest and not PLACEHOLDER.search(name):
                yield name


def trim_clause(text: str, language: str) -> str:
    """Take away greetings, fillers and ways of asking at both ends; a clause of nothing else becomes empty."""
    before = None
    while before != text:
        before = text
        text = CLOSINGS[language].sub("", OPENINGS[language].sub("", text.strip(" #,.!?-–—，。！？")), count=1)
    return text


def find_main_language(texts: Sequence[str]) -> str:
    """Name the language most of the texts are in; zh when as many are in both."""
    n_chinese = sum(find_language(text) == "zh" for text in texts)
    return "zh" if 2 * n_chinese >= len(texts) else "en"


def _count_words(members: Members) -> dict[str, float]:
    """The share of members that say each word or pair of words."""
    counted = Counter(word for text in members.texts for word in set(list_words(text)))
    return {word: n / len(members.texts) for word, n in counted.items()}


def _score(name: str, language: str, weights: Mapping[str, float]) -> float:
    said = np.array([weights.get(word, 0.0) for word in set(list_words(name))])
    best = LENGTHS[language][1]
    return float(said.sum()) / (best + count_words(name))


def _capitalize(name: str) -> str:
    return name[:1].upper() + name[1:]


def _shorten(text: str) -> str:
    """Cut a text that has no clause of a good length to the longest name."""
    language = find_language(text)
    longest = LENGTHS[language][2]
    kept = text.strip()[:longest] if language == "zh" else " ".join(text.split()[:longest])
    return _capitalize(kept.strip(" ,.!?，。！？")) or "…"


def spread_exemplars(features: NDArray[np.float32], similarities: NDArray[np.float32], n_exemplars: int) -> list[int]:
    """Choose members to show: the nearest to the centre, then of the nearer half those most unlike the chosen."""
    order = np.argsort(-similarities, kind="stable")
    pool = list(order[: max(n_exemplars, (len(order) + 1) // 2)])
    chosen = [pool.pop(0)]
    while pool and len(chosen) < n_exemplars:
        nearest = (features[pool] @ features[chosen].T).max(axis=1)
        chosen.append(pool.pop(int(np.argmin(nearest))))
    return [int(one) for one in chosen]
