"""Scoring: ten calls worked by hand, what a call is charged, and when the table of corrected counts is made."""

import pytest
from auditing import answer, keep_calls, make_measured, measure_again
from invented_calls import CRASH, LATE, LOGIN, NEVER, SILENT, TWICE, Invented, write_calls

from pipeline.audit.answers import Said, mark_scored, resolve_answer
from pipeline.audit.scoring import score_round
from pipeline.audit.table import TABLE, list_rows, read_agreement
from pipeline.errors import InputError
from pipeline.tables import TABLES
from pipeline.taxonomy import TAXONOMY_FILE, read_taxonomy

from conftest import NOW  # isort: skip

NEVERS = tuple(Invented(f"n{at}", at, (NEVER,)) for at in range(6))
LATES = tuple(Invented(f"m{at}", 10 + at, (LATE,)) for at in range(4))
TEN = (*NEVERS, *LATES)  # of a minute each, at 60 an hour; a call with 101 costs 12.50 besides
MINUTE_COSTS_ONE = {"measure": {"wage_per_hour": 60}}
SAID = {"n0": "101", "n1": "101", "n2": "102", "m0": "102", "m1": "101"}


@pytest.fixture
def project(tmp_path):
    """Six calls with 101 and four with 102, measured."""
    return make_measured(tmp_path, TEN, **MINUTE_COSTS_ONE)


@pytest.fixture
def drawn(project):
    """A round of three calls with 101 and two with 102, each drawn with chance 0.5."""
    return keep_calls(project, dict.fromkeys(SAID, 0.5), n_calls=10)


def read_rows(project):
    """Read the table by reason."""
    return {row["reason_id"]: row for row in project.store.read(TABLE).to_pylist()}


def test_ten_calls_worked_by_hand(project, drawn):
    """Of three audited calls with 101 two are right, so 4 of 6 are; of two others one was missed, so 2 of 4 were.

    101 has 4 + 2 = 6 calls, as counted, but others; 4 of these 6 were found. The two wrong ones cost 13.50 each, the
    missed ones will: 81 - 27 + 27. 102 has 2 right of 4, and 2 of the 6 calls with 101: 4. Three of five answers are
    the machine's.
    """
    answer(project, drawn, SAID, "anna")
    score = score_round(project, drawn)
    never, late = score.labels
    assert (never.label, never.n_counted, never.n_audited, never.n_right) == ("101", 6, 4, 2)
    assert never.estimate.n_calls.value == pytest.approx(4 + 2)
    assert never.estimate.precision.value == pytest.approx(2 / 3)
    assert never.estimate.recall.value == pytest.approx(4 / 6)
    assert (never.cost_counted, never.estimate.cost.value) == (pytest.approx(81), pytest.approx(81))
    assert (late.estimate.n_calls.value, late.estimate.cost.value) == (pytest.approx(4), pytest.approx(4))
    assert (score.right.value, score.n_right, score.n_calls) == (pytest.approx(0.6), 3, 10)
    assert never.estimate.n_calls.low >= 3  # n0, n1 and m1 are known to have it
    assert never.estimate.n_calls.high <= 8  # n2 and m0 are known not to


def test_the_table_holds_every_figure(project, drawn):
    """Each label, each owner and the total has a row, with the days that are corrected, in declared columns."""
    answer(project, drawn, SAID, "anna")
    taxonomy = read_taxonomy(project.taxonomy / TAXONOMY_FILE)
    rows = list_rows(score_round(project, drawn), taxonomy, "EUR")
    assert [row["reason_id"] for row in rows] == ["101", "102", "logistics", "all"]
    assert {name for row in rows for name in row} <= set(TABLES[TABLE].schema.names)
    assert (rows[0]["name_en"], rows[0]["name_zh"]) == ("My delivery never arrived", "货一直没收到")
    assert rows[0]["share_ratio"] == pytest.approx(6 / 10)
    assert (str(rows[3]["first_day"]), str(rows[3]["last_day"]), rows[3]["currency"]) == (
        "2026-11-02",
        "2026-11-15",
        "EUR",
    )
    assert (rows[3]["n_counted"], rows[3]["n_audited"], rows[3]["precision_ratio"]) == (10, 5, pytest.approx(0.6))


