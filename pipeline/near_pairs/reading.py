"""Reading: the near pairs of `taxonomy/near_pairs.yaml`, each side with sentences that teach and sentences that ask.

Errors: TaxonomyError names the file, the pair and what to do.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import TaxonomyError
from pipeline.taxonomy import Code, Taxonomy

NEAR_PAIRS_FILE = "near_pairs.yaml"


@dataclass(frozen=True)
class Side:
    """One of the two reasons, named in English; `code` is its number in the taxonomy, if it has one."""

    reason: str
    examples: tuple[str, ...]
    tests: tuple[str, ...]
    code: str = ""
    reason_zh: str = ""

    def name(self, language: str) -> str:
        """Name the reason in a language, else in English."""
        return (self.reason_zh if language == "zh" else "") or self.reason


@dataclass(frozen=True)
class NearPair:
    """Two reasons that must be kept apart; one that was put away is looked at to measure, and never tuned on."""

    name: str
    a: Side
    b: Side
    is_put_away: bool = False

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both reasons."""
        return self.a, self.b


def make_pair_taxonomy(pairs: Iterable[NearPair], *, with_tests: bool = True) -> Taxonomy:
    """Make each reason of the pairs a code of its name, taught by what the file says of it.

    Args:
        pairs: Whose sides become codes.
        with_tests: Teach the test sentences too.
    """
    codes: dict[str, Code] = {}
    for side in (side for pair in pairs for side in pair.sides):
        code = codes.get(side.reason, Code(side.reason))
        names = {"en": side.reason, "zh": side.reason_zh or code.names.get("zh", "")}
        added = (*side.examples, *(side.tests if with_tests else ()))
        codes[side.reason] = replace(code, names=names, examples=(*code.examples, *added))
    return Taxonomy(tuple(codes.values()))


def read_near_pairs(path: Path) -> tuple[NearPair, ...]:
    """Read the pairs; a project without the file has none.

    Raises:
        TaxonomyError: The file does not have the layout of the default one.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if not path.exists():
        return ()
    try:
        tree = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, YAMLError):
        raise TaxonomyError(f"{path} is not valid YAML in UTF-8. Mend it or restore the default.") from None
    pairs = (tree or {}).get("pairs") if isinstance(tree or {}, dict) else None
    if not isinstance(pairs or [], list):
        raise TaxonomyError(f"{path}: should be a mapping with a list 'pairs'. See the default file.")
    return tuple(_parse_pair(one, position, path) for position, one in enumerate(pairs or []))


def _parse_pair(tree: object, position: int, path: Path) -> NearPair:
    if not isinstance(tree, dict) or not isinstance(tree.get("a"), dict) or not isinstance(tree.get("b"), dict):
        raise TaxonomyError(f"{path}: pair {position + 1} should have the sides a and b. Write both.")
    name = str(tree.get("name") or f"pair {position + 1}")
    a, b = (_parse_side(tree[letter], f"{path}: {name}: {letter}") for letter in "ab")
    return NearPair(name, a, b, is_put_away=bool(tree.get("put_away")))


def _parse_side(tree: dict[str, object], where: str) -> Side:
    sentences = {}
    for key in ("examples", "tests"):
        found = tree.get(key) or []
        if not isinstance(found, list):
            raise TaxonomyError(f"{where}: {key} should be a list of sentences. Put them in [ ].")
        sentences[key] = tuple(str(one).strip() for one in found)
    names = tree.get("reason") or ""
    by_language = names if isinstance(names, dict) else {"en": names}
    reason = next((str(by_language[one]) for one in ("en", "zh") if by_language.get(one)), "")
    code, reason_zh = str(tree.get("code") or ""), str(by_language.get("zh") or "")
    return Side(reason, sentences["examples"], sentences["tests"], code, reason_zh)
