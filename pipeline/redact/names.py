"""Names in English text: introduced, addressed, spelled, or seen by the entity model with a name list's support.

A capital letter alone is no evidence: Whisper writes products and firms with one too.
"""

import re
from collections.abc import Sequence

from pipeline.redact.candidates import CERTAIN, LIKELY, WEAK, Candidate
from pipeline.redact.words import is_common, is_function_word, is_given_name, is_name_word, is_surname, load_words

# Shops, makes and products that carry a person's name.
NO_PERSON = (
    "barnes and noble|barnes & noble|ben and jerry|ben & jerry|calvin klein|charles schwab|charlotte russe"
    "|dr\\.? pepper|"
    "elizabeth arden|fred meyer|george foreman|harley[- ]davidson|harvey norman|jack daniel|james bond|jim beam|"
    "jimmy choo|john deere|john lewis|johnny walker|johnson (?:and|&) johnson|jo malone|j\\.? ?p\\.? morgan|kate spade|"
    "marc jacobs|marks (?:and|&) spencer|martin guitar|mary kay|michael kors|morgan stanley|papa john|paul smith|"
    "peter pan|philip morris|ralph lauren|raymond james|stella artois|steve madden|sherwin williams|ted baker"
    "|tim hortons|tom ford|"
    "tom tom|tommy hilfiger|tory burch|trader joe|victoria'?s secret|wells fargo|wendy'?s|william hill|harry potter|"
    "saint \\w+|st\\.? \\w+|bloody mary|san \\w+|santa \\w+|los \\w+|new \\w+"
    "|mercedes[- ]benz|"
    "kelley blue book|amy'?s kitchen|stanley cup|gordon ramsay|google \\w+|samsung \\w+|apple \\w+|alexa"
)

WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]+(?:['’-](?!s\b)[A-Za-zÀ-ÖØ-öø-ÿ]+)*")
INITIAL = re.compile(r"(?:^|[\s.])[A-Za-z]$")
NAME_GAP = re.compile(r"\s+|\.\s*|\s*[-–]\s*|,\s+(?=Jr|Sr)")
_FILLER = r"(?:[\s,]+(?:uh+|um+|er+|well|actually|it'?s|going to be|gonna be|that'?s))*"
# Leads after which a name must come, whatever its writing; what comes may still be "wrong" or "not on the list".
STRICT_LEADS = re.compile(
    r"(?<!company )(?<!city )(?<!town )(?<!business )"
    r"(?<!brand )(?<!product )(?<!file )(?<!domain )(?<!store )(?<!street )(?<!device )"
    rf"\b(?:(?:(?:first|last|full|middle|sur|family|maiden|given|second|account|billing|user|holder|cardholder"
    rf"|legal)\s*)?\bnames?(?:'s| is| was| are|:| would be| should be){_FILLER}"
    rf"|surname(?:'s| is|:)?{_FILLER}|(?:under|in) the name(?: of)?|(?:first|last|middle|maiden|family|full"
    rf"|sur)[ -]?name(?= [a-z]{{2,}})|(?:^|\bmy )name(?= [a-z]{{3,}})|(?:is|was|'s|are|be) (?:called|named)"
    rf"|registered to|account holder(?: is|:)|goes by"
    rf"|named|(?:mr|mrs|ms|mx|dr|prof)\b\.?|mister|missus|(?-i:(?:Miss|Sir)(?=\s[A-Z])))[\s,]+",
    re.IGNORECASE,
)
# Leads after which names come among other things: a capital letter and what follows, or a list, must speak for one.
INTRODUCTIONS = re.compile(
    r"\b(?:this is|i'?m|i am|it'?s|here is|that'?s|call me"
    r"|(?:speaking|spoke|spoken|speak|talk|talking|talked|chatted|chatting|dealt|dealing) (?:with|to))"
    rf"[\s,]+{_FILLER}[\s,]*",
    re.IGNORECASE,
)
ADDRESSES = re.compile(
    r"\b(?:told|(?:hi|hello|hey|dear|thanks|thank you|good (?:morning|afternoon|evening)|welcome|sorry|bye|goodbye"
    r"|okay|ok"
    r"|alright|right|cheers|regards|sincerely|yours|ma'am)(?: (?:so much|very much|again|there))?"
    r"|(?:my|her|his|our) (?:husband|wife|son|daughter|mother|father|mom|mum|dad|brother|sister|friend|colleague"
    r"|partner|boss|neighbou?r|fianc[eé]e?|aunt|uncle|grand\w+)(?: is|'s name is| called|,)?"
    r"|(?:agent|manager|supervisor|technician|driver|representative|rep|lady|gentleman|guy|person|colleague"
    r"|someone|somebody|woman|man)(?: is| was)?"
    r"|(?:ask|asked) for|behalf of|attention|attn:?|care of|c/o)[\s,]+",
    re.IGNORECASE,
)
SENTENCE_START = re.compile(r"(?:^|[.!?。]\s*)[\W]*$")
# What follows a name after one of ADDRESSES, and after one of INTRODUCTIONS.
CUES = (
    re.compile(r"[.,!?;]"),
    re.compile(
        r"\s*(?:,?\s*(?:calling|speaking|here|from|with|again|and (?:i|my)|i(?:'m|'d|'ve)?)\b|[.,!?;]|$)", re.IGNORECASE
    ),
)
# In lower case a surname must speak for a first name that no list has.
LOW_INTRODUCTION = re.compile(r"\b(?:i'?m|i am|this is) (?P<first>[a-z]{3,}) (?P<second>[a-z]{2,})\b")
# A surname that noise cut off from its given name.
SURNAME_AFTER = re.compile(r"\[NAME\](?:\s+(?:<unk>|\[\w+\]|um+|uh+))*\s+(?P<name>[A-Za-z'’-]+)")
SPEAKING = re.compile(r"(?P<name>[A-Za-z'’-]+(?: [A-Z][A-Za-z'’-]+)?),? (?i:speaking|here|calling)\b(?!['’])")
NO_PERSON_SPAN = re.compile(rf"\b(?:{NO_PERSON})\b", re.IGNORECASE)
TAG = re.compile(r"[@#][\w'’]+")
# S M I T H, s-m-i-t-h, S. M. I. T. H., "double t"
SPELLED = re.compile(
    r"(?<![\w'’])[A-Za-z](?:(?:[\s.,-]+|\s*-\s*)(?:(?:double|triple)[\s-]+)?[A-Za-z](?![\w'’])){2,}(?![\w'’])"
)
SPELLED_AS = re.compile(
    r"(?<![\w'’])(?:(?:double\s+)?[A-Za-z](?:\s+(?:as in|like|for|is for)|,\s*as in)\s+[A-Za-z]+[\s,.]*(?:and\s+"
    r"|then\s+)?|(?:double\s+)?[A-Za-z][\s,.-]+(?=(?:[A-Za-z][\s,.-]+)*[A-Za-z](?:\s+as in|\s+for)\s)){2,}",
    re.IGNORECASE,
)
NATO = (
    "alpha|alfa|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliet|juliett|kilo|lima|mike|november|oscar"
    "|papa|quebec|romeo|sierra|tango|uniform|victor|whiskey|whisky|x-ray|xray|yankee|zulu"
)
SPELLED_NATO = re.compile(rf"\b(?:{NATO})(?:[\s,.]+(?:{NATO})\b){{2,}}", re.IGNORECASE)
SPELL_LEFT = re.compile(
    r"\b(?:name|spell\w*|spelt|surname|mr|mrs|ms|that'?s|it'?s|is|i'?m)\b[^.?!]{0,40}$|\[NAME\][\s,.]*$", re.IGNORECASE
)
MAX_NAME_WORDS = 4


def find_names(text: str, entities: Sequence[tuple[int, int, str]] = ()) -> list[Candidate]:
    """Find names.

    Args:
        text: Text with English words.
        entities: What an entity model saw: start, end and its label.
    """
    words = list(WORD.finditer(text))
    protected = [match.span() for pattern in (NO_PERSON_SPAN, TAG) for match in pattern.finditer(text)]
    found = _find_led(text, words, entities) + _find_listed(text, words) + _find_seen(text, entities)
    found = [one for one in found if not any(start <= one.start < end for start, end in protected)]
    return found + find_spelled(text)


def may_hold_unknown_name(text: str) -> bool:
    """Say whether a word with a capital letter is in no list, so that an entity model can add something."""
    return any(
        _is_capital(word[0])
        and not word[0].isupper()
        and not is_common(word[0].lower())
        and not is_given_name(word[0].lower())
        and (is_name_word(word[0].lower()) or SENTENCE_START.search(text[: word.start()]) is None)
        for word in WORD.finditer(text)
    )


def _find_led(text: str, words: list[re.Match[str]], entities: Sequence[tuple[int, int, str]]) -> list[Candidate]:
    starts = {word.start(): index for index, word in enumerate(words)}
    found = []
    for pattern in (STRICT_LEADS, INTRODUCTIONS, ADDRESSES):
        for lead in pattern.finditer(text):
            index, is_strict = starts.get(lead.end()), pattern is STRICT_LEADS
            name = _read_name(text, words, index, is_strict=is_strict) if index is not None else None
            if name and (is_strict or _is_supported(text, name, entities, cue=CUES[pattern is INTRODUCTIONS])):
                found.append(Candidate("NAME", *name, CERTAIN if is_strict else LIKELY))
    for match in SPEAKING.finditer(text):
        first = match["name"].split()[0]
        if is_given_name(first.lower()) or (_is_capital(first) and not is_common(first.lower())):
            found.append(Candidate("NAME", *match.span("name"), LIKELY))
    for match in LOW_INTRODUCTION.finditer(text):
        first, second = match["first"], match["second"]
        if not is_common(first) and not is_function_word(first) and (is_given_name(second) or is_surname(second)):
            found.append(Candidate("NAME", match.start("first"), match.end("second"), LIKELY))
    for match in SURNAME_AFTER.finditer(text):
        if is_surname(match["name"].lower()) and not is_common(match["name"].lower()):
            found.append(Candidate("NAME", *match.span("name"), LIKELY))
    return found


def _read_name(text: str, words: list[re.Match[str]], index: int, *, is_strict: bool) -> tuple[int, int] | None:
    first = words[index]
    if not _is_first_name(first[0], is_strict=is_strict):
        return None
    end, is_capital, n_words = first.end(), _is_capital(first[0]), 1
    last = end
    for word in words[index + 1 : index + 2 * MAX_NAME_WORDS]:
        gap = text[last : word.start()]
        if n_words == MAX_NAME_WORDS or not NAME_GAP.fullmatch(gap) or ("." in gap and not INITIAL.search(text[:last])):
            break
        last = word.end()
        if word[0].lower() in load_words("particles"):
            continue
        if not _is_next_name(word[0], is_capital=is_capital, is_strict=is_strict):
            break
        end, n_words = word.end(), n_words + 1
    return first.start(), end


def _is_first_name(word: str, *, is_strict: bool) -> bool:
    low = word.lower()
    if is_function_word(low) or len(low) < 2:
        return False
    if is_given_name(low):
        return True
    if not is_strict and not _is_capital(word):
        return False
    if is_strict and (low in load_words("given_or_word") or is_surname(low)):
        return True
    if _is_capital(word):
        return low not in load_words("common") or is_name_word(low)
    return not is_common(low)


def _is_next_name(word: str, *, is_capital: bool, is_strict: bool) -> bool:
    low = word.lower()
    if is_function_word(low):
        return False
    if is_capital:
        return _is_capital(word) and (
            is_strict or is_name_word(low) or low not in load_words("common") or len(low) == 1
        )
    return (
        is_surname(low)
        or is_given_name(low)
        or (is_strict and len(low) == 1 and low not in "ai")
        or (is_strict and len(low) > 2 and not is_common(low) and low not in load_words("given_or_word"))
    )


def _is_capital(word: str) -> bool:
    return word[0].isupper() and (len(word) == 1 or not word.isupper())


def _is_supported(
    text: str, name: tuple[int, int], entities: Sequence[tuple[int, int, str]], *, cue: re.Pattern[str]
) -> bool:
    """Say whether a list, the entity model or what follows speaks for a name where other things come too."""
    labels = {label for start, end, label in entities if start < name[1] and name[0] < end}
    words = [word.lower() for word in WORD.findall(text[name[0] : name[1]])]
    if any(is_given_name(word) for word in words) or "PERSON" in labels:
        return True
    if labels & {"ORG", "PRODUCT", "GPE", "NORP", "DATE", "FAC", "LOC", "LANGUAGE"}:
        return False
    return any(is_name_word(word) for word in words) or bool(cue.match(text, name[1]))


def _find_listed(text: str, words: list[re.Match[str]]) -> list[Candidate]:
    """Find given names that are hardly ever anything else, with the surnames that follow."""
    found = []
    is_shouted = text.isupper()
    for index, word in enumerate(words):
        if word[0].isupper() and not is_shouted:
            continue  # ANA and AMY among small letters are firms and systems
        if is_given_name(word[0].lower()) and (name := _read_name(text, words, index, is_strict=False)):
            found.append(Candidate("NAME", *name, LIKELY))
    return found


def _find_seen(text: str, entities: Sequence[tuple[int, int, str]]) -> list[Candidate]:
    """Take what the entity model calls a person only when every word may be a name and a list knows one of them."""
    found = []
    for start, end, label in entities:
        words = [word[0] for word in WORD.finditer(text, start, end)]
        if label != "PERSON" or not words or not all(map(_is_capital, words)):
            continue
        lows = [word.lower() for word in words]
        if any(is_function_word(low) or (is_common(low) and not is_name_word(low)) for low in lows):
            continue
        is_known = any(is_surname(low) for low in lows) or (len(lows) > 1 and any(is_name_word(low) for low in lows))
        found.append(Candidate("NAME", start, end, LIKELY if is_known else WEAK))
    return found


def find_spelled(text: str) -> list[Candidate]:
    """Find names spelled letter by letter, also "S as in Sierra"."""
    found = []
    for match in SPELLED.finditer(text):
        letters = re.sub(r"(?i)double|triple|[^a-z]", "", match[0]).lower()
        if letters in load_words("acronyms") or set(letters) <= set("aio"):
            continue
        is_led = SPELL_LEFT.search(text[: match.start()]) is not None
        found.append(Candidate("NAME", *match.span(), LIKELY if is_led or len(letters) >= 4 else WEAK, is_guess=True))
    for pattern in (SPELLED_AS, SPELLED_NATO):
        found += [
            Candidate("NAME", match.start(), match.start() + len(match[0].rstrip(" ,.")), LIKELY, is_guess=True)
            for match in pattern.finditer(text)
        ]
    return found
