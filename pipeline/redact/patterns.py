"""Patterns: personal things that are told by how they are written or spelled out.

E-mails written and spoken, links, plates, passports, references of letters and digits, dates of birth.
"""

import re
import string

from pipeline.redact.candidates import CERTAIN, HINT, LIKELY, WEAK, Candidate
from pipeline.redact.numbers import DATE, find_keyword
from pipeline.redact.words import is_common, load_words

EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
_DOT = r"(?:\s*\.\s*|\s+(?:dot|point|period)\s+|\s*点\s*)"
_ENDING = r"(?:com|net|org|edu|gov|info|io|cn|uk|de|fr|eu|in|ca|au|us|co)"
SPOKEN_DOMAIN = re.compile(
    rf"(?:\s+at\s+|\s*@\s*|\s*(?:艾特|at"
    rf"|圈a)\s*)(?P<host>[a-z0-9-]+(?:{_DOT}[a-z0-9-]+)*?){_DOT}{_ENDING}\b(?:{_DOT}{_ENDING}\b)?",
    re.IGNORECASE | re.ASCII,
)
EMAIL_JOINERS = frozenset(["dot", "underscore", "dash", "hyphen", "minus", "point", "period"])
LOCAL_CHARACTERS = string.ascii_letters + string.digits + "._%+-"
PROVIDER = re.compile(
    r"g ?mail|googlemail|yahoo|hotmail|outlook|live|icloud|me|aol|qq|163|126|sina|foxmail|proton(?:mail)?|gmx|msn",
    re.IGNORECASE,
)
URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'，。；）)]+", re.IGNORECASE)
PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]\s?[A-Za-zＡ-Ｚ](?![A-Za-z]{4})\s?[·•\-]?\s?(?:[A-Za-z0-9]"
    r"|[一二三四五六七八九零幺]"
    r"|\s(?=[A-Z0-9])){5,7}(?![A-Za-z0-9])"
)
BRITISH_PLATE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}\s?[A-Z]{3}(?![A-Za-z0-9])")
ANY_PLATE = re.compile(
    r"(?:licen[cs]e plate|number plate|plate number|plates?|registration(?: number| plate)?|reg"
    r"|车牌号?)(?:\s*(?:number|is|was|of|it's|:|：|是|为))*\s+?"
    r"(?P<value>(?=[A-ZÄÖÜa-z -]*[0-9])(?:[A-ZÄÖÜ0-9]{1,7}|[a-z0-9]*[0-9][a-z0-9]*)(?:[ -][A-Z0-9]{1,6}){0,3})(?![a-z])"
)
PASSPORT = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]{1,2}\s?[0-9]{7,8}|[A-Z]{2}\s?[0-9]{6}\s?[A-D])(?![A-Za-z0-9])")
# A reference of letters and digits: long runs of digits in it, or a word before it that says what it is.
INSURANCE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}(?:[\s-]?[0-9]{2}){3}[\s-]?[A-D](?![A-Za-z0-9])")
HANDLE = re.compile(
    r"(?:微信号?|QQ号?|(?i:\b(?:user ?name|user id|login|handle|wechat|skype|telegram|whatsapp)))"
    r"(?:(?i:\s+(?:is|id))|是|：|:)*\s*(?P<value>(?=[A-Za-z._-]*[0-9_])[A-Za-z][A-Za-z0-9._-]{4,24})",
    re.ASCII,
)
REFERENCE = re.compile(
    r"(?<![A-Za-z0-9-])(?=[A-Za-z-]*[0-9])(?=[0-9-]*[A-Za-z])(?!0[xX])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![A-Za-z0-9])",
    re.ASCII,
)
POSTCODE = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9])(?![A-Za-z0-9])"
)
CAPITAL_CODE = re.compile(
    r"\b(?:booking|reservation|confirmation|reference|record locator|pnr)(?: (?:code|number|reference"
    r"|locator))*(?: (?:is|was)|:)? (?P<value>[A-Z]{5,8})\b"
)
MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_ORDINAL = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth"
    r"|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth"
    r"|twentieth|thirtieth|(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
    r"|(?:twenty|thirty)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|one|two|three|four|five|six"
    r"|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)"
)
_DAY = rf"(?:[0-3]?[0-9](?:st|nd|rd|th)?|{_ORDINAL})"
_YEAR = (
    r"(?:(?:19|20)?[0-9]{2}|(?:nineteen|twenty|two thousand(?: and)?)[ -](?:(?:oh|o"
    r"|hundred)[ -])?[a-z]+(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|five|six|seven|eight"
    r"|nine))?)"
)
_ZH_NUMBER = r"[0-9零〇一二三四五六七八九十]"
SPOKEN_DATE = re.compile(
    rf"\b(?:{MONTHS}\.?,?\s+(?:the\s+)?{_DAY}\b(?:,?\s*(?:of\s+)?{_YEAR}\b)?"
    rf"|(?:the\s+)?{_DAY}\s+(?:of\s+)?{MONTHS}\b\.?(?:,?\s*{_YEAR}\b)?)"
    rf"|(?:{_ZH_NUMBER}{{2,4}}年)?{_ZH_NUMBER}{{1,3}}月(?:份)?{_ZH_NUMBER}{{1,3}}[日号]?",
    re.IGNORECASE,
)
SPACED_DATE = re.compile(r"(?<![0-9])[0-3]?[0-9][\s/.-]{1,3}[0-3]?[0-9][\s/.-]{1,3}(?:19|20)?[0-9]{2}(?![0-9])")
BIRTH_YEAR = re.compile(r"19[2-9]\d|200\d")
BORN_AFTER = re.compile(r"\s*(?:出生|生的|,? is (?:my|the) (?:birthday|date of birth))", re.IGNORECASE)
MIN_REFERENCE_DIGITS = 5


