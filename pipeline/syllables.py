"""Syllables: how Chinese characters sound, without tones; those that are easily misheard are one.

Errors: none of its own.
"""

import re

CHINESE_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
# Initials and endings that speakers and transcribers mix up.
MIXED_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))


def read_syllables(run: str) -> list[str]:
    """Read a run of Chinese characters."""
    from pypinyin import lazy_pinyin

    return [_merge_misheard(syllable) for syllable in lazy_pinyin(run)]


def _merge_misheard(syllable: str) -> str:
    for initial, other in MIXED_INITIALS:
        if syllable.startswith(initial):
            syllable = other + syllable[len(initial) :]
            break
    return syllable.removesuffix("g") if syllable.endswith("ng") else syllable
