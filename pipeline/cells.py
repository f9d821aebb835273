"""Cells: what one cell of a manifest says, given how its column is written.

What can be read two ways is read as the whole column shows: 03/04/2026 is a day in April or in March, 1,234 is a
thousand or one and a bit (see `decimals`). A day that nothing shows is not read at all.

Errors: ValueError says the rule that the cell breaks, never the cell.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

YES = frozenset({"1", "true", "yes", "y", "t", "x", "是"})
NO = frozenset({"", "0", "false", "no", "n", "f", "否"})
NOTHING = frozenset({"-", "--", "—", "/", "n/a", "#n/a", "null", "none", "nan", "nil", "无"})
NOBODY = {
    "unknown", "anonymous", "anonym", "withheld", "private", "restricted", "unavailable", "guest", "unbekannt", "na",
    "未知", "匿名", "隐藏号码", "未知号码",
}  # fmt: skip
CONTACT_CHANNELS = {
    "phone": "phone", "call": "phone", "voice": "phone", "telephone": "phone", "电话": "phone",
    "chat": "chat", "webchat": "chat", "message": "chat", "在线": "chat",
    "email": "email", "mail": "email", "邮件": "email",
    "note": "note", "comment": "comment", "survey": "comment",
}  # fmt: skip
UNITS_S = {
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds", "毫秒"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "秒"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "分钟", "分"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "小时"), 3600.0),
}  # seconds a unit
UNIT_PART = re.compile(r"(\d[\d.,]*) ?([^\W\d_]+)\.? ?")  # of 1 min 23 s
DAY_S = 86_400.0
ROUNDED = re.compile(r"\d([.,]\d+)?[eE]\+\d+")  # 8.6138E+12: a long number after a spreadsheet
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAY = r"(?P<a>\d{1,4})(?P<sign>[-/.])(?P<b>\d{1,2})(?P=sign)(?P<c>\d{1,4})"
HOUR = r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,]\d+)?)?"
LOCAL_TIME = re.compile(
    rf"{DAY}(?:[ T]+(?P<before>上午|下午)? ?{HOUR} ?(?P<after>[ap]\.?m\.?)?)? ?(?P<zone>z|utc|gmt|[-+]\d\d:?\d\d)?",
    re.IGNORECASE,
)
CHINESE_TIME = str.maketrans({"年": "-", "月": "-", "日": " ", "号": " ", "时": ":", "点": ":", "分": ":", "秒": ""})
EXCEL_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001 - the manifest's zone is set later
EXCEL_DAYS = range(20_000, 80_000)  # 1954 to 2119
ROUNDED_RULE = "rounded by a spreadsheet, as in 8.6E+12; make the column text before saving"
NO_TIME = "not a time such as 2026-11-20 09:30:00"
FIRST_YEAR = 1990  # nobody keeps calls from before
USUAL_TOPS = (5, 7, 10, 100)
MIN_SCORES, MIN_INSIDE_RATIO, MIN_SMALL_RATIO = 20, 0.95, 0.2
DATE_ORDERS = ("dmy", "mdy")


def clean_cell(text: str) -> str:
    """Write a cell plainly: full-width signs as ASCII, one kind of blank; a sign for nothing is ''."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    return "" if plain.lower() in NOTHING else plain


def is_nobody(text: str) -> bool:
    """Say whether an id names no one: 0, unknown, anonymous, one digit over and over."""
    plain = clean_cell(text).lower()
    return not plain or plain in NOBODY or bool(re.fullmatch(r"(\d)\1{5,}|0+", plain))


def read_id(text: str) -> str | None:
    """Read the id of a person or a call; None where it names no one.

    Raises:
        ValueError: A spreadsheet has rounded it, so that thousands of ids look alike.
    """
    if is_nobody(text):
        return None
    if ROUNDED.fullmatch(text):
        raise ValueError(ROUNDED_RULE)
    return re.sub(r"^(\d+)\.0$", r"\1", text.strip())


def join_thousands(text: str) -> str:
    """Write 1 234 and 1'234 as 1234."""
    return re.sub(r"(?<=\d)[ '](?=\d{3}(?!\d))", "", text)


