"""Reading: a taxonomy from YAML, or from a CSV or a workbook with the columns code and example, by suffix.

Errors: TaxonomyError names the file, the code and the rule, and says what to do.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from pipeline.errors import TaxonomyError
from pipeline.spreadsheets import SUFFIXES, read_sheet
from pipeline.taxonomy.codes import FEELINGS, STATUSES, Code, Target, Taxonomy, check_taxonomy
from pipeline.taxonomy.rows import apply_rows

TAXONOMY_FILE = "reason_codes.yaml"


def read_taxonomy(path: Path) -> Taxonomy:
    """Read a taxonomy: YAML, or a CSV or workbook with the columns code and example, by suffix.

    Raises:
        TaxonomyError: The file is missing, cannot be read, or breaks a rule of the taxonomy.
        InputError: A CSV or a workbook cannot be read as one.
    """
    if not path.exists():
        raise TaxonomyError(f"Taxonomy '{path}' is missing. Make one, or name another file.")
    if path.suffix.lower() in SUFFIXES:
        taxonomy = apply_rows(Taxonomy(), read_sheet(path), path)
    else:
        taxonomy = parse_yaml(read_text(path), path)
    check_taxonomy(taxonomy, path)
    return taxonomy


def read_text(path: Path) -> str:
    """Read the file as it is written.

    Raises:
        TaxonomyError: It is no UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, IsADirectoryError):
        raise TaxonomyError(f"Taxonomy '{path}' is not a UTF-8 text file. Save it as UTF-8.") from None


@lru_cache(maxsize=8)
def parse_yaml(content: str, path: Path) -> Taxonomy:
    """Read the codes that a YAML text says; one act reads the same text several times, so it is kept."""
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


def parse_code(fields: Mapping[str, object], path: Path) -> Code:
    """Read a code from its fields as the file writes them; days may be texts, as in a decision."""
    target = fields.get("target")
    if isinstance(target, Mapping) and isinstance(target.get("by"), str):
        fields = {**fields, "target": {**target, "by": date.fromisoformat(target["by"])}}
    return _parse_code(dict(fields), 0, path)


def _parse_code(tree: object, position: int, path: Path) -> Code:
    if not isinstance(tree, dict) or tree.get("number") in (None, ""):
        raise TaxonomyError(
            f"{path}: code {position + 1} of the list has no number. Give it a number never used before."
        )
    if isinstance(tree["number"], float):
        raise TaxonomyError(
            f"{path}: code {tree['number']}: YAML takes its number for a decimal, so that 1.1 and 1.10 are one. "
            'Put it in quotes: "1.10".'
        )
    number = str(tree["number"]).strip()
    where = f"{path}: code {number}"
    _check_one_of(tree.get("customer") or "", FEELINGS, f"{where}: customer")
    _check_one_of(tree.get("company") or "", FEELINGS, f"{where}: company")
    _check_one_of(tree.get("status") or "active", STATUSES, f"{where}: status")
    examples, call_ids = _parse_examples(tree.get("examples"), f"{where}: examples")
    not_examples, other_call_ids = _parse_examples(tree.get("not_examples"), f"{where}: not_examples")
    cost = tree.get("cost") or {}
    return Code(
        number,
        names=_parse_names(tree.get("name"), where),
        owner=str(tree.get("owner") or ""),
        customer=str(tree.get("customer") or ""),
        company=str(tree.get("company") or ""),
        examples=examples,
        not_examples=not_examples,
        example_call_ids=other_call_ids | call_ids,
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
    said = tree.get("baseline")
    baseline = None if said is None else _parse_amount(said, f"{where}: target: baseline")
    per, who = str(tree.get("per") or ""), str(tree.get("who") or "")
    return Target(str(tree.get("measure") or ""), value, per, tree.get("by"), who, baseline)


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
