"""Asked: tell from one turn what personal thing the next turn will answer with.

"Could I have your phone number?" makes three digits in the answer a phone number, and "Kowalczyk" a name.
"""

import re

from pipeline.redact.candidates import DIGIT_TYPES, TYPE_MARK, Candidate
from pipeline.redact.chinese_names import CHINESE_SURNAMES
from pipeline.redact.names import NO_PERSON_SPAN, WORD
from pipeline.redact.words import is_common, is_function_word, is_given_name, is_name_word

_ASK = (
    r"(?:what(?:'s| is| was| are)|whats|may i|can i|could i|can you|could you|would you|will you|do you have"
    r"|have you got|please|provide|confirm|verify|spell|tell me|give me|let me have|need|and|share|enter|know|who"
    r"|which|your)"
)
QUESTIONS = {
    "NAME": r"\b(?:(?:full|first|last|sur|family|your|the|and) ?name|name (?:please|on|for|of|and)"
    r"|who am i (?:speaking|talking)|whom? (?:am|do) i|spell (?:that|it|your|the)|speaking (?:with|to)\?)"
    r"|贵姓|怎么称呼|如何称呼|(?:您|你)(?:的)?(?:姓名|名字|全名)|叫什么|姓名(?:是|报|说|提供)|(?:收件人|户主|机主"
    r"|持卡人)(?:的?姓名|是谁|叫)|报一下姓名|核对一下姓名",
    "PHONE": r"\b(?:phone|mobile|cell|telephone|contact|callback|call back|best) ?number|number (?:can|to|should"
    r"|we) (?:we |i )?(?:reach|call)|\breach you at|电话(?:号码)?|手机号?码?|联系方式",
    "EMAIL": r"\be-?mail\b|邮箱|电子邮件",
    "ADDRESS": r"\b(?:address|zip(?: ?code)?|post(?:al)? ?code|street|where do you live|house number"
    r"|apartment number)\b|地址|住址|住在哪|邮编|送到哪|寄到哪",
    "DATE_OF_BIRTH": r"\b(?:date of birth|birth ?(?:day|date)|d\.?o\.?b|when were you born|born)\b|出生日期|生日"
    r"|出生年月",
    "CARD": r"\b(?:card number|(?:credit|debit|long) (?:card )?number|cvv|security code|expir\w+|last four"
    r"|card details|number on the (?:front|card))\b|卡号|银行卡|尾号|后四位|安全码|有效期",
    "ID_NUMBER": r"\b(?:social(?: security)?|ssn|passport|driver'?s? licen[cs]e|id number|national insurance"
    r"|identification)\b|身份证|护照|证件号",
    "ACCOUNT": r"\b(?:(?:account|order|reference|tracking|booking|confirmation|policy|claim|member(?:ship)?"
    r"|customer|serial|invoice|ticket|case|reservation|routing|record) ?(?:number|id|code|locator)|pin"
    r"|pass ?(?:word|code)|verification code|sort code|the (?:code|number))\b"
    r"|订单号?|单号|运单|账号|帐号|会员号|保单|客户号|验证码|密码|编号|工单号|流水号",
    "PLATE": r"\b(?:plate|registration)\b|车牌",
}
ASK = re.compile(
    rf"\b{_ASK}\b|\?|？|请|麻烦|方便|提供|报一?下?|说一下|留一?下?|告诉|核实|核对|确认|多少|什么|哪|吗|贵姓|您的|你的",
    re.IGNORECASE,
)
_QUESTION = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in QUESTIONS.items()}
# What comes before and after the answer itself.
ANSWER_LEAD = re.compile(
    r"(?:[\s,.，。、]|\b(?:yes|yeah|yep|sure|okay|ok|of course|certainly|um+|uh+|uhm|er+|well|so|hi|hello|oh|alright"
    r"|right|no problem|absolutely|it'?s|it is|that'?s|that is|that would be|i'?m|i am|my|the|full|first|last"
    r"|name|surname|is|and|here|go|please|under|for|sir|ma'?am|it will be|it would be|would|be)\b"
    r"|好的?|嗯+|啊|哦|呃|那个|我?叫|我的?名字是?|我是|是的?|姓名|免贵姓|我?姓|行|可以|没问题)*",
    re.IGNORECASE,
)
ANSWER_TAIL = re.compile(
    r"(?:[\s,.!?，。！？]|\b(?:please|thanks|thank you|sir|ma'?am|that'?s it|yeah|yes|okay|and)\b|啊|呀|的)*$",
    re.IGNORECASE,
)
MAX_ANSWER_WORDS = 4
BACKCHANNEL = re.compile(
    r"(?:[\s,.!。，！]|\b(?:m+|h+m+|m+-?h+m+|u+h-?huh|ok(?:ay)?|yes|yeah|yep|right|sure|got it|alright|go ahead"
    r"|thank you|thanks|great|perfect|um+|uh+|i see)\b|嗯+|好的?|是的?|对|行|哦|啊|您说|你说)*",
    re.IGNORECASE,
)
_DIGIT = (
    r"(?:[0-9０-９零〇一二三四五六七八九幺]|(?<![a-z])(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double"
    r"|triple)(?![a-z]))"
)
DIGIT_START = re.compile(rf"(?:\W|\b(?:and|um+|uh+|then)\b|嗯|然后)*{_DIGIT}", re.IGNORECASE)
DIGIT_END = re.compile(rf"{_DIGIT}\W*$", re.IGNORECASE)
OPEN_END = re.compile(
    r"(?:\b(?:my (?:first |last |full )?name(?:'s| is)|name is|number is|address is|mail is|live at|born on"
    r"|spelled|underscore|dot|at gmail|my name)|我叫|我姓|名字是|名字叫|号码是|电话是|地址是|卡号是|身份证号?是"
    r"|住在)[\s,.:，：…]*$",
    re.IGNORECASE,
)


