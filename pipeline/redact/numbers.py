"""Numbers: say which runs of digits are personal, and what they are.

A number in a reason ("three weeks", "iPhone 15", 三百块, 10:30, "in 2023") stays; what names a person, an account or an
order goes. What a run is comes from its own check digits, then from the word before it, then from its shape.
"""

import re

from pipeline.redact.candidates import CERTAIN, HINT, LIKELY, WEAK, Candidate
from pipeline.redact.digits import Run, find_runs

# What says, just before a number, that it is personal; the last one before the number wins.
KEYWORDS: dict[str, str] = {
    "PHONE": r"phone|mobile|cell(?:phone)?|telephone|landline|fax|whatsapp|call ?back|contact|area code|dial|my number"
    r"|(?:call|ring|text|reach) (?:me|us|her|him)(?: back)?(?: (?:at|on))?"
    r"|(?:电话|手机)(?:尾号|号码?)?|座机|联系方式|打给我|来电|传真",
    "CARD": r"cards?(?! reader)|visa|mastercard|amex|cvv|cvc|security code|expir(?:y|es|ation)(?: date)?"
    r"|卡号|银行卡|信用卡|储蓄卡|借记卡|尾号|安全码",
    "ACCOUNT": r"(?:accounts?|acct|member(?:ship)?|customer|client|user|employee|case|loyalty)(?: (?:id|number))?"
    r"|(?<!to )(?<!please )(?<!can )(?<!could )(?<!i )orders?(?: (?:id|number))?|reference|ref|tracking|booking"
    r"|reservation|confirmation|polic(?:y|ies)|claim|invoice|ticket|iban|sort code|routing|serial|imei|pins?"
    r"|pass ?codes?|passwords?|(?:verification|one[- ]time|access|pin|gift|voucher|promo) code|code (?:is|was)"
    r"|订单号?|单号|运单|快递单|账号|账户|帐号|帐户|工号|会员|流水|参考号|保单|客户号|验证码|密码|口令|编号|预约号"
    r"|工单|QQ|qq|微信",
    "ID_NUMBER": r"social(?: security)?|ssn|passport|driver'?s? licen[cs]e|licen[cs]e number|national insurance"
    r"|identity"
    r"|identification|\bids?\b|tax id|身份证|护照|证件|社保|通行证|驾驶证|驾照",
    "ADDRESS": r"zip(?: ?code)?|post(?:al)? ?code|邮编|邮政编码",
    "PLATE": r"(?:licen[cs]e |number |registration )?plates?|registration(?: number)?|车牌号?",
    "DATE_OF_BIRTH": r"birth ?(?:day|date)|date of birth|d\.?o\.?b\.?|born(?: on| in)?|出生日期|出生年月|出生于"
    r"|出生|生日",
    # Words that say only that a number is coming: what it is comes from the word before them, or from its shape.
    "NUMBER": r"digits|ending(?: in| with)?|ends? (?:in|with)|numbers?|后四位|前四位|后六位|号码|号是",
}
LINK = (
    r"(?:[\s:：#,，.'’\"-]|\b(?:is|are|was|it'?s|that'?s|number|no|num|code|ending|ends|in|with|of|digits?|the|my"
    r"|our|your|last|first|four|six|and|um+|uh+|uhm|er|okay|so|yes|sure|at|on"
    r"|s|be|to|would|should|will|actually|again|here|id|date)\b|是|为|就|的|尾号|号码?|后四位|后六位|呢|嗯|呃|啊"
    r"|那个|我|叫|写)*"
)
_KEYWORD = re.compile(
    "|".join(f"(?P<{kind}>{_edge}(?:{words}))" for kind, words in KEYWORDS.items() for _edge in (r"(?<![a-z])",)),
    re.IGNORECASE,
)
_LINK_TO_END = re.compile(LINK + r"$", re.IGNORECASE)
_RIGHT_KEYWORD = re.compile(
    r"^[\s,]*(?:is|was|that'?s|are|是)\s*(?:the|my|our|我的?|您的)?\s*(?:[a-z]+ )?(?:"
    + "|".join(KEYWORDS.values())
    + ")",
    re.IGNORECASE,
)
# What follows a quantity, and what stands before the number of a thing that many people have.
UNIT_RIGHT = re.compile(
    r"^\s*-?(?:(?:dollars?|bucks|euros?|pounds?|quid|cents?|pence|percent|per\s?cent|yuan|rmb|usd|eur|gbp|rupees?"
    r"|grand|k|hundred|thousand|million|billion|lakh"
    r"|(?:more |other |different |full |whole |business |working |calendar |long )?(?:seconds?|secs?|minutes?"
    r"|mins?|hours?|hrs?|days?|nights?|weeks?|weekends?|months?|years?|decades?)"
    r"|times?|people|persons?|passengers?|guests?|adults?|kids|items?|units?|miles?|kms?|kilomet(?:er|re)s?"
    r"|met(?:er|re)s?|cm|mm|feet|foot|ft|inch(?:es)?|gigs?|gb|mb|tb|kb|mbps"
    r"|megs?|megabits?|megabytes?|gigabytes?|points?|miles|o'?clock|a\.?m|p\.?m|degrees?|watts?|volts?|calories"
    r"|kwh|pieces?|pairs?|copies|boxes|packs?|packets?|bottles?|calls?|emails?|messages?"
    r"|steps?|stars?|bars?|channels?|kilos?|kgs?|grams?|lbs?|pounds?|ounces?|oz|lit(?:er|re)s?|gallons?|users?"
    r"|lines|devices?|rooms?|bedrooms?|seats?|tickets?|bags?|percent|st|nd|rd|th|x|hz|fps|pixels?|p|g)(?![a-z])"
    r"|[%％°€£¥]|元|块|毛|角|分钟?|万|千|百|亿|美元|美金|欧元|人民币|日元|港币|个|次|天|年|月|日|周|星期|礼拜|小时"
    r"|点|秒|件|条|张|台|位(?!数)|人|岁|斤|公斤|克|吨|米"
    r"|公里|里|度|折|倍|期|级|层|页|寸|瓶|包|箱|袋|双"
    r"|本|套|份|辆|只|部|集|行|兆|流量|积分|多|来)",
    re.IGNORECASE,
)
MONEY_LEFT = re.compile(r"(?:[$€£¥￥]|\b(?:rmb|usd|eur|gbp|us\$)|\brs\.?)\s*$", re.IGNORECASE)
THING_LEFT = re.compile(
    r"(?:\b(?:error|version|model|page|section|form|class|size|chapter|level|windows|iphone|galaxy|android|ios"
    r"|playstation|ps|xbox|pixel|ipad|series|type|channel|route|bus|train|flight"
    r"|gate|terminal|platform|room|floor|season|episode|volume|rtx|gtx|office|photoshop|only|about|around|over"
    r"|under|almost|nearly|least|most|than|worth|total(?:ling)?|paid|pay|cost|costs|charged|owe|year"
    r"|since|until|by|from|back in|summer|winter|spring|fall|(?:in|of|january|february|march|april|may|june|july"
    r"|august|september|october|november|december)(?= ?(?:19|20)?$))"
    r"(?: (?:code|number))?|大约|大概|差不多|超过|不到|至少|花了|扣了|付了|共|报错|错误(?:代码)?|型号|版本|了)[\s:]*$",
    re.IGNORECASE,
)
YEAR = re.compile(r"(?:19|20)\d\d")
SECRET = re.compile(r"(?:pass ?(?:word|code)|pin|cvv|cvc|密码|口令)\W*(?:is|是)?\W*$", re.IGNORECASE)
# A number that has begun already: "[ACCOUNT], then six two two".
NUMBER_BEFORE = re.compile(
    r"\[(?:PHONE|CARD|ACCOUNT|ID_NUMBER)\](?:[\s,.，-]|\b(?:and|then|um+|uh+|[a-z]{1,5}-)(?![a-z])|嗯|然后)*$",
    re.IGNORECASE,
)
HOTLINE = re.compile(r"95\d{3}|100\d\d|123\d\d|11\d|911|999|112|101")
# A quantity as it is written: 1,200 or 12.50, a range, a time.
QUANTITY = re.compile(r"(?<![\d,])(?:\d{1,3}(?:,\d{3}){1,2}(?:\.\d{1,2})?|\d+\.\d{1,2})(?![\d,]*\d)(?!\.\d)")
RANGE = re.compile(r"(?<![\d-])(\d{1,6})\s?[-–—~至到]\s?(\d{1,6})(?![\d-])")
CLOCK = re.compile(r"\b\d{1,2}[:：]\d{2}(?:[:：]\d{2})?")
DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d\s?[-/.年]\s?(?:1[0-2]|0?[1-9])\s?[-/.月]\s?(?:[12]\d|3[01]|0?[1-9])(?:\s?[日号])?"
    r"|(?:[12]\d|3[01]|0?[1-9])(?P<separator>[-/.])(?:[12]\d|3[01]|0?[1-9])(?P=separator)(?:(?:19|20)\d\d|\d\d)"
    r"(?!(?P=separator)\d))(?!\d)"
)
NETWORK_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
IDIOM = re.compile(
    r"七七八八|三三两两|九九八十一|一五一十|[二〇零一九][〇零一二三四五六七八九]{3}年|[〇零五六七八九]{2}[后年]"
)
KEPT = (CLOCK, DATE, IDIOM, QUANTITY, NETWORK_ADDRESS)
CONTEXT_CHARS = 60
CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def has_luhn_digit(digits: str) -> bool:
    """Say whether the last digit is the card's Luhn check digit."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def has_resident_check(number: str) -> bool:
    """Say whether 17 digits and a digit or X are a Chinese resident's number: its birth date and check digit."""
    if not re.fullmatch(r"[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]", number):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(CHECK_WEIGHTS, number[:17], strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def find_numbers(text: str) -> list[Candidate]:
    """Find the runs of digits that may be personal."""
    found = (_judge(text, _drop_quantity(text, run)) for run in find_runs(_blank_kept(text)))
    return [candidate for candidate in found if candidate]


def _drop_quantity(text: str, run: Run) -> Run:
    """Take a spoken amount off the end of a written number: "555-0199 three times"."""
    *before, last = run.pieces
    is_change = bool(before) and before[-1].kind == "written" and last.kind in {"single", "teen", "tens"}
    return Run(tuple(before)) if is_change and UNIT_RIGHT.match(text[run.end :]) else run


def _blank_kept(text: str) -> str:
    """Blank out dates, times, amounts and ranges, letter by letter, so that no run goes through them."""
    spans = [match.span() for pattern in KEPT for match in pattern.finditer(text)]
    spans += [match.span() for match in RANGE.finditer(text) if _is_range(match)]
    characters = list(text)
    for start, end in spans:
        characters[start:end] = "~" * (end - start)
    return "".join(characters)


def _is_range(match: re.Match[str]) -> bool:
    low, high = match[1], match[2]
    are_years = bool(YEAR.fullmatch(low) and YEAR.fullmatch(high))
    return int(low) < int(high) and (len(low) <= 2 or are_years or (low.endswith("0") and high.endswith("0")))


def find_keyword(text: str, start: int, end: int) -> tuple[str, bool]:
    """Name the type that the words around a number speak of, or "", and say whether they lead straight up to it."""
    left = text[max(0, start - CONTEXT_CHARS) : start]
    matches = list(_KEYWORD.finditer(left))
    if matches:
        is_linked = _LINK_TO_END.match(left, matches[-1].end()) is not None
        kinds = [str(match.lastgroup) for match in matches if match.lastgroup != "NUMBER"]
        return kinds[-1] if kinds else "", is_linked
    right = _RIGHT_KEYWORD.match(text[end : end + 40])
    if right:
        keyword = _KEYWORD.search(right[0])
        kind = keyword.lastgroup if keyword else None
        return ("" if kind in {None, "NUMBER"} else str(kind)), True
    return "", False


def _judge(text: str, run: Run) -> Candidate | None:
    digits, n_digits = run.digits, len(run.digits)
    end = _find_end_with_x(text, run)
    if n_digits < 2:
        return None
    if n_digits == 18 - (end > run.end) and has_resident_check(digits + ("X" if end > run.end else "")):
        return Candidate("ID_NUMBER", run.start, end, CERTAIN)
    if 13 <= n_digits <= 19 and has_luhn_digit(digits) and set(digits) != {"0"}:
        return Candidate("CARD", run.start, run.end, CERTAIN)
    keyword, is_linked = find_keyword(text, run.start, run.end)
    score = _score(text, run, keyword, is_linked)
    kind = _find_shape(text, run) or keyword or "ACCOUNT"
    start = _find_start(text, run)
    return Candidate((is_linked and keyword) or kind, start, end, score, is_guess=not (keyword and is_linked))


def _find_start(text: str, run: Run) -> int:
    match = re.search(r"(?:\+|\bplus\s|\(|（|\+\s?\()$", text[: run.start], re.IGNORECASE)
    return match.start() if match else run.start


def _find_end_with_x(text: str, run: Run) -> int:
    match = re.match(r"\s?(?:[xX]|叉|埃克斯)(?![a-zA-Z])", text[run.end :]) if len(run.digits) == 17 else None
    return run.end + match.end() if match else run.end


def _score(text: str, run: Run, keyword: str, is_linked: bool) -> float:
    digits, n_digits = run.digits, len(run.digits)
    left, right = text[max(0, run.start - 24) : run.start], text[run.end : run.end + 24]
    is_quantity = bool(MONEY_LEFT.search(left) or UNIT_RIGHT.match(right))
    if (is_quantity and n_digits <= 9) or left[-2:].lower() == "0x":
        return 0.0
    if re.search(r"[a-z]-?$", left, re.IGNORECASE) and run.pieces[0].kind == "written" and not is_linked:
        return HINT if n_digits < 7 else WEAK
    if n_digits >= 7:
        return WEAK if n_digits <= 9 and _is_round(run) and not is_linked else LIKELY
    if is_linked and (n_digits >= 4 or (n_digits == 3 and (keyword in {"CARD", "PHONE"} or SECRET.search(left)))):
        return 0.0 if _is_year(run, left, right, keyword) else LIKELY
    if NUMBER_BEFORE.search(left):
        return LIKELY
    is_thing = HOTLINE.fullmatch(digits) or _is_counting(digits) or THING_LEFT.search(left)
    return HINT if is_thing else _score_short(text, run, keyword)


def _score_short(text: str, run: Run, keyword: str) -> float:
    """Score 2 to 6 digits that no keyword leads up to."""
    n_digits = len(run.digits)
    if n_digits >= 4 and run.n_read_out == len(run.pieces):
        return WEAK if YEAR.fullmatch(run.digits) else 0.55
    if n_digits >= 5:
        return 0.55 if (run.is_written_whole and not _is_round(run)) or keyword else WEAK
    if n_digits == 3 and "幺" in text[run.start : run.end]:
        return 0.55
    if n_digits >= 3:
        return WEAK if not YEAR.fullmatch(run.digits) or run.n_read_out else HINT
    is_alone = not re.search(r"[^\W\d]", text[: run.start] + text[run.end :])
    return WEAK if is_alone and run.n_read_out == n_digits else 0.0


def _is_round(run: Run) -> bool:
    return all(len(piece.digits) > 1 and piece.digits.endswith("00") for piece in run.pieces)


def _is_year(run: Run, left: str, right: str, keyword: str) -> bool:
    if not YEAR.fullmatch(run.digits) or keyword == "DATE_OF_BIRTH":
        return False
    return bool(re.search(r"\b(?:in|since|from|of|year)\s*$", left, re.IGNORECASE) or right.startswith("年"))


def _is_counting(digits: str) -> bool:
    return len(digits) <= 5 and digits in "0123456789"


def _find_shape(text: str, run: Run) -> str:
    """Name the type that the digits' number and grouping speak of, or ""."""
    digits, groups = run.digits, run.groups
    if text[max(0, run.start - 5) : run.start].rstrip(" (").endswith(("+", "plus")):
        return "PHONE"
    if groups == (3, 2, 4):
        return "ID_NUMBER"
    if re.fullmatch(r"(?:86)?1[3-9]\d{9}|[6-9]\d{9}|1?[2-9]\d{2}[2-9]\d{6}|0\d{9,11}", digits):
        return "PHONE"
    return "PHONE" if groups in {(3, 4), (3, 3, 4), (3, 4, 4), (4, 4)} else ""