def test_an_owner_is_corrected_as_a_whole(tmp_path):
    """Codes confused within a department leave its calls as they are; one that was another's leaves it.

    Of three audited calls of logistics two are theirs, so 6 of 10 less a third: 101 costs 12.50 besides its minute.
    """
    calls = (*TEN, *(Invented(f"t{at}", 20 + at, (TWICE,)) for at in range(2)))
    project = make_measured(tmp_path, calls, **MINUTE_COSTS_ONE)
    drawn = keep_calls(project, dict.fromkeys(("n0", "m0", "m1", "t0"), 0.5), n_calls=12)
    answer(project, drawn, {"n0": "102", "m0": "101", "m1": "103", "t0": "103"}, "anna")
    owners = {one.label: one for one in score_round(project, drawn).owners}
    assert set(owners) == {"billing", "logistics"}
    logistics = owners["logistics"]
    assert (logistics.n_counted, logistics.n_audited, logistics.n_right) == (10, 3, 2)
    assert logistics.estimate.n_calls.value == pytest.approx(10 * 2 / 3)
    assert owners["billing"].estimate.n_calls.value == pytest.approx(2 + 10 / 3)
    assert logistics.cost_counted == pytest.approx(6 * 13.5 + 4)


def test_a_call_with_two_codes_of_an_owner_is_one_of_theirs(tmp_path):
    """It is counted once and costs both."""
    project = make_measured(tmp_path, (Invented("a", 0, (NEVER, LATE)),), **MINUTE_COSTS_ONE)
    drawn = keep_calls(project, {"a": 1.0}, n_calls=1)
    answer(project, drawn, {"a": ["101", "102"]}, "anna")
    (logistics,) = score_round(project, drawn).owners
    assert (logistics.n_counted, logistics.estimate.n_calls.value) == (1, 1.0)
    assert logistics.estimate.cost.value == pytest.approx(logistics.cost_counted) == pytest.approx(13.5)


def test_calls_not_answered_stand_for_nothing(project, drawn):
    """Half the sample answered by chance gives the same rates with wider intervals."""
    answer(project, drawn, {"n0": "101", "m0": "102"}, "anna")
    part = score_round(project, drawn).labels[0].estimate.n_calls
    answer(project, drawn, {"n1": "101", "n2": "101", "m1": "102"}, "anna")
    whole = score_round(project, drawn).labels[0].estimate.n_calls
    assert part.value == whole.value == pytest.approx(6)
    assert part.low < whole.low < 6 < whole.high < part.high


@pytest.mark.parametrize(
    ("rule", "cost"), [("time", 0.5 + 12.5), ("equal", 0.5 + 12.5), ("first", 0.0 + 12.5), ("full", 1.0 + 12.5)]
)
def test_a_call_is_charged_to_what_people_say(tmp_path, rule, cost):
    """Its minute is shared by the reasons people name as the project shares it, times in equal parts; 12.50 whole."""
    project = make_measured(tmp_path, TEN[:1], measure={"wage_per_hour": 60, "several_reasons": rule})
    drawn = keep_calls(project, {"n0": 1.0}, n_calls=1)
    answer(project, drawn, {"n0": ["102", "101"]}, "anna")
    found = {one.label: one.estimate.cost.value for one in score_round(project, drawn).labels}
    assert found["101"] == pytest.approx(cost)


def test_the_same_answer_costs_what_was_measured(tmp_path):
    """Time spent on each of two reasons is known to the machine alone; where people say the same, it stays."""
    calls = (Invented("a", 0, (TWICE, LOGIN), duration_s=60.0),)  # 103 at 8 s, 104 at 14 s, to the end
    project = make_measured(tmp_path, calls, **MINUTE_COSTS_ONE)
    drawn = keep_calls(project, {"a": 1.0}, n_calls=1)
    answer(project, drawn, {"a": ["104", "103"]}, "anna")
    for one in score_round(project, drawn).labels:
        assert one.estimate.cost.value == pytest.approx(one.cost_counted)
        assert one.cost_counted != pytest.approx(0.5)


def test_kinds_of_no_code_are_corrected_too(tmp_path):
    """A call in a candidate was given none of these; one that the machine found silent had a reason after all."""
    calls = (Invented("a", 0, (SILENT,)), Invented("b", 1, (CRASH,)), Invented("c", 2, (NEVER,)))
    project = make_measured(tmp_path, calls, **MINUTE_COSTS_ONE)
    drawn = keep_calls(project, dict.fromkeys("abc", 1.0), n_calls=3)
    answer(project, drawn, {"a": "101", "b": "none_of_these", "c": "101"}, "anna")
    found = {one.label: (one.n_counted, one.estimate.n_calls.value) for one in score_round(project, drawn).labels}
    assert found == {"101": (1, 2.0), "none_of_these": (1, 1.0), "not_said": (1, 0.0)}


