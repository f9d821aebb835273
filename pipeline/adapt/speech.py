"""Speech: make typed sentences sound spoken and heard, so that an encoder learns to look past what is not the reason.

Greetings, names, hesitations and asides come around a sentence and into it; Chinese words get the slips that a speech
model makes, other words of the same sound.

Errors: none of its own.
"""

import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.homophones import load_lexicon
from pipeline.languages import find_language

# What people say around their reason on the telephone; {name} is somebody's.
OPENINGS = {
    "en": (
        "hi", "hello", "hi there", "yes hello", "good morning", "hi um", "yeah hi", "okay so", "well", "um so",
        "hello my name is {name}", "hi this is {name}", "hi my name is {name}", "hey how are you doing",
        "good afternoon how are you", "yes good morning my name is {name}", "oh hi thanks for taking my call",
    ),
    "zh": (
        "喂", "喂你好", "你好", "您好", "哎你好", "喂您好我姓{name}", "你好啊", "那个", "就是",
        "嗯你好", "喂能听到吧", "哎是这样的", "你好我这边", "麻烦问一下", "您好我是你们的老客户了", "喂客服吗",
    ),
}  # fmt: skip
LEADS = {
    "en": (
        "i'm calling because", "so what happened is", "i was hoping you could help me with something",
        "i have a question", "i just wanted to ask", "so basically", "i'm calling about this thing",
        "the reason i'm calling is", "well you see", "i need a little help", "i was wondering",
        "uh so i've been trying to sort something out", "so um", "i got a quick question for you",
        "i'm not sure if you're the right person but",
    ),
    "zh": (
        "我想问一下", "我想咨询一下", "是这样的", "有个事情想问你们", "我打电话来是因为",
        "我就想知道", "我这边有个问题", "麻烦你帮我看一下",
        "不知道是不是找你们", "事情是这样", "我跟你说", "我有一个情况", "想请教一下",
    ),
}  # fmt: skip
TAILS = {
    "en": (
        "can you help me with that", "is that something you can do", "if that's possible", "thank you", "please",
        "and yeah that's it", "i'd really appreciate it", "so yeah", "what do i need to do", "that's basically it",
        "could you look into that for me", "i hope you can help", "does that make sense", "okay",
        "my wife told me to call", "let me know what you need from me", "i already looked online",
        "i'm at work right now so i don't have much time",
    ),
    "zh": (
        "谢谢", "麻烦你了", "你帮我看看", "可以吗", "怎么办呢", "就这个事", "帮我处理一下吧",
        "我现在不太方便说话", "你看能不能快一点", "好吧",
        "我也搞不懂", "我网上也查过了", "是吧", "就是这样", "这个怎么弄啊",
    ),
}  # fmt: skip
FILLERS = {"en": ("um", "uh", "like", "you know", "i mean", "er"), "zh": ("嗯", "那个", "就是", "呃", "这个", "就是说")}
NAMES = {
    "en": ("anna", "john", "maria", "wei", "david", "sarah", "tom", "priya", "carlos", "mike", "linda", "kevin"),
    "zh": ("张", "王", "李", "陈", "刘", "赵", "周", "吴", "林", "黄"),
}
JOINTS = {"en": (", ", " ", ". ", " "), "zh": ("，", "", " ", "，")}
# How often each is put around a sentence, before and after.
OPENING_RATIO, LEAD_RATIO, ASIDE_BEFORE_RATIO, ASIDE_AFTER_RATIO, TAIL_RATIO = 0.7, 0.7, 0.25, 0.15, 0.6
HESITATION_RATIO = 0.5
MIN_WORDS = 4  # a shorter sentence is not broken by a hesitation
SLIP_RATIO = 0.12  # of the Chinese words of a spoken sentence are misheard
LONG = {"en": 110, "zh": 35}  # characters: a turn of that length sounds spoken as it is


@dataclass(frozen=True)
class Speech:
    """Makes sentences sound spoken; `asides` by language are what customers say that states no reason."""

    rng: random.Random
    asides: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)

    def speak(self, text: str) -> str:
        """Put around a sentence, and into it, what a speaker might; one that is long already stays as it is."""
        language = find_language(text)
        if len(text) >= LONG[language]:
            return self._mishear(text) if language == "zh" else text
        asides = self.asides.get(language, ())
        said = [
            *self._choose(OPENING_RATIO, OPENINGS[language]),
            *self._choose(LEAD_RATIO, LEADS[language]),
            *self._choose(ASIDE_BEFORE_RATIO, asides),
            self._mishear(self._hesitate(text)) if language == "zh" else self._hesitate_words(text),
            *self._choose(ASIDE_AFTER_RATIO, asides),
            *self._choose(TAIL_RATIO, TAILS[language]),
        ]
        return self.rng.choice(JOINTS[language]).join(said).replace("{name}", self.rng.choice(NAMES[language]))

    def _choose(self, ratio: float, choices: Sequence[str]) -> list[str]:
        return [self.rng.choice(choices)] if choices and self.rng.random() < ratio else []

    def _hesitate_words(self, text: str) -> str:
        words = text.rstrip(".?!").split()
        if len(words) >= MIN_WORDS and self.rng.random() < HESITATION_RATIO:
            words.insert(self.rng.randrange(1, len(words)), self.rng.choice(FILLERS["en"]))
        return " ".join(words)

    def _hesitate(self, text: str) -> str:
        words = _cut_words(text.rstrip("。？！?!"))
        if len(words) >= MIN_WORDS and self.rng.random() < HESITATION_RATIO:
            words.insert(self.rng.randrange(1, len(words)), self.rng.choice(FILLERS["zh"]))
        return "".join(words)

    def _mishear(self, text: str) -> str:
        """Write some Chinese words as others of the same sound."""
        lexicon = load_lexicon()
        words = _cut_words(text)
        for at, word in enumerate(words):
            alike = lexicon.find_alike(word) if len(word) > 1 and self.rng.random() < SLIP_RATIO else ()
            if alike:
                words[at] = self.rng.choice(alike)
        return "".join(words)


def _cut_words(text: str) -> list[str]:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    words: list[str] = jieba.lcut(text)
    return words


def make_speech(asides: Sequence[str], seed: int) -> Speech:
    """Make a speaker from what customers say beside their reasons."""
    by_language: dict[str, list[str]] = {}
    for text in asides:
        by_language.setdefault(find_language(text), []).append(text)
    return Speech(random.Random(seed), by_language)  # noqa: S311 - not for secrets