def read_number(text: str, *, is_comma_decimal: bool = False) -> float | None:
    """Read a number; None for an empty cell.

    Raises:
        ValueError: It is none, or not finite.
    """
    plain = join_thousands(clean_cell(text))
    if not plain or plain.lower() == "na":
        return None
    if " " in plain or "_" in plain:
        raise ValueError("not a number")
    point, comma = (",", ".") if is_comma_decimal else (".", ",")
    if re.fullmatch(rf"[-+]?\d{{1,3}}({re.escape(comma)}\d{{3}})+({re.escape(point)}\d*)?", plain):
        plain = plain.replace(comma, "")
    try:
        number = float(plain.replace(point, "."))
    except ValueError:
        raise ValueError("not a number") from None
    if not math.isfinite(number):
        raise ValueError("not a number")
    return number


def read_seconds(text: str, *, unit_s: float = 1.0, is_comma_decimal: bool = False) -> float | None:
    """Read a length of time: a number of the column's unit, 3:25, 1:03:25, or one that names its unit.

    Raises:
        ValueError: It is none, or below zero.
    """
    plain = clean_cell(text)
    if re.fullmatch(r"\d+:\d\d(:\d\d)?([.,]\d+)?", plain):
        parts = reversed(re.split(r"[.,]", plain)[0].split(":"))
        return float(sum(int(part) * 60**power for power, part in enumerate(parts)))
    seconds = _read_units(plain, is_comma_decimal)
    if seconds is None:
        number = read_number(plain, is_comma_decimal=is_comma_decimal)
        seconds = None if number is None else number * unit_s
    if seconds is not None and seconds < 0:
        raise ValueError("below zero")
    return seconds


def _read_units(text: str, is_comma_decimal: bool) -> float | None:
    """Read 1 min 23 s."""
    parts = UNIT_PART.findall(text.lower())
    if not parts or re.fullmatch(f"({UNIT_PART.pattern})+", text.lower()) is None:
        return None
    if any(unit not in UNITS_S for _, unit in parts):
        return None
    return sum(
        (read_number(number, is_comma_decimal=is_comma_decimal) or 0.0) * UNITS_S[unit] for number, unit in parts
    )


def find_top_score(scores: Sequence[float]) -> float | None:
    """Find the best answer that a column of scores allows: 5, 7, 10 or 100; None where it has no one scale.

    With fewer than 20 scores anything up to 100 goes. One in twenty may be a slip of the pen.
    """
    if len(scores) < MIN_SCORES:
        return float(USUAL_TOPS[-1])
    inside = {top: sum(0 <= score <= top for score in scores) / len(scores) for top in USUAL_TOPS}
    top = next((top for top in USUAL_TOPS if inside[top] >= MIN_INSIDE_RATIO), None)
    n_small = sum(0 < score <= USUAL_TOPS[0] for score in scores)
    is_mixed = top == USUAL_TOPS[-1] and n_small / len(scores) >= MIN_SMALL_RATIO
    return None if top is None or is_mixed else float(top)


def is_scale_unclear(scores: Sequence[float]) -> bool:
    """Say whether scores are too few to show their scale and do not all fit the smallest: 9 beside 4 and 5."""
    return len(scores) < MIN_SCORES and max(scores, default=0) > USUAL_TOPS[0] >= min(scores)


def read_flag(text: str) -> bool:
    """Read yes or no.

    Raises:
        ValueError: It is neither.
    """
    plain = clean_cell(text).lower()
    if plain not in YES | NO:
        raise ValueError("neither yes nor no")
    return plain in YES


def read_channel(text: str) -> str | None:
    """Read a contact channel; None for an empty cell.

    Raises:
        ValueError: It is none we know.
    """
    plain = re.sub(r"[\W_]+", "", clean_cell(text).lower())
    if plain and plain not in CONTACT_CHANNELS:
        raise ValueError("not phone, chat, email, note or comment")
    return CONTACT_CHANNELS.get(plain)


def find_date_order(cells: Iterable[str]) -> str:
    """Find how a column writes 03/04/2026: dmy or mdy as its other rows show; '' when none does, or both."""
    matches = [
        match for cell in cells if (match := _match_time(cell)) and match["sign"] != "." and len(match["c"]) == 4
    ]
    shown = {_show_order(match) for match in matches} - {""}
    return shown.pop() if len(shown) == 1 else ""


def is_day_alone(text: str) -> bool:
    """Say whether a time names only its day."""
    match = _match_time(text)
    return (match is not None and not match["hour"]) or bool(re.fullmatch(r"20\d{6}", text.strip()))