def find_emails(text: str) -> list[Candidate]:
    """Find e-mail addresses, written and spoken."""
    found = [Candidate("EMAIL", *match.span(), CERTAIN) for match in EMAIL.finditer(text)]
    for match in SPOKEN_DOMAIN.finditer(text):
        start = _find_email_start(text, match.start())
        if start is not None and _is_mailbox(text, start, match):
            found.append(Candidate("EMAIL", start, match.end(), LIKELY))
    return found


def _is_mailbox(text: str, start: int, domain: re.Match[str]) -> bool:
    """Tell "john at example dot com" from "look at example dot com"."""
    local, before = text[start : domain.start()].lower(), text[:start].lower()
    if PROVIDER.fullmatch(domain["host"]) or re.search(r"mail|邮箱|邮件", before[-40:]) or re.search(r"[\d._]", local):
        return True
    words = local.split()
    return bool(EMAIL_JOINERS & set(words)) or not is_common(words[-1])


def _find_email_start(text: str, at: int) -> int | None:
    if text[at : at + 1] == "@":
        return at - len(text[:at]) + len(text[:at].rstrip(LOCAL_CHARACTERS))
    start = None
    words = list(re.finditer(r"[A-Za-z0-9._'+-]+|[一二三四五六七八九零幺]+", text[:at]))
    for word in reversed(words[-14:]):
        if word[0].lower().strip(".") in load_words("email_stop") or re.search(
            r"[,;:?!，。：]", text[word.end() : start or at]
        ):
            break
        start = word.start()
    return start


def find_links(text: str) -> list[Candidate]:
    """Find links that lead to more than a site's front page."""
    return [
        Candidate("URL", *match.span(), LIKELY)
        for match in URL.finditer(text)
        if re.search(r"[^/:]/[^\s/]|\?", match[0])
    ]


def find_plates(text: str) -> list[Candidate]:
    """Find vehicle plates: Chinese ones by shape, western ones by shape or by the word before."""
    found = [
        Candidate("PLATE", *match.span(), LIKELY)
        for match in PLATE.finditer(text)
        if re.search(r"[0-9一-九零幺]", match[0][2:])
    ]
    found += [Candidate("PLATE", *match.span(), LIKELY) for match in BRITISH_PLATE.finditer(text)]
    return found + [Candidate("PLATE", *match.span("value"), LIKELY) for match in ANY_PLATE.finditer(text)]


def find_references(text: str) -> list[Candidate]:
    """Find numbers that have letters in them: passports, post codes, orders, bookings."""
    found = [
        Candidate(_choose(text, match, "ID_NUMBER"), *match.span(), LIKELY)
        for pattern in (PASSPORT, INSURANCE)
        for match in pattern.finditer(text)
    ]
    found += [Candidate("ACCOUNT", *match.span("value"), LIKELY) for match in HANDLE.finditer(text)]
    found += [Candidate("ADDRESS", *match.span(), LIKELY) for match in POSTCODE.finditer(text)]
    found += [Candidate("ACCOUNT", *match.span("value"), LIKELY) for match in CAPITAL_CODE.finditer(text)]
    return found + [candidate for match in REFERENCE.finditer(text) if (candidate := _judge_reference(text, match))]


def _choose(text: str, match: re.Match[str], kind: str) -> str:
    """Name the type by the word before, if there is one, else by the shape."""
    keyword, is_linked = find_keyword(text, *match.span())
    return keyword if keyword and is_linked else kind


def _judge_reference(text: str, match: re.Match[str]) -> Candidate | None:
    value = match[0]
    if re.fullmatch(
        r"\d+(?:st|nd|rd|th|s|[a-z]{1,3})|(?:\d+-)?[a-z]+-?\d{0,2}|[a-z]+\d{1,3}|\d+(?:-[a-z]+)+", value, re.IGNORECASE
    ):
        return None
    keyword, is_linked = find_keyword(text, *match.span())
    n_digits, longest = sum(map(str.isdigit, value)), max(map(len, re.findall(r"\d+", value)))
    is_mixed = not value.islower() or n_digits >= 3
    if is_linked and len(value) >= 5 and is_mixed and keyword != "PHONE":
        return Candidate("ACCOUNT" if keyword in {"", "CARD", "DATE_OF_BIRTH"} else keyword, *match.span(), LIKELY)
    score = LIKELY if longest >= MIN_REFERENCE_DIGITS and len(value) >= 7 else HINT if len(value) < 5 else WEAK
    return Candidate("ACCOUNT", *match.span(), score, is_guess=True)


def find_birth_dates(text: str) -> list[Candidate]:
    """Find dates of birth: a date after a word that says so, or the answer to being asked."""
    found = []
    for match in [match for pattern in (SPOKEN_DATE, DATE, SPACED_DATE) for match in pattern.finditer(text)]:
        keyword, is_linked = find_keyword(text, *match.span())
        is_same = is_linked or not re.search(r"[.。!?！？]", text[max(0, match.start() - 30) : match.start()])
        is_birth = (keyword == "DATE_OF_BIRTH" and is_same) or BORN_AFTER.match(text, match.end())
        if is_birth or not re.fullmatch(rf"\s*{MONTHS}\s*", match[0], re.IGNORECASE):
            found.append(Candidate("DATE_OF_BIRTH", *match.span(), LIKELY if is_birth else _score_date(text, match[0])))
    return found


def _score_date(text: str, value: str) -> float:
    """A date that nothing calls a birth date: an answer all the same when it stands alone and is long ago."""
    is_alone = len(re.findall(r"\w+", text.replace(value, " "))) <= 2
    return 0.55 if is_alone and BIRTH_YEAR.search(value) else WEAK
