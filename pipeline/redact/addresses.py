"""Addresses: street and number, with the flat, town and post code that follow; 省市区路号 in Chinese.

A town or a region alone is not an address: "deliveries to Leeds stopped" stays.
"""

import re

from pipeline.redact.candidates import LIKELY, WEAK, Candidate
from pipeline.redact.words import is_function_word

_NUMBER_WORD = (
    r"(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    r"|sixteen|seventeen|eighteen|nineteen"
    r"|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)"
)
_NUMBER = rf"(?:[0-9０-９]{{1,6}}(?:[ ,-][0-9]{{1,5}})*[a-dA-D]?|{_NUMBER_WORD}(?:[\s-]+(?:and\s+)?{_NUMBER_WORD})*)"
# Suffixes that are hardly ever anything else, and those that are words as well.
_STRONG = r"street|avenue|boulevard|blvd|ave|crescent|parkway|pkwy|highway|hwy|terrace|turnpike"
_ANY_SUFFIX = (
    _STRONG
    + r"|road|rd|st|drive|dr|lane|ln|court|ct|place|pl|way|square|sq|circle|cir|close|row|hill|gardens|grove|mews"
    r"|walk|loop|trail|strasse|straße|allee"
)
_DIRECTION = r"(?:north|south|east|west|n|s|e|w|ne|nw|se|sw|northeast|northwest|southeast|southwest)"
_FILLER = r"(?:\[noise\]|<unk>|um+|uh+|uhm|er)"
STREET = re.compile(
    rf"\b(?P<number>{_NUMBER})(?:\s+{_FILLER})*,?\s+(?:{_DIRECTION}\.?\s+)?(?P<name>(?:[A-Za-zÀ-ÿ'’.-]+"
    rf"|[0-9]{{1,3}}(?:st|nd|rd|th))(?:\s+[A-Za-zÀ-ÿ'’-]+){{0,2}}?)"
    rf"\s+(?P<suffix>{_ANY_SUFFIX})\b\.?(?:\s+{_DIRECTION}\b)?",
    re.IGNORECASE,
)
# "My address is 12 Larchmont": a lead makes up for the missing "street".
LED_NUMBER = re.compile(
    rf"\b(?:address is|live at|lives at|living at"
    rf"|located at)(?:\s+{_FILLER})*\s+(?P<value>{_NUMBER}\s+(?P<name>[A-Za-z][\w'’-]{{2,}}))",
    re.IGNORECASE,
)
NAMED_STREET = re.compile(
    r"(?P<name>[A-Z][A-Za-zÀ-ÿ'’-]+(?:\s[A-Z][A-Za-zÀ-ÿ'’-]+)?)\s(?P<suffix>Street|Avenue|Boulevard|Road|Lane"
    r"|Drive|Crescent|Terrace|Court|Strasse|Straße)\b"
)
GERMAN_STREET = re.compile(r"\b[A-ZÄÖÜ][a-zäöüß-]+(?:straße|strasse|weg|platz|allee|gasse)\s+[0-9]{1,4}[a-z]?\b")
PO_BOX = re.compile(rf"\bp\.?\s?o\.?\s+box\s+(?:number\s+)?{_NUMBER}", re.IGNORECASE)
HIGHWAY = re.compile(r"\b(?:route|highway|hwy|interstate)\s+\d+", re.IGNORECASE)
UNIT = re.compile(
    rf"[\s,]*\b(?:apartment|apt|unit|suite|ste|flat|floor|room|#)\.?\s*(?:number\s+|#)?(?:[0-9]+[a-z]?"
    rf"|[a-z](?![a-z])|{_NUMBER_WORD}(?:\s+{_NUMBER_WORD})*)\b(?:\s*[a-d]\b)?",
    re.IGNORECASE,
)
_STATES = (
    "alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho"
    "|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan"
    "|minnesota|mississippi|missouri|montana|nebraska|nevada|new hampshire|new jersey|new mexico|new york"
    "|north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania|rhode island|south carolina"
    "|south dakota|tennessee|texas|utah|vermont|virginia|west virginia|washington|wisconsin|wyoming|ontario"
    "|quebec|england|scotland|wales"
)
_STATE_CODES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK"
    "|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|ON|QC|BC"
)
_TOWN = rf"(?:(?:[A-Za-zÀ-ÿ'’.-]+|{_FILLER}|<unk>)[\s,]+){{0,5}}?"
_ZIP = r"(?:[0-9]{5}(?:-[0-9]{4})?|[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2})"
_SPOKEN_ZIP = r"(?:(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine)\b[\s,-]*){4,5}"
TAIL = re.compile(
    rf"(?P<tail>[\s,.]*\b{_TOWN}(?:(?i:{_STATES})"
    rf"|(?:{_STATE_CODES}))\b(?:[\s,.]*(?i:(?:and )?(?:the )?zip(?: code)?(?: is)?[\s,]*)?(?:{_ZIP}"
    rf"|(?i:{_SPOKEN_ZIP})))?|[\s,]*\b(?:[A-Z][a-zà-ÿ'’-]+[\s,]+){{0,3}}{_ZIP})(?![0-9])"
)
STATE_ZIP = re.compile(rf"\b(?:(?i:{_STATES})|(?:{_STATE_CODES}))[\s,]+(?P<zip>[0-9]{{5}}(?:-[0-9]{{4}})?)(?![0-9])")
CAPITAL_TOWN = re.compile(r"(?:,?\s+|,\s*)[A-Z][a-zà-ÿ'’-]+(?:\s[A-Z][a-zà-ÿ'’-]+)?(?=\s*(?:[.,!?]|$))")
ADDRESS_LEFT = re.compile(
    r"\b(?:address|live|lives|living|located|location|resid\w+|moved|moving|deliver\w*|ship\w*|sent|send|house"
    r"|home|based|going|go|drop\w*|at|it's|is)\b[^.?!]{0,25}$",
    re.IGNORECASE,
)
# What makes "5 minute drive" or "two lane road" no address.
NO_STREET = re.compile(
    r"\b(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|miles?|km|lanes?|way|ways|stars?|times?|people"
    r"|of|the|a|an|and|or|in|on|to|at|is|was|my|your|this|that|for|from|with|by|not|no|it|i|we|you|they|he|she"
    r"|cars?|blocks?|hard|test|flash|usb|long|short|different|other|more|dollars?|bucks|am|pm|percent|gigs?|gb|tb"
    r"|gear|wheel|disk|items?|orders?|days?|half|per|all|went|come|go)\b",
    re.IGNORECASE,
)

