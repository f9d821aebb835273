"""Taxonomy: the numbered reasons that people decided on, read from YAML or from a CSV of codes and examples.

A number never changes its meaning: merged and retired codes stay in the file. The examples of a merged code speak for
the code it was merged into. An empty taxonomy is a valid one: then every reason is left to the clusters.

Errors: TaxonomyError names the file, the code and the rule, and says what to do.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pipeline.errors import TaxonomyError
from pipeline.tables import hash_text

TAXONOMY_FILE = "reason_codes.yaml"
FEELINGS = ("", "value", "irritant")
STATUSES = ("active", "retired")


@dataclass(frozen=True)
class Target:
    """What the owner of a code has promised."""

    measure: str
    value: float
    per: str = ""
    by: date | None = None
    who: str = ""


@dataclass(frozen=True)
class Code:
    """One numbered reason. `names` is by language; `example_call_ids` says which call an example was taken from."""

    number: str
    names: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    customer: str = ""
    company: str = ""
    examples: tuple[str, ...] = ()
    not_examples: tuple[str, ...] = ()
    example_call_ids: Mapping[str, str] = field(default_factory=dict)
    unit_cost: float = 0.0
    unit_cost_what: str = ""
    target: Target | None = None
    status: str = "active"
    merged_into: str = ""

    def name(self, language: str) -> str:
        """Name the code in a language, else in another, else by its number."""
        return self.names.get(language) or next(iter(self.names.values()), self.number)


@dataclass(frozen=True)
class Taxonomy:
    """All codes, in the order of the file."""

    codes: tuple[Code, ...] = ()
    version: int = 1
    currency: str = ""

    @property
    def active(self) -> tuple[Code, ...]:
        """The codes that a reason can take."""
        return tuple(code for code in self.codes if code.status == "active" and not code.merged_into)

    def find_code(self, number: str) -> Code | None:
        """Find a code by its number."""
        return next((code for code in self.codes if code.number == number), None)

    def find_current(self, number: str) -> str:
        """Name the code that a number counts for today: itself, or what it was merged into."""
        code = self.find_code(number)
        while code is not None and code.merged_into:
            number, code = code.merged_into, self.find_code(code.merged_into)
        return number

    @property
    def fingerprint(self) -> str:
        """Name all that the file says."""
        return hash_text(repr(self))

    @property
    def examples_fingerprint(self) -> str:
        """Name what decides the codes of calls; a new name or owner leaves it as it is."""
        told = [(c.number, c.examples, c.not_examples, c.status, c.merged_into) for c in self.codes]
        return hash_text(json.dumps(sorted(told), ensure_ascii=False))


def read_taxonomy(path: Path) -> Taxonomy:
    """Read a taxonomy: YAML, or a CSV with the columns code and example, by suffix.

    Raises:
        TaxonomyError: The file is missing, cannot be read, or breaks a rule of the taxonomy.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise TaxonomyError(f"Taxonomy '{path}' is missing. Make one, or name it with --taxonomy.") from None
    except (UnicodeDecodeError, IsADirectoryError):
        raise TaxonomyError(f"Taxonomy '{path}' is not a UTF-8 text file. Save it as UTF-8.") from None
    taxonomy = _parse_csv(content, path) if path.suffix.lower() == ".csv" else _parse_yaml(content, path)
    check_taxonomy(taxonomy, path)
    return taxonomy


def check_taxonomy(taxonomy: Taxonomy, path: Path) -> None:
    """Check the rules that no taxonomy may break.

    Raises:
        TaxonomyError: A number occurs twice, or a merge leads nowhere or round in a circle.
    """
    numbers = [code.number for code in taxonomy.codes]
    by_number = dict(zip(numbers, taxonomy.codes, strict=True))
    for number in numbers:
        if numbers.count(number) > 1:
            raise TaxonomyError(
                f"{path}: code {number} occurs twice; numbers are unique. Give one of them a new number."
            )
        seen, code = {number}, by_number[number]
        while code.merged_into:
            if code.merged_into not in by_number:
                raise TaxonomyError(
                    f"{path}: code {code.number}: merged_into {code.merged_into} is not in the file. "
                    "Name an existing code or delete the line."
                )
            if code.merged_into in seen:
                raise TaxonomyError(
                    f"{path}: code {number} is merged into itself by way of {code.number}. Delete one merged_into."
                )
            seen.add(code.merged_into)
            code = by_number[code.merged_into]


