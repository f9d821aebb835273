"""Contents: what can be seen in the files of a taxonomy alone: codes, near pairs, decisions.

Errors: TaxonomyError when `near_pairs.yaml` cannot be read.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.decisions import DECISIONS_FILE, Decision, read_decisions
from pipeline.errors import TaxonomyError
from pipeline.lint.findings import Finding, quote, to_plain
from pipeline.near_pairs import NEAR_PAIRS_FILE, NearPair, read_near_pairs
from pipeline.taxonomy import Code, Taxonomy

# Agents choose a code in seconds and from memory: about 20 on a level is what people keep apart.
MAX_CODES_A_LEVEL = 20
# One sentence is a wording, two may be a chance; with three a code begins to take other words too.
MIN_EXAMPLES = 3


def find_in_codes(taxonomy: Taxonomy, languages: Sequence[str]) -> Iterator[Finding]:
    """Find what is missing, too much, doubled or contradicted among the codes."""
    yield from _find_too_many(taxonomy)
    for code in taxonomy.active:
        yield from _find_missing(code, languages)
    yield from _find_same_names(taxonomy, languages)
    yield from _find_shared_examples(taxonomy)
    yield from _find_contradictions(taxonomy)
    yield from _find_chains(taxonomy)


def find_in_near_pairs(taxonomy: Taxonomy, pairs: Sequence[NearPair]) -> Iterator[Finding]:
    """Find pairs that name a code which no reason can take, or one code on both sides."""
    for pair in pairs:
        for side in (pair.a, pair.b):
            code = taxonomy.find_code(side.code) if side.code else None
            if side.code and (code is None or not code.is_active):
                became = _describe_state(taxonomy, side.code)
                yield Finding(
                    "near_pair",
                    side.code,
                    f"the near pair '{pair.name}' names it, but it {became}.",
                    f"Name the code that takes this reason now in {NEAR_PAIRS_FILE}, or delete that code line.",
                )
        both = {taxonomy.find_current(side.code) for side in (pair.a, pair.b) if side.code}
        if pair.a.code and pair.b.code and len(both) == 1:
            yield Finding(
                "near_pair",
                both.pop(),
                f"both sides of the near pair '{pair.name}' lead to this code.",
                "Undo the merge, or delete the pair if the two are one reason after all.",
            )


def find_in_decisions(taxonomy: Taxonomy, decisions: Sequence[Decision]) -> Iterator[Finding]:
    """Find numbers that decisions know and the file does not, and retired ones that came back unrecorded."""
    retired: dict[str, bool] = {}
    for decision in decisions:
        for number, fields in decision.after.items():
            if decision.what == "undo" and set(fields.values()) == {None}:  # it was never to be there
                retired.pop(number, None)
                continue
            retired.setdefault(number, False)
            if "status" in fields or "merged_into" in fields:
                retired[number] = fields.get("status") == "retired" or bool(fields.get("merged_into"))
    for number, is_retired in retired.items():
        code = taxonomy.find_code(number)
        if code is None:
            yield Finding(
                "deleted_number",
                number,
                f"{DECISIONS_FILE} knows it, but it is no longer in the file, so its number could be given away.",
                "Put the code back with status: retired.",
            )
        elif is_retired and code.is_active:
            yield Finding(
                "retired_number",
                number,
                "it was retired or merged, and is active again although no decision says so.",
                "Retire it again and give the reason a new number.",
            )


def find_in_files(taxonomy: Taxonomy, folder: Path) -> Iterator[Finding]:
    """Find what is wrong with the files beside the codes."""
    yield from find_in_near_pairs(taxonomy, read_near_pairs(folder / NEAR_PAIRS_FILE))
    try:
        decisions = read_decisions(folder / DECISIONS_FILE)
    except TaxonomyError as error:
        what, _, to_do = str(error).partition(". ")
        yield Finding("decisions", "", f"{what}.", to_do)
    else:
        yield from find_in_decisions(taxonomy, decisions)


def _find_too_many(taxonomy: Taxonomy) -> Iterator[Finding]:
    """A number such as 4.2 stands on the level below 4; all numbers without a point are one level."""
    levels: dict[str, int] = defaultdict(int)
    for code in taxonomy.active:
        levels[code.number.rpartition(".")[0]] += 1
    for above, n_codes in levels.items():
        if n_codes > MAX_CODES_A_LEVEL:
            where = f"below {above}" if above else "on the first level"
            yield Finding(
                "too_many",
                above,
                f"{n_codes} codes {where}; people keep about {MAX_CODES_A_LEVEL} apart.",
                "Merge codes that the same people mend in the same way, and retire those that nobody uses.",
            )


def _find_missing(code: Code, languages: Sequence[str]) -> Iterator[Finding]:
    if not code.examples:
        yield Finding(
            "no_examples", code.number, "it has no example, so no call can take it.", f"Add {MIN_EXAMPLES} or more."
        )
    elif len(code.examples) < MIN_EXAMPLES:
        n_examples = "1 example" if len(code.examples) == 1 else f"{len(code.examples)} examples"
        yield Finding(
            "few_examples",
            code.number,
            f"it has {n_examples}; fewer than {MIN_EXAMPLES} say little about other words for it.",
            "Add what customers said, in every language they speak.",
        )
    for language in languages:
        if not code.names.get(language):
            yield Finding(
                "no_name",
                code.number,
                f"it has no name in '{language}', so reports in that language show another.",
                f"Add one under name: {{{language}: …}}.",
            )
    if not code.owner:
        yield Finding("no_owner", code.number, "it has no owner.", "Name who in the company must fix it.")


def _find_same_names(taxonomy: Taxonomy, languages: Sequence[str]) -> Iterator[Finding]:
    for language in languages:
        first: dict[str, str] = {}
        for code in taxonomy.active:
            name = to_plain(code.names.get(language, ""))
            if name and first.setdefault(name, code.number) != code.number:
                yield Finding(
                    "same_name",
                    code.number,
                    f"its name in '{language}' is also that of {first[name]}.",
                    "Say in the name what sets them apart, or merge them.",
                )


def _find_shared_examples(taxonomy: Taxonomy) -> Iterator[Finding]:
    holders: dict[str, dict[str, str]] = {}
    for number, text in taxonomy.list_examples():
        holders.setdefault(to_plain(text), {}).setdefault(number, text)
    for texts in holders.values():
        if len(texts) > 1:
            first, *others = texts
            yield Finding(
                "shared_example",
                first,
                f"its example {quote(texts[first])} also stands under {', '.join(others)}.",
                "Keep it under one of them.",
            )


def _find_contradictions(taxonomy: Taxonomy) -> Iterator[Finding]:
    holders: dict[str, list[str]] = {}
    for number, text in taxonomy.list_examples():
        holders.setdefault(to_plain(text), []).append(number)
    for code in taxonomy.active:
        for text in code.not_examples:
            found = holders.get(to_plain(text), [])
            if code.number in found:
                yield Finding(
                    "contradiction",
                    code.number,
                    f"{quote(text)} is both its example and its not_example.",
                    "Delete one of the two.",
                )
            elif found:
                yield Finding(
                    "not_example_elsewhere",
                    code.number,
                    f"its not_example {quote(text)} is an example of {found[0]}.",
                    "Right if it marks the border between the two; a not_example in other words would teach more.",
                    is_note=True,
                )


def _find_chains(taxonomy: Taxonomy) -> Iterator[Finding]:
    for code in taxonomy.codes:
        into = taxonomy.find_code(code.merged_into) if code.merged_into else None
        if into is None:
            continue
        last = taxonomy.find_code(taxonomy.find_current(code.number))
        if into.merged_into:
            yield Finding(
                "merge_chain",
                code.number,
                f"it was merged into {into.number}, which was itself merged.",
                f"Write merged_into: {taxonomy.find_current(code.number)}.",
            )
        if last is not None and not last.is_active:
            yield Finding(
                "merged_into_retired",
                code.number,
                f"it leads to {last.number}, which is retired, so its examples speak for no code.",
                "Merge it into an active code, or retire it without merged_into.",
            )


def _describe_state(taxonomy: Taxonomy, number: str) -> str:
    code = taxonomy.find_code(number)
    if code is None:
        return "is not in the file"
    return f"was merged into {taxonomy.find_current(number)}" if code.merged_into else "is retired"
