"""Usage: what calls say about a taxonomy: codes that nobody needs, how far the first ones reach, numbers out of date.

Reads `call_reasons` and `calls`.

Errors: none of its own; without a run there is one note that says so.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from pipeline.lint.findings import Finding
from pipeline.tables import Store
from pipeline.taxonomy import Taxonomy

COVERAGE_STEPS = (10, 20, 30)
# Fewer calls than this say little: a reason of 3 calls in 100 is absent from one run of 100 in twenty by chance.
MIN_CALLS_TO_JUDGE = 100
# Codes that people remember should explain most calls; below, the taxonomy misses reasons that customers have.
MIN_COVERED_RATIO = 0.8
SAID_WHY = ("none_of_these", "undecided")


def find_in_calls(taxonomy: Taxonomy, store: Store, *, is_coded_now: bool) -> Iterator[Finding]:
    """Find what the last run says about the codes.

    Args:
        taxonomy: As it is now.
        store: What the last run made.
        is_coded_now: The calls were coded with this very taxonomy.
    """
    if not store.has("call_reasons"):
        yield Finding(
            "no_run", "", "No calls are coded yet, so use and coverage are not checked.",
            "Run `callreasons run`, then check again.", is_note=True,
        )  # fmt: skip
        return
    codes_by_call = _read_codes(store)
    if not is_coded_now:
        yield Finding(
            "old_run", "", "The calls were coded before the last change of codes, settings or model.",
            "Run `callreasons run --from assign` for use and coverage as they are now.", is_note=True,
        )  # fmt: skip
    yield from _find_retired_in_use(taxonomy, codes_by_call)
    yield from _find_retired_logged(taxonomy, store)
    yield from _find_unused(taxonomy, codes_by_call)
    yield from _find_coverage(taxonomy, codes_by_call)


def count_coverage(codes_by_call: Sequence[set[str]], steps: Sequence[int] = COVERAGE_STEPS) -> list[tuple[int, float]]:
    """Count what share of calls have one of the first n codes, most used first.

    Args:
        codes_by_call: The codes of each call in which the customer said why, none for some.
        steps: How many codes; a step beyond the number of codes ends the list.
    """
    n_calls_by_code = Counter(code for codes in codes_by_call for code in codes)
    ranked = sorted(n_calls_by_code, key=lambda code: (-n_calls_by_code[code], code))
    covered = []
    for n_codes in steps:
        first = set(ranked[:n_codes])
        n_covered = sum(not first.isdisjoint(codes) for codes in codes_by_call)
        covered.append((min(n_codes, len(ranked)), n_covered / max(1, len(codes_by_call))))
        if n_codes >= len(ranked):
            break
    return covered


def _read_codes(store: Store) -> dict[str, set[str]]:
    """Read the codes of each call in which the customer said why."""
    codes_by_call: dict[str, set[str]] = defaultdict(set)
    for row in store.read("call_reasons", ["call_id", "code", "no_code"]).to_pylist():
        if row["code"] or row["no_code"] in SAID_WHY:
            codes_by_call[row["call_id"]] |= {row["code"]} if row["code"] else set()
    return dict(codes_by_call)


def _find_retired_in_use(taxonomy: Taxonomy, codes_by_call: dict[str, set[str]]) -> Iterator[Finding]:
    active = {code.number for code in taxonomy.active}
    counts = Counter(code for codes in codes_by_call.values() for code in codes if code not in active)
    for number, n_calls in sorted(counts.items()):
        state = "is retired or merged" if taxonomy.find_code(number) else "is not in the file"
        yield Finding(
            "retired_in_use",
            number,
            f"{_count(n_calls)} counted under it, but it {state}.",
            "Run `callreasons run --from assign` without --only-new, which codes them again.",
        )


def _find_retired_logged(taxonomy: Taxonomy, store: Store) -> Iterator[Finding]:
    retired = {code.number for code in taxonomy.codes if not code.is_active}
    logged = store.read("calls", ["logged_code"])["logged_code"].to_pylist() if store.has("calls") else []
    for number, n_calls in sorted(Counter(one for one in logged if one in retired).items()):
        yield Finding(
            "retired_logged",
            number,
            f"agents logged it for {_count(n_calls)}, but it is no longer a code.",
            "Take it off their screens and hand out a new `callreasons taxonomy card`.",
        )


def _find_unused(taxonomy: Taxonomy, codes_by_call: dict[str, set[str]]) -> Iterator[Finding]:
    used = {taxonomy.find_current(code) for codes in codes_by_call.values() for code in codes}
    n_calls = len(codes_by_call)
    for code in taxonomy.active:
        if code.number not in used and code.examples:
            yield Finding(
                "unused",
                code.number,
                f"no call took it, of {n_calls} in which the customer said why.",
                "Retire it, or add examples in customers' own words if they do call about it."
                if n_calls >= MIN_CALLS_TO_JUDGE
                else f"Wait for {MIN_CALLS_TO_JUDGE} calls before you judge it.",
                is_note=n_calls < MIN_CALLS_TO_JUDGE,
            )


def _find_coverage(taxonomy: Taxonomy, codes_by_call: dict[str, set[str]]) -> Iterator[Finding]:
    calls = [{taxonomy.find_current(code) for code in codes} for codes in codes_by_call.values()]
    covered = count_coverage(calls)
    if not calls or not covered:
        return
    shares = ", ".join(f"the first {n_codes} codes cover {ratio:.0%}" for n_codes, ratio in covered)
    n_left = sum(not codes for codes in calls)
    is_low = covered[-1][1] < MIN_COVERED_RATIO and len(calls) >= MIN_CALLS_TO_JUDGE
    yield Finding(
        "coverage",
        "",
        f"Of {_count(len(calls))} in which the customer said why, {shares}; {n_left} took no code.",
        "Look at the report's candidates: they name reasons that no code takes yet."
        if n_left > (1 - MIN_COVERED_RATIO) * len(calls)
        else "Codes behind the first 20 that add little are the ones to merge.",
        is_note=not is_low,
    )


def _count(n_calls: int) -> str:
    return "1 call" if n_calls == 1 else f"{n_calls} calls"