def test_people_who_agree_and_disagree(project, drawn):
    """Two people answer four calls and differ on one; a resolution corrects the truth, not what they said blind."""
    answer(project, drawn, SAID, "anna")
    answer(project, drawn, {"n0": "101", "n1": "102", "m0": "102", "m1": "101"}, "ben", after_min=1)
    before = score_round(project, drawn)
    assert (before.agreement.n_twice, before.n_unresolved) == (4, 1)
    # Anna says 101 three times of four, Ben twice: chance 6/16 + 2/16, so kappa is (0.75 - 0.5) / 0.5.
    assert before.agreement.kappa.value == pytest.approx(0.5)
    resolve_answer(project, drawn, "n1", Said(("102",)), who="dora", now=NOW)
    after = score_round(project, drawn)
    assert (after.agreement, after.n_unresolved) == (before.agreement, 0)
    assert after.labels[0].estimate.precision.value == pytest.approx(1 / 3)


def test_a_merged_code_counts_for_what_it_became(project, drawn):
    """People said 102 before it was merged into 103."""
    answer(project, drawn, SAID, "anna")
    path = project.taxonomy / TAXONOMY_FILE
    text = path.read_text(encoding="utf-8").replace(
        "zh: 货送晚了}\n", "zh: 货送晚了}\n    status: retired\n    merged_into: 103\n"
    )
    path.write_text(text, encoding="utf-8")
    labels = {one.label: one for one in score_round(project, drawn).labels}
    assert labels["103"].estimate.n_calls.value == pytest.approx(4)
    assert labels["102"].estimate.n_calls.value == pytest.approx(0)


def test_calls_that_came_later_in_these_days_are_corrected_too(project, drawn):
    """Six more calls with 101: two thirds of twelve are right, and half of the four others were missed."""
    answer(project, drawn, SAID, "anna")
    write_calls(project, (*TEN, *(Invented(f"k{at}", 20 + at, (NEVER,)) for at in range(6))))
    measure_again(project)
    assert score_round(project, drawn).labels[0].estimate.n_calls.value == pytest.approx(12 * 2 / 3 + 4 / 2)


def test_calls_of_other_days_are_not(project, drawn):
    """The sample says nothing of them."""
    answer(project, drawn, SAID, "anna")
    write_calls(project, (*TEN, *(Invented(f"k{at}", 24 * 30 + at, (NEVER,)) for at in range(6))))
    measure_again(project)
    assert score_round(project, drawn).n_calls == 10


def test_a_call_that_is_gone_is_left_out(project, drawn):
    """It may have been purged; the others stand for it."""
    answer(project, drawn, SAID, "anna")
    write_calls(project, tuple(call for call in TEN if call.call_id != "n2"))
    measure_again(project)
    score = score_round(project, drawn)
    assert (score.n_calls, score.n_answered, score.labels[0].estimate.precision.value) == (9, 4, 1.0)


def test_measure_makes_the_table_where_there_is_an_audit(project, drawn):
    """Not before all calls of a round are answered or it is scored, again when an answer changes, and else not."""
    measure_again(project)
    assert not project.store.has(TABLE)
    answer(project, drawn, {"n0": "101"}, "anna")
    measure_again(project)
    assert not project.store.has(TABLE)
    mark_scored(project, drawn, NOW)
    measure_again(project)
    (first,) = project.store.current(TABLE)
    measure_again(project)
    assert project.store.current(TABLE) == [first]
    answer(project, drawn, SAID, "anna")
    measure_again(project)
    assert project.store.current(TABLE) != [first]
    assert read_rows(project)["101"]["n_calls"] == pytest.approx(6)


def test_the_agreement_of_people_is_read_from_the_table(project, drawn):
    """None without an audit, none where nobody answered a call twice, else that of the total."""
    assert read_agreement(project.store) is None
    answer(project, drawn, SAID, "anna")
    measure_again(project)
    assert read_agreement(project.store) is None
    answer(project, drawn, {"n0": "101", "n1": "102", "m0": "102", "m1": "101"}, "ben", after_min=1)
    measure_again(project)
    assert read_agreement(project.store) == pytest.approx(0.5)


def test_an_audit_of_calls_that_are_all_gone_corrects_nothing(project, drawn):
    """The run goes on, and counts stand as they are."""
    answer(project, drawn, SAID, "anna")
    write_calls(project, tuple(call for call in TEN if call.call_id not in SAID))
    measure_again(project)
    assert read_rows(project) == {}


def test_nothing_answered_has_no_score(project, drawn):
    """The line says what to do."""
    with pytest.raises(InputError, match="No call of round 1 that still counts was answered"):
        score_round(project, drawn)