def read_time(text: str, timezone: tzinfo, *, date_order: str = "", latest: datetime | None = None) -> datetime:
    """Read a time as manifests write it, in UTC.

    Args:
        text: ISO 8601, seconds or milliseconds since 1970, Excel's serial days, or a common local format.
        timezone: The zone of a time that names none.
        date_order: dmy or mdy, for 03/04/2026.
        latest: A call cannot have begun after this.

    Raises:
        ValueError: The text is no such time, or can be read two ways.
    """
    moment = _read_moment(text, date_order)
    try:
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=timezone)).astimezone(UTC)
    except OverflowError:
        raise ValueError(NO_TIME) from None
    if moment.year < FIRST_YEAR:
        raise ValueError(f"before {FIRST_YEAR}")
    if latest and moment > latest:
        raise ValueError("in the future")
    return moment


def _read_moment(text: str, date_order: str) -> datetime:
    plain = clean_cell(text)
    if re.fullmatch(r"\d{10}(\.\d+)?|\d{13}", plain):
        return datetime.fromtimestamp(float(plain) / (1000 if len(plain) == 13 else 1), UTC)
    if re.fullmatch(r"\d{5}(\.\d+)?", plain) and int(float(plain)) in EXCEL_DAYS:
        return EXCEL_DAY_0 + timedelta(seconds=round(float(plain) * DAY_S))
    if re.fullmatch(r"\d{14}", plain):
        plain = f"{plain[:8]}T{plain[8:]}"
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        match = _match_time(plain)
    if match is None:
        raise ValueError(NO_TIME)
    return _make_moment(match, date_order)


def _match_time(text: str) -> re.Match[str] | None:
    plain = clean_cell(text.translate(CHINESE_TIME)).rstrip(": ").replace(",", "").lower()
    named = re.fullmatch(r"(?P<day>\d{1,2})[ -](?P<month>[a-z]{3})[a-z]*[ -](?P<year>\d{4})(?P<rest>.*)", plain)
    named = named or re.fullmatch(r"(?P<month>[a-z]{3})[a-z]*\.? (?P<day>\d{1,2}) (?P<year>\d{4})(?P<rest>.*)", plain)
    if named and named["month"] in MONTHS:
        plain = f"{named['year']}-{MONTHS.index(named['month']) + 1}-{named['day']}{named['rest']}"
    return LOCAL_TIME.fullmatch(plain)


def _show_order(match: re.Match[str]) -> str:
    """Say which order a day shows by itself: dmy or mdy; '' where it could be either."""
    return "dmy" if int(match["a"]) > 12 else "mdy" if int(match["b"]) > 12 else ""


def _make_moment(match: re.Match[str], date_order: str) -> datetime:
    year, month, day = _order_day(match, date_order)
    hour = _read_hour(int(match["hour"] or 0), (match["before"] or match["after"] or "").lower())
    try:
        moment = datetime(year, month, day, hour, int(match["minute"] or 0), int(match["second"] or 0))  # noqa: DTZ001
    except ValueError:
        raise ValueError(NO_TIME) from None
    zone = (match["zone"] or "").lower()
    if not zone:
        return moment
    try:
        return datetime.fromisoformat(moment.isoformat() + (zone if zone[0] in "+-" else "+00:00"))
    except ValueError:
        raise ValueError(NO_TIME) from None


def _read_hour(hour: int, half: str) -> int:
    """Read an hour of the 12-hour clock; 15:00 in the afternoon is 15:00."""
    is_late = half == "下午" or half.startswith("p")
    if not half or (is_late and hour > 12):
        return hour
    if hour > 12:
        raise ValueError(NO_TIME)
    return hour % 12 + 12 * is_late


def _order_day(match: re.Match[str], date_order: str) -> tuple[int, int, int]:
    first, second, third = int(match["a"]), int(match["b"]), int(match["c"])
    if len(match["a"]) == 4:
        return first, second, third
    if len(match["c"]) != 4:
        raise ValueError("a year of fewer than four digits")
    if match["sign"] == "." or first == second:
        return third, second, first
    order = _show_order(match) or date_order
    if order not in DATE_ORDERS:
        raise ValueError("day or month first, and no row shows which; set date_order in [ingest]")
    return (third, second, first) if order == "dmy" else (third, first, second)
