"""Languages: tell Chinese from English text, count words in both, write Traditional characters as Simplified ones."""

import re
from collections.abc import Callable
from functools import lru_cache

CHINESE_CHARACTER = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
# A Chinese character, or other letters and figures up to the next one: APP打不开 is four words.
_OTHER = r"(?:(?![\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])[^\W_])+"
WORD = re.compile(rf"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|{_OTHER}(?:['’]{_OTHER})*")


def has_chinese(text: str) -> bool:
    """Say whether the text has a Chinese character."""
    return CHINESE_CHARACTER.search(text) is not None


def find_language(text: str) -> str:
    """Name the language most of the text is in: zh when Chinese characters are at least half of its words, else en."""
    if text.isascii():
        return "en"
    n_chinese = len(CHINESE_CHARACTER.findall(text))
    return "zh" if n_chinese and 2 * n_chinese >= count_words(text) else "en"


def count_words(text: str) -> int:
    """Count words; each Chinese character is one."""
    return len(WORD.findall(text))


@lru_cache(maxsize=1)
def _make_converter() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def simplify(text: str) -> str:
    """Write Traditional characters as Simplified ones."""
    return _make_converter()(text) if has_chinese(text) else text