def find_asked(text: str) -> frozenset[str]:
    """Name the types of what a turn asks for."""
    if not ASK.search(text):
        return frozenset()
    return frozenset(kind for kind, pattern in _QUESTION.items() if pattern.search(text))


def find_read_out(text: str) -> frozenset[str]:
    """Name the types of the numbers that a turn ends with, so that the next may go on reading or read back."""
    match = re.search(TYPE_MARK.pattern + r"[\s.,。，?!]*$", text)
    kind = match[0].split("]")[0][1:] if match else ""
    return frozenset({kind} & DIGIT_TYPES - {"ADDRESS"})


def is_backchannel(text: str) -> bool:
    """Say whether a turn only says "mm-hm": what was asked before it is still open."""
    return BACKCHANNEL.fullmatch(text) is not None


def is_open(left: str, right: str) -> bool:
    """Say whether the first of two segments breaks off in a number or before a name that the second goes on with."""
    begins = DIGIT_START.match(right)
    return bool((DIGIT_END.search(left) and begins) or OPEN_END.search(left))


def find_bare_answers(text: str) -> list[Candidate]:
    """Find turns that are nothing but a name: not enough by itself, enough when a name was asked for."""
    lead = ANSWER_LEAD.match(text)
    start = lead.end() if lead else 0
    tail = ANSWER_TAIL.search(text, start)
    end = tail.start() if tail else len(text)
    if start >= end or "[" in text[start:end]:
        return []
    if not _is_bare_name(text[start:end]):
        return []
    is_listed = any(is_given_name(word.lower()) for word in WORD.findall(text[start:end]))
    return [Candidate("NAME", start, end, 0.55 if is_listed else 0.15)]


def _is_bare_name(value: str) -> bool:
    if re.fullmatch(r"[\u4e00-\u9fff]{1,4}", value):
        return value[0] in CHINESE_SURNAMES
    words = WORD.findall(value)
    if not 1 <= len(words) <= MAX_ANSWER_WORDS or re.sub(r"[\s.,'’-]", "", value) != re.sub(
        r"[\s.,'’-]", "", "".join(words)
    ):
        return False
    if NO_PERSON_SPAN.search(value):
        return False
    lows = [word.lower() for word in words]
    return not any(is_function_word(low) for low in lows) and all(
        is_name_word(low) or not is_common(low) for low in lows
    )
