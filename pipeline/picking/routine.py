"""Routine: what a call needs besides its reason, in words so fixed that no judge has to be asked.

Line checks, greetings, holding, thanks, goodbyes and talk about the survey, in Chinese and English. A text that
consists of nothing else states no reason, whatever its embedding is near to.
"""

import re

from pipeline.languages import count_words

ENGLISH = (
    r"(?:can|could|do|did) (?:you|u|anyone|anybody|someone)(?: still| even)? hear (?:me|that|this)",
    r"(?:are|r) (?:you|u|ya)(?: guys)?(?: still| even)? (?:there|with me|on the line|on|here|listening)",
    r"(?:are we|am i) (?:still )?(?:connected|on the line|on|there)",
    r"(?:is|s) (?:anyone|anybody|someone|somebody) (?:still )?(?:there|here|on the line)",
    r"i (?:can(?:'t|not| not)?|could(?:n't| not)?|don't|do not) (?:really |hardly |barely |just )?hear (?:you|anything)"
    r"(?: very)?(?: well| clearly)?",
    r"you(?:'re| are) (?:breaking up|cutting out)",
    r"(?:good )?(?:morning|afternoon|evening|day)|hello|hi|hey|greetings|how are you(?: doing)?(?: today)?",
    r"(?:i(?:'ll| will| can| am|'m) )?(?:hold(?:ing)?|wait(?:ing)?)(?: on| here)?",
    r"take your time|still here|i(?:'m| am) here",
    r"(?:just |give me )?(?:one|a|1) (?:moment|second|sec|minute|min)|hang on|bear with me",
    r"(?:many |ok )?thank(?:s| you| u)(?: so much| very much| a lot| again)?"
    r"(?: for (?:your|the|all your) (?:help|time|assistance))?",
    r"bye(?:[ -]bye)?|good ?bye|see you|take care|cheers|(?:you|u) too|same to you",
    r"have (?:a|an) (?:very )?(?:nice|great|good|lovely|wonderful) (?:day|one|evening|weekend|night|afternoon|time)",
    r"no (?:problem|worries)|you(?:'re| are) welcome|my pleasure",
    r"(?:i(?:'ll| will| would) give|i give) (?:you|it|that|the service) (?:a )?(?:\w+ )?"
    r"(?:out of \w+|stars?|points?|five|ten|nine|eight)(?: for (?:the|your) (?:service|help))?",
    r"(?:i can|i(?:'ll| will)|sure i can) (?:do|answer|take|fill in) (?:the|your|a) (?:survey|questions?)",
)
CHINESE = (
    r"[你您]?(?:那边|那头|们)?(?:能|可以|还)?(?:不能)?听[得的]?(?:到|见|清楚|清)我?(?:说话|讲话|的?声音)?",
    r"(?:你|您)?(?:那边|那头)?(?:还)?在(?:不在|线|听)?",
    r"(?:还)?有(?:没有)?人(?:在)?",
    r"我?听不太?(?:到|见|清楚|清)[你您]?(?:说话|讲话|的?声音|说什么|说的)?|没听(?:清楚|清)",
    r"你好|您好|喂|早上好|下午好|晚上好",
    r"(?:稍等一下|等我一下|等一会儿?|等一下|等等|稍等)|我(?:等着|等一下|在等)|没事你(?:查|忙)|不着急|慢慢来",
    r"(?:好的?|行|嗯)?(?:谢谢|多谢|感谢|辛苦)[你您了啊]*|麻烦[你您]了",
    r"再见|拜拜|回见|祝你(?:工作|生活)愉快|不客气|没关系|没事",
    r"我?[给打][你您]?打?个?[五十满][分星](?:好评)?|我?会(?:评价|好评|打分)的",
)
FILLERS = (
    r"um+|uh+|erm?|oh|ah|so|well|okay|ok|okey|k|yes|yeah|yep|no|nope|sure|al ?right|all right|now|please|pls|sorry",
    r"right|sir|madam|ma'?am|mate|just|then|and|but|great|fine|good|perfect|clearly|at all|there|again",
)
CHINESE_FILLERS = (
    r"[嗯呃啊哦噢哎吗么嘛呢吧了呀哈行对先你您就请]",
    r"那个?|好的?|是的?|麻烦|不好意思|没有?(?:别的)?(?:问题)?了?|就这些",
)
MAX_WORDS = 25  # of a text that may be routine; a longer one always says more
ROUTINE = re.compile(
    rf"\b(?:{'|'.join((*ENGLISH, *FILLERS))})\b|{'|'.join((*CHINESE, *CHINESE_FILLERS))}", re.IGNORECASE
)


def is_routine(text: str) -> bool:
    """Say whether a text consists of line checks, greetings, holding, thanks, goodbyes or survey talk alone."""
    if count_words(text) > MAX_WORDS:
        return False
    return not count_words(ROUTINE.sub(" ", text.replace("’", "'")))