def _parse_csv(content: str, path: Path) -> Taxonomy:
    rows = csv.DictReader(content.splitlines(keepends=True))
    columns = rows.fieldnames or []
    if "code" not in columns or "example" not in columns:
        raise TaxonomyError(
            f"{path}: columns are {', '.join(columns) or 'missing'}; a taxonomy CSV needs code and example. "
            "Rename them in the first line."
        )
    examples: dict[str, list[str]] = {}
    for row in rows:
        number = (row["code"] or "").strip()
        if not number:
            raise TaxonomyError(f"{path}, line {rows.line_num}: code is empty. Give the example a code.")
        examples.setdefault(number, []).append((row["example"] or "").strip())
    codes = (Code(number, examples=_distinct(texts)) for number, texts in examples.items())
    return Taxonomy(tuple(codes))


def _parse_yaml(content: str, path: Path) -> Taxonomy:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        tree = YAML(typ="safe").load(content)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise TaxonomyError(f"{path}{line}: not valid YAML. Mend that line.") from None
    tree = {} if tree is None else tree
    if not isinstance(tree, dict) or not isinstance(tree.get("codes") or [], list):
        raise TaxonomyError(f"{path}: should be a mapping with a list 'codes'. See the start of the default file.")
    codes = tuple(_parse_code(one, position, path) for position, one in enumerate(tree.get("codes") or []))
    return Taxonomy(codes, version=int(tree.get("version") or 1), currency=str(tree.get("currency") or ""))


def _parse_code(tree: object, position: int, path: Path) -> Code:
    if not isinstance(tree, dict) or tree.get("number") in (None, ""):
        raise TaxonomyError(
            f"{path}: code {position + 1} of the list has no number. Give it a number never used before."
        )
    number = str(tree["number"]).strip()
    where = f"{path}: code {number}"
    _check_one_of(tree.get("customer") or "", FEELINGS, f"{where}: customer")
    _check_one_of(tree.get("company") or "", FEELINGS, f"{where}: company")
    _check_one_of(tree.get("status") or "active", STATUSES, f"{where}: status")
    examples, call_ids = _parse_examples(tree.get("examples"), f"{where}: examples")
    cost = tree.get("cost") or {}
    return Code(
        number,
        names=_parse_names(tree.get("name"), where),
        owner=str(tree.get("owner") or ""),
        customer=str(tree.get("customer") or ""),
        company=str(tree.get("company") or ""),
        examples=examples,
        not_examples=_parse_examples(tree.get("not_examples"), f"{where}: not_examples")[0],
        example_call_ids=call_ids,
        unit_cost=_parse_amount(cost.get("unit"), f"{where}: cost: unit") if isinstance(cost, dict) else 0.0,
        unit_cost_what=str(cost.get("what") or "") if isinstance(cost, dict) else "",
        target=_parse_target(tree.get("target"), where),
        status=str(tree.get("status") or "active"),
        merged_into=str(tree.get("merged_into") or ""),
    )


def _parse_names(tree: object, where: str) -> dict[str, str]:
    if isinstance(tree, dict):
        return {str(language): str(name) for language, name in tree.items() if name}
    if isinstance(tree, list):
        raise TaxonomyError(f"{where}: name should be a mapping by language, {{en: …, zh: …}}. Write it so.")
    return {"en": str(tree)} if tree else {}


def _parse_examples(tree: object, where: str) -> tuple[tuple[str, ...], dict[str, str]]:
    if tree is not None and not isinstance(tree, list):
        raise TaxonomyError(f"{where} should be a list of sentences. Put them in [ ] or on lines that start with '-'.")
    texts, call_ids = [], {}
    for one in tree or []:
        text = str(one.get("text") or "") if isinstance(one, dict) else str(one)
        texts.append(text.strip())
        if isinstance(one, dict) and one.get("call_id"):
            call_ids[text.strip()] = str(one["call_id"])
    return _distinct(texts), call_ids


def _parse_target(tree: object, where: str) -> Target | None:
    if not tree:
        return None
    if not isinstance(tree, dict) or not isinstance(tree.get("by"), date | None):
        raise TaxonomyError(f"{where}: target should be {{measure: …, value: 8, by: 2027-03-31}}. Write it so.")
    value = _parse_amount(tree.get("value"), f"{where}: target: value")
    return Target(
        str(tree.get("measure") or ""), value, str(tree.get("per") or ""), tree.get("by"), str(tree.get("who") or "")
    )


def _parse_amount(value: object, where: str) -> float:
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise TaxonomyError(f"{where} should be a number of at least 0. Write it without a currency or a comma.")
    return float(value)


def _check_one_of(value: object, allowed: Sequence[str], where: str) -> None:
    if value not in allowed:
        named = " or ".join(one for one in allowed if one)
        raise TaxonomyError(f"{where} is '{value}'; it should be {named}. Mend that line.")


def _distinct(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