_ZH_DIGIT = r"[0-9０-９零〇一二三四五六七八九十百幺两]"
_HAN = r"[\u4e00-\u9fff]"
_REGION = rf"(?:{_HAN}{{2,8}}?(?:省|自治区|特别行政区|市|区|县|州|盟|旗|镇|乡|街道|村|屯|社区|新区|开发区))"
_PLACE = (
    r"(?:小区|花园|公寓|大厦|广场|家园|新村|苑|城|府|庭|湾|园|里|村|中心|大楼|国际|名邸|公馆|宿舍|校区|工业园|科技园)"
)
_STREET_ZH = rf"(?:{_HAN}{{1,8}}?(?:路|街|大道|大街|胡同|巷|弄|里|道|条))"
_HOUSE = rf"{_ZH_DIGIT}{{1,7}}(?:号(?!码|线|楼下)|弄)(?:院|楼)?"
_INNER = (
    rf"(?:[\s,，、]*(?:{_HAN}{{1,8}}?{_PLACE})?[\s,，]*(?:[A-Za-z]|{_ZH_DIGIT}{{1,6}})[\s-]*(?:号楼|号院|单元|幢|栋"
    rf"|座|楼|层|室"
    rf"|号房|户|门|期|区|弄|号))"
)
CHINESE_ADDRESS = re.compile(
    rf"(?P<head>(?:{_REGION}[\s,，、]*)*)(?P<core>{_STREET_ZH}[\s,，]*(?:南|北|东|西|中)?段?{_HOUSE}{_INNER}*"
    rf"|{_HAN}{{2,8}}?{_PLACE}{_INNER}+|{_HAN}{{2,6}}(?:村|镇|乡)[\s,，]*(?:{_HAN}{{1,4}}组)?{_ZH_DIGIT}{{1,4}}[组号队]"
    rf"|{_INNER}{{2,}})"
    rf"(?:附近|旁边)?"
)
# Words that lead up to an address and are no part of it.
CHINESE_LEAD = re.compile(
    r".*(?:住在|住址是|地址是|地址为|地址|位于|寄到|送到|发到|寄往|送往|搬到|搬去|改到|改成|改为|换成|是在|就在"
    r"|家在|在|到|是|寄|往|去|从|住|叫|：|:|，|。|,|我家|我们|我|您|你"
    r"|的|嗯|呃|那个)"
)
SPECIFIC = re.compile(rf"{_ZH_DIGIT}+\s?(?:单元|幢|栋|座|室|号楼|弄|号院|号)")


