"""Audited worlds: how often the audit's 95 % intervals hold the truth, in made-up worlds in which the truth is known.

    python -m benchmarks.audited_worlds [--worlds N] [--seed S]

Each world has calls with true reasons, a machine that is right as often as chance has it, doubts that tell something of
where it errs, and a sample drawn and judged by the product's own functions. Beside it stand the same calls without the
machine, and as many calls drawn alike. Ends with 1 when an aim is missed.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.audit.chances import draw_calls, find_chances
from pipeline.audit.estimates import Amounts, Audited, Counted, estimate_reason, estimate_share
from pipeline.audit.intervals import Range

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
AIM = (0.93, 0.97)
N_KINDS = 4  # kinds of no-code; they stand behind the codes
BINS = (0.0, 0.002, 0.005, 0.01, 0.03, 0.1, 1.0)  # true share of a reason's calls


@dataclass(frozen=True)
class World:
    """Calls and reasons: what is true, what the machine says, shape (n_calls, n_reasons), and what a call costs.

    `doubtful` and `costs` have shape (n_calls,), `unit_costs` (n_reasons,); `n_sample` calls are audited.
    """

    true: Flags
    given: Flags
    doubtful: Flags
    costs: Floats
    unit_costs: Floats
    n_sample: int


@dataclass(frozen=True)
class Trial:
    """One reason of one world: its true calls and cost, and what each way says."""

    n_world: int
    n_true: int
    cost_true: float
    audited: Range
    cost: Range
    alone: Range
    alike: Range


def make_world(generator: np.random.Generator) -> World:
    """Make a world of 2,000 to 20,000 calls, 6 to 30 codes of uneven size and a machine of uneven skill."""
    n_calls, n_codes = int(generator.choice([2000, 5000, 20000])), int(generator.choice([6, 12, 30]))
    sizes = np.arange(1, n_codes + 1) ** -generator.uniform(0.5, 1.5)
    coded = generator.uniform(0.5, 0.8)
    shares = np.r_[sizes / sizes.sum() * coded, generator.dirichlet([2, 1, 2, 1]) * (1 - coded)]
    true = _say_reasons(generator, shares, n_calls, n_codes)
    given, doubtful = _hear_reasons(generator, true, shares)
    unit_costs = np.r_[generator.choice([0.0, 5.0, 20.0], n_codes), np.zeros(N_KINDS)]
    costs = generator.lognormal(1.0, 0.6, n_calls)
    return World(true, given, doubtful, costs, unit_costs, int(generator.choice([100, 200, 400, 800])))


def _say_reasons(generator: np.random.Generator, shares: Floats, n_calls: int, n_codes: int) -> Flags:
    """Give each call a reason, and one in ten of those with a code a second one."""
    true = np.zeros((n_calls, len(shares)), bool)
    first = generator.choice(len(shares), n_calls, p=shares)
    true[np.arange(n_calls), first] = True
    has_two = (generator.random(n_calls) < 0.1) & (first < n_codes)
    second = generator.choice(n_codes, n_calls, p=shares[:n_codes] / shares[:n_codes].sum())
    true[has_two, second[has_two]] = True
    return true


def _hear_reasons(generator: np.random.Generator, true: Flags, shares: Floats) -> tuple[Flags, Flags]:
    """Let the machine find each reason with a skill of its own, and take what it misses for one it confuses it with."""
    n_calls, n_reasons = true.shape
    n_codes = n_reasons - N_KINDS
    skills = np.r_[generator.beta(8, 3, n_codes), generator.beta(6, 2, N_KINDS)]
    confused = generator.dirichlet(np.full(n_reasons, 0.3) + shares * 3, n_reasons)
    given, doubtful = np.zeros_like(true), generator.random(n_calls) < 0.15
    for reason in range(n_reasons):
        calls = np.flatnonzero(true[:, reason])
        is_found = generator.random(len(calls)) < skills[reason]
        given[calls[is_found], reason] = True
        missed = calls[~is_found]
        given[missed, generator.choice(n_reasons, len(missed), p=confused[reason])] = True
        doubtful[missed] |= generator.random(len(missed)) < 0.6
    kinds = given[:, n_codes:]
    is_first = (np.cumsum(kinds, axis=1) == 1) & kinds  # a call has one kind of no-code, and none beside a code
    given[:, n_codes:] = is_first & ~given[:, :n_codes].any(axis=1, keepdims=True)
    return given, doubtful


def try_world(world: World, generator: np.random.Generator) -> Iterator[Trial]:
    """Draw a sample of a world and judge each reason that the machine gave or people found."""
    n_calls, n_reasons = world.true.shape
    strata = np.where(world.given, world.given.sum(axis=0), n_calls + 1).argmin(axis=1)
    chances = find_chances(strata, world.doubtful, world.n_sample)
    line = np.lexsort((generator.random(n_calls), world.doubtful, strata))
    drawn = line[draw_calls(chances[line], generator.random())]
    alike = generator.choice(n_calls, world.n_sample, replace=False)
    weights = 1 / chances[drawn]
    parts = strata[drawn] * 2 + world.doubtful[drawn]
    even = np.full(world.n_sample, n_calls / world.n_sample)
    one_part = np.zeros(n_calls, int)
    for reason in range(n_reasons):
        true, given = world.true[:, reason], world.given[:, reason]
        if not given.any() and not true[drawn].any():
            continue
        cost_given, cost_true = (_charge(world, flags, reason) for flags in (world.given, world.true))
        audited = Audited(weights, parts, given[drawn], true[drawn], cost_given[drawn], cost_true[drawn])
        others = world.costs[~given] + world.unit_costs[reason]
        counted = Counted(
            n_calls, int(given.sum()), float(cost_given.sum()), _sum_up(cost_given[given]), _sum_up(others)
        )
        estimate = estimate_reason(counted, audited, usual_precision=0.8)
        yield Trial(
            n_calls,
            int(true.sum()),
            float(cost_true.sum()),
            estimate.n_calls,
            estimate.cost,
            estimate_share(weights, one_part[drawn], true[drawn]).times(n_calls),
            estimate_share(even, one_part[alike], true[alike]).times(n_calls),
        )


def _charge(world: World, flags: Flags, reason: int) -> Floats:
    """Charge each call with a reason its part of the call's cost, and the reason's unit cost."""
    parts = world.costs / np.maximum(flags.sum(axis=1), 1)
    charged: Floats = np.where(flags[:, reason], parts + world.unit_costs[reason], 0.0)
    return charged


def _sum_up(costs: Floats) -> Amounts:
    return Amounts(float(costs.mean()), float(costs.std())) if len(costs) else Amounts(0.0, 0.0)


def try_worlds(n_worlds: int, seed: int) -> list[Trial]:
    """Try as many worlds; each has a seed of its own."""
    trials: list[Trial] = []
    for number in range(n_worlds):
        generator = np.random.default_rng([seed, number])
        trials += try_world(make_world(generator), generator)
    return trials


def find_coverage(trials: Sequence[Trial], name: str = "audited", truth: str = "n_true") -> float:
    """Find the share of intervals that hold the truth."""
    held = [getattr(one, name).low - 1e-6 <= getattr(one, truth) <= getattr(one, name).high + 1e-6 for one in trials]
    return float(np.mean(held))


def find_width(trials: Sequence[Trial], name: str) -> float:
    """Find how wide intervals are on average, as a share of all calls."""
    return float(np.mean([(getattr(one, name).high - getattr(one, name).low) / one.n_world for one in trials]))


def describe(trials: Sequence[Trial]) -> list[str]:
    """Describe coverage and width by how common reasons are."""
    lines = [
        "| true share | reasons | held: calls | held: cost | width | same calls alone | as many drawn alike |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    groups = [
        (f"{low:.1%} to {high:.1%}", [one for one in trials if low <= one.n_true / one.n_world < high])
        for low, high in pairwise(BINS)
    ]
    for name, group in [*groups, ("all", list(trials))]:
        if group:
            covered = f"{find_coverage(group):.1%} | {find_coverage(group, 'cost', 'cost_true'):.1%}"
            widths = " | ".join(f"{find_width(group, way):.2%}" for way in ("audited", "alone", "alike"))
            lines.append(f"| {name} | {len(group)} | {covered} | {widths} |")
    return lines


def main() -> int:
    """Try the worlds, print a Markdown table and say whether the aims are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    trials = try_worlds(arguments.worlds, arguments.seed)
    print("\n".join(describe(trials)))  # noqa: T201
    is_narrower = find_width(trials, "audited") < min(find_width(trials, "alone"), find_width(trials, "alike"))
    return 0 if AIM[0] <= find_coverage(trials) <= AIM[1] and is_narrower else 1


if __name__ == "__main__":
    raise SystemExit(main())
