"""Scoring: how well people agree, how good each code is, and every count and cost corrected by a round's answers.

Reads the round from state, reason_calls and call_reasons. Codes that were merged since people answered count for what
they became; calls counted later in the round's days are corrected like the others.

Errors: InputError when nothing was answered; MissingTableError when measure has not run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.audit.agreement import find_alpha, find_kappa
from pipeline.audit.answers import (
    Answer,
    DrawnCall,
    Round,
    Said,
    list_answers,
    list_drawn,
)
from pipeline.audit.estimates import Audited, Counted, Estimate, estimate_reason, estimate_share
from pipeline.audit.intervals import Floats, Range
from pipeline.audit.population import Given, Population, read_population
from pipeline.audit.truths import find_disagreements, find_truths, update_said
from pipeline.config import Project
from pipeline.errors import InputError
from pipeline.tables import NO_CODES
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, read_taxonomy

Labels = tuple[str, ...]  # a call's codes, or its one kind of no-code


@dataclass(frozen=True)
class Agreement:
    """How well people agree over the calls that two or more answered; null where there is nothing to say."""

    n_twice: int
    kappa: Range | None
    alpha: Range | None


@dataclass(frozen=True)
class LabelScore:
    """One code, kind of no-code or owner; `n_audited` calls have it by the machine or by people, `n_right` by both."""

    label: str
    n_counted: int
    cost_counted: float
    n_audited: int
    n_right: int
    estimate: Estimate
    agreement: Agreement


@dataclass(frozen=True)
class Score:
    """A round's score; `right` is the share of all calls whose whole answer is the machine's."""

    drawn: Round
    n_calls: int
    n_heard: int
    n_drawn: int
    n_answered: int
    n_right: int
    n_unresolved: int
    right: Range
    agreement: Agreement
    labels: tuple[LabelScore, ...]
    owners: tuple[LabelScore, ...]


@dataclass(frozen=True)
class _Sample:
    """The audited calls: their weights and strata, and what the machine and people say of each.

    `rule` says how a call's reasons share its cost.
    """

    weights: Floats
    strata: NDArray[np.int64]
    given: tuple[Given, ...]
    truths: tuple[Labels, ...]
    rule: str

    @property
    def pairs(self) -> list[tuple[Given, Labels]]:
        """What the machine and people say of each."""
        return list(zip(self.given, self.truths, strict=True))

    @property
    def usual_precision(self) -> float:
        """The share of all labels that the machine gives and that are right."""
        n_given = np.array([len(one.costs) for one in self.given])
        n_right = np.array([len(set(one.costs) & set(true)) for one, true in self.pairs])
        return float((self.weights * n_right).sum() / (self.weights * n_given).sum())


def score_round(project: Project, drawn: Round) -> Score:
    """Score a round.

    Raises:
        InputError: None of its calls was answered, or none of those is counted any more.
        MissingTableError: Measure has not run.
    """
    score = find_score(project, drawn)
    if score is None:
        raise InputError(f"No call of round {drawn.round_id} that still counts was answered. Fill in its sheet first.")
    return score


def find_score(project: Project, drawn: Round) -> Score | None:
    """Find a round's score; None where none of its calls was answered, or none of those is counted any more.

    Raises:
        MissingTableError: Measure has not run.
    """
    taxonomy = read_taxonomy(project.taxonomy / TAXONOMY_FILE)
    calls = list_drawn(project, drawn)
    answers = list_answers(project, drawn)
    owners = {code.number: code.owner for code in taxonomy.codes if code.owner}
    population = read_population(project.store, drawn, calls, owners)
    truths = {call_id: list_labels(said) for call_id, said in find_truths(answers, taxonomy).items()}
    sample = _make_sample(calls, truths, population, rule=project.settings.measure.several_reasons)
    if not len(sample.weights):
        return None
    people = list_people(answers, taxonomy)
    is_right = np.array([set(one.costs) == set(true) for one, true in sample.pairs])
    labels = sorted({*population.labels, *(label for true in sample.truths for label in true)}, key=_rank)
    judge = _Judge(sample, population, people, {code.number: code.unit_cost for code in taxonomy.codes})
    return Score(
        drawn=drawn,
        n_calls=population.n_calls,
        n_heard=population.n_heard,
        n_drawn=len(calls),
        n_answered=len(sample.weights),
        n_right=int(is_right.sum()),
        n_unresolved=len(find_disagreements(answers, taxonomy)),
        right=estimate_share(sample.weights, sample.strata, is_right),
        agreement=rate_answers(answers, taxonomy),
        labels=tuple(judge.score_label(one) for one in labels),
        owners=tuple(
            judge.score_owner(owner, [label for label in labels if owners.get(label) == owner])
            for owner in sorted({owners[label] for label in labels if label in owners})
        ),
    )


def _rank(label: str) -> tuple[int, str]:
    return (NO_CODES.index(label) + 1, "") if label in NO_CODES else (0, label)


def list_labels(said: Said) -> Labels:
    """List what an answer says."""
    return said.codes or (said.no_code,)


def _make_sample(
    calls: Sequence[DrawnCall], truths: Mapping[str, Labels], population: Population, *, rule: str
) -> _Sample:
    """Weigh the answered calls for all that were drawn: those answered are some of them by chance."""
    counted = [one for one in calls if one.call_id in population.drawn]
    answered = [one for one in counted if one.call_id in truths]
    factor = len(counted) / max(1, len(answered))
    _, strata = np.unique(np.array([one.stratum for one in answered], dtype=str), return_inverse=True)
    return _Sample(
        np.maximum(1.0, factor / np.array([one.chance for one in answered])),
        strata,
        tuple(population.drawn[one.call_id] for one in answered),
        tuple(truths[one.call_id] for one in answered),
        rule,
    )


def list_people(answers: Sequence[Answer], taxonomy: Taxonomy) -> list[dict[str, Labels]]:
    """List what each person said of each call that two or more answered by themselves."""
    said: dict[str, dict[str, Labels]] = {}
    for one in answers:
        if not one.is_resolved:
            said.setdefault(one.call_id, {})[one.who] = list_labels(update_said(one.said, taxonomy))
    return [theirs for theirs in said.values() if len(theirs) > 1]


def rate_answers(answers: Sequence[Answer], taxonomy: Taxonomy) -> Agreement:
    """Rate how well people agree on what calls are about, by the first reason that each of them gives."""
    return _rate_people([{who: said[0] for who, said in one.items()} for one in list_people(answers, taxonomy)])


def _rate_people(ratings: Sequence[Mapping[str, str]]) -> Agreement:
    people = {who for one in ratings for who in one}
    first = min(people, default="")
    pairs = [(one[first], next(said for who, said in one.items() if who != first)) for one in ratings if first in one]
    return Agreement(len(ratings), find_kappa(pairs) if len(people) == 2 else None, find_alpha(ratings))


@dataclass(frozen=True)
class _Judge:
    """What labels are scored from; `unit_costs` are what a call of each code costs besides."""

    sample: _Sample
    population: Population
    people: Sequence[Mapping[str, Labels]]
    unit_costs: Mapping[str, float]

    def score_label(self, label: str) -> LabelScore:
        """Score a code or a kind of no-code."""
        row = self.population.labels.get(label)
        return self._score(label, [label], self.population.count(row, self.unit_costs.get(label, 0.0)))

    def score_owner(self, owner: str, labels: Sequence[str]) -> LabelScore:
        """Score an owner: a call is theirs when it has one of their codes, however many."""
        n_given = {label: self.population.labels.get(label, {}).get("n_given", 0) for label in labels}
        unit_cost = sum(self.unit_costs[one] * n for one, n in n_given.items()) / max(1, sum(n_given.values()))
        return self._score(owner, labels, self.population.count(self.population.owners.get(owner), unit_cost))

    def _score(self, name: str, labels: Sequence[str], counted: Counted) -> LabelScore:
        sample, members = self.sample, set(labels)
        given = np.array([not members.isdisjoint(one.costs) for one in sample.given])
        true = np.array([not members.isdisjoint(one) for one in sample.truths])
        cost_given = np.array([sum(one.costs.get(label, 0.0) for label in labels) for one in sample.given])
        cost_true = np.array([sum(self._charge(label, *pair) for label in labels) for pair in sample.pairs])
        audited = Audited(sample.weights, sample.strata, given, true, cost_given, cost_true)
        said = [{who: str(not members.isdisjoint(theirs)) for who, theirs in one.items()} for one in self.people]
        return LabelScore(
            label=name,
            n_counted=counted.n_given,
            cost_counted=counted.cost_given,
            n_audited=int((given | true).sum()),
            n_right=int((given & true).sum()),
            estimate=estimate_reason(counted, audited, usual_precision=sample.usual_precision),
            agreement=_rate_people(said),
        )

    def _charge(self, label: str, given: Given, true: Labels) -> float:
        """Charge a call to a true reason of it: as measured where the machine says the same, else in equal parts."""
        if label not in true:
            return 0.0
        if set(true) == set(given.costs):
            return given.costs[label]
        parts = {"full": 1.0, "first": float(true[0] == label)}
        whole = given.whole_cost * parts.get(self.sample.rule, 1 / len(true))
        return whole + self.unit_costs.get(label, 0.0)