def find_addresses(text: str) -> list[Candidate]:
    """Find addresses in English and in Chinese."""
    found = [_judge_street(text, match) for match in STREET.finditer(text)]
    found += [
        Candidate("ADDRESS", match.start(), _find_tail(text, match.end()), LIKELY)
        for pattern in (PO_BOX, GERMAN_STREET)
        for match in pattern.finditer(text)
    ]
    found += [Candidate("ADDRESS", *match.span(), LIKELY) for match in STATE_ZIP.finditer(text)]
    found += [
        Candidate("ADDRESS", *match.span("value"), LIKELY)
        for match in LED_NUMBER.finditer(text)
        if not NO_STREET.search(match["name"]) and not is_function_word(match["name"].lower())
    ]
    found += [_judge_named(text, match) for match in NAMED_STREET.finditer(text)]
    return [candidate for candidate in found if candidate] + find_chinese_addresses(text)


def _judge_street(text: str, match: re.Match[str]) -> Candidate | None:
    name, suffix = match["name"], match["suffix"].lower()
    is_strong = re.fullmatch(_STRONG, suffix) is not None
    if NO_STREET.search(name) or (suffix in {"st", "dr"} and not name[:1].isupper()):
        return None
    is_led = ADDRESS_LEFT.search(text[: match.start()]) is not None
    is_capital = name[:1].isupper() or name[:1].isdigit()
    end = _find_tail(text, match.end())
    is_likely = is_strong or is_capital or is_led or end > match.end()
    return Candidate("ADDRESS", match.start(), end, LIKELY if is_likely else WEAK)


def _judge_named(text: str, match: re.Match[str]) -> Candidate | None:
    if is_function_word(match["name"].split()[0].lower()) or "Wall Street" in match[0]:
        return None
    is_led = re.search(
        r"\b(?:live|lives|living|address|moved|moving|located|street is|home|i'?m on|i'?m at)\b[^.?!]{0,20}$",
        text[: match.start()],
        re.IGNORECASE,
    )
    return Candidate("ADDRESS", match.start(), _find_tail(text, match.end()), LIKELY if is_led else WEAK)


def _find_tail(text: str, end: int) -> int:
    """Find where the address ends: flat, town, state and post code belong to it."""
    for pattern in (UNIT, TAIL):
        match = pattern.match(text, end)
        if match and not (pattern is TAIL and _is_sentence(match[0])):
            end = match.end() - (len(match[0]) - len(match[0].rstrip(" ,-")))
    if UNIT.match(text, end) is None and (match := CAPITAL_TOWN.match(text, end)):
        end = match.end()
    return end


def _is_sentence(tail: str) -> bool:
    town = re.split(rf"(?i)\b(?:{_STATES})\b", tail)[0]
    return any(
        is_function_word(word)
        for word in re.findall(r"[a-z']+", town.lower())
        if word not in {"in", "um", "uh", "the", "and", "that's", "s", "of"}
    )


def find_chinese_addresses(text: str) -> list[Candidate]:
    """Find 省市区路号 addresses; what only names a region stays."""
    found = []
    for match in CHINESE_ADDRESS.finditer(text):
        specific = SPECIFIC.search(match[0])
        lead = CHINESE_LEAD.match(match[0][: specific.start()]) if specific else None
        start = match.start() + (lead.end() if lead else 0)
        if SPECIFIC.search(text, start, match.end()):
            found.append(Candidate("ADDRESS", start, match.end(), LIKELY))
    return found
