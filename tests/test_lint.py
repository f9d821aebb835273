"""Lint: each thing that a curator should mend is found, and nothing else."""

import dataclasses

import pytest
from conftest import NOW
from toy_encoder import ToyEncoder

from pipeline.config import Project
from pipeline.decisions import make_correction, make_decision
from pipeline.errors import ModelError
from pipeline.lint import lint_taxonomy
from pipeline.lint.contents import find_in_codes, find_in_decisions, find_in_near_pairs
from pipeline.lint.findings import Finding, quote
from pipeline.lint.nearness import find_near
from pipeline.lint.usage import count_coverage, find_in_calls
from pipeline.near_pairs import NearPair, Side
from pipeline.tables import make_table
from pipeline.taxonomy import Code, Taxonomy

LANGUAGES = ("en", "zh")
LATE = Code("1", {"en": "Late", "zh": "晚了"}, "a", examples=("my parcel is late", "parcel came late", "late parcel"))
NEVER = Code("2", {"en": "Never", "zh": "没到"}, "b", examples=("it never came", "never arrived", "nothing came"))
INVOICE = Code(
    "3", {"en": "Bill", "zh": "发票"}, "c", examples=("an invoice", "send an invoice", "where is the invoice")
)
GOOD = Taxonomy((LATE, NEVER, INVOICE))
BACKGROUND = ("good morning", "what is the weather", "你好", "再见")


def change(code: Code, **fields) -> Code:
    """Change a code."""
    return dataclasses.replace(code, **fields)


def name_kinds(findings) -> list[tuple[str, str]]:
    """Name the kind and the code of findings that are to be mended."""
    return [(one.kind, one.code) for one in findings if not one.is_note]


def check(*codes: Code) -> list[tuple[str, str]]:
    """Check codes alone."""
    return name_kinds(find_in_codes(Taxonomy(codes), LANGUAGES))


def test_a_good_taxonomy_has_no_finding():
    """Nothing is said about codes that have all they need."""
    assert check(*GOOD.codes) == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (change(LATE, examples=()), "no_examples"),
        (change(LATE, examples=LATE.examples[:2]), "few_examples"),
        (change(LATE, names={"en": "Late"}), "no_name"),
        (change(LATE, names={"en": "Never", "zh": "晚了"}), "same_name"),
        (change(LATE, owner=""), "no_owner"),
        (change(LATE, not_examples=("Parcel came late.",)), "contradiction"),
    ],
)
def test_what_a_code_lacks_is_found(code, kind):
    """Each finding has its kind; nothing is asked of a retired code."""
    assert [one for one, _ in check(code, NEVER)] == [kind]
    retired = change(code, status="retired")
    assert check(retired, NEVER) == []


def test_an_example_under_two_codes_is_found_whatever_its_stops():
    """Capitals and stops do not hide it; the examples of a merged code count for the other."""
    merged = Code("4", examples=("It never came!",), merged_into="1")
    assert check(LATE, change(INVOICE, examples=(*INVOICE.examples, "Late parcel."))) == [("shared_example", "1")]
    assert check(LATE, NEVER, merged) == [("shared_example", "2")]
    assert check(LATE, change(merged, examples=("late parcel",))) == []


def test_a_border_between_two_codes_is_a_note():
    """What one code is not may be an example of another; that is worth knowing and not wrong."""
    findings = list(find_in_codes(Taxonomy((change(LATE, not_examples=("it never came",)), NEVER)), LANGUAGES))
    assert [(one.kind, one.code, one.is_note) for one in findings] == [("not_example_elsewhere", "1", True)]


def test_more_codes_than_people_remember_are_found_on_each_level():
    """21 on a level are too many; a number with a point stands one level down."""

    def make(*numbers: str) -> list[tuple[str, str]]:
        codes = [
            Code(
                number, {"en": f"n {number}", "zh": f"名{number}"}, "o", examples=tuple(f"{number} {x}" for x in "abc")
            )
            for number in numbers
        ]
        return check(*codes)

    assert make(*(str(n) for n in range(1, 22))) == [("too_many", "")]
    assert make(*(str(n) for n in range(1, 21)), *(f"4.{n}" for n in range(1, 21))) == []
    assert make("4", *(f"4.{n}" for n in range(1, 22))) == [("too_many", "4")]


def test_merges_that_lead_astray_are_found():
    """A merge into a merged code should point to the end, and the end should be active."""
    old = Code("9", status="retired")
    assert check(LATE, Code("7", merged_into="8"), Code("8", merged_into="1")) == [("merge_chain", "7")]
    assert check(LATE, old, Code("8", merged_into="9")) == [("merged_into_retired", "8")]


@pytest.mark.parametrize(
    ("codes", "found"),
    [
        (GOOD.codes, []),
        ((LATE, change(NEVER, status="retired")), [("near_pair", "2")]),
        ((LATE,), [("near_pair", "2")]),
        ((LATE, change(NEVER, merged_into="1")), [("near_pair", "2"), ("near_pair", "1")]),
    ],
)
def test_a_near_pair_names_codes_that_can_be_taken(codes, found):
    """A side whose code is retired, merged or gone is found, and a merge of both sides too."""
    pair = NearPair("late or never", Side("late", (), (), "1"), Side("never", (), (), "2"))
    assert name_kinds(find_in_near_pairs(Taxonomy(codes), [pair])) == found


def test_numbers_that_decisions_know_stay_in_the_file():
    """A code deleted by hand is found, and a retired one that came back without a decision."""
    fields = {"1": {"status": None}, "2": {"status": None}}
    retired = make_decision("retire", fields, {**fields, "2": {"status": "retired"}}, who="li", now=NOW)
    added = make_decision("add", {}, fields, who="li", now=NOW)
    undone = make_decision("undo", {**fields, "2": {"status": "retired"}}, fields, who="li", now=NOW)
    gone = change(NEVER, status="retired")
    assert name_kinds(find_in_decisions(Taxonomy((LATE, gone)), [added, retired])) == []
    assert name_kinds(find_in_decisions(Taxonomy((LATE, NEVER)), [added, retired])) == [("retired_number", "2")]
    assert name_kinds(find_in_decisions(Taxonomy((LATE, NEVER)), [added, retired, undone])) == []
    assert name_kinds(find_in_decisions(Taxonomy((LATE,)), [added])) == [("deleted_number", "2")]
    taken_back = make_correction("undo", {"2": {"number": 2}}, {}, who="li", now=NOW)
    assert name_kinds(find_in_decisions(Taxonomy((LATE,)), [added, taken_back])) == []


def test_an_example_under_the_wrong_code_is_found():
    """It is named with the code it is nearer to."""
    wrong = change(NEVER, examples=(*NEVER.examples, "my late parcel is late"))
    assert list(find_near(GOOD, ToyEncoder(), BACKGROUND)) == []
    finding = next(find_near(Taxonomy((LATE, wrong, INVOICE)), ToyEncoder(), BACKGROUND))
    assert (finding.kind, finding.code) == ("near_other", "2")
    assert "'my late parcel is late' is nearer to 1" in finding.what


def test_codes_that_say_the_same_are_found_as_one_pair():
    """Two halves of one reason overlap; a near pair is never to be merged."""
    halves = (
        change(LATE, examples=("my parcel is late", "parcel came late", "a late parcel", "parcel late again")),
        change(NEVER, examples=("the parcel is late", "my parcel came late", "late parcel", "parcel is late again")),
    )
    taxonomy = Taxonomy((*halves, INVOICE))
    (finding,) = find_near(taxonomy, ToyEncoder(), BACKGROUND)
    assert (finding.kind, finding.code, finding.to_do.startswith("Merge them")) == ("overlap", "1", True)
    (finding,) = find_near(taxonomy, ToyEncoder(), BACKGROUND, kept_apart={("1", "2")})
    assert "Merge" not in finding.to_do


@pytest.mark.parametrize("codes", [(), (LATE,), (Code("1", examples=("a",)), Code("2", examples=("b",)))])
def test_what_cannot_be_compared_is_left_alone(codes):
    """No code, one code, or codes of one example each give no finding."""
    assert list(find_near(Taxonomy(codes), ToyEncoder(), BACKGROUND)) == []


def write_calls(project: Project, *codes: str | None, logged: str | None = None) -> None:
    """Write calls that were coded so; None is a reason that no code took."""
    rows = [
        {"call_id": f"c{index}", "utterance_index": 0, "code": code, "no_code": None if code else "none_of_these"}
        for index, code in enumerate(codes)
    ]
    rows.append({"call_id": "silent", "utterance_index": -1, "no_code": "not_said"})
    for name in ("call_reasons", "calls"):
        project.store.write_whole(name, "f", make_table(name, [{**row, "logged_code": logged} for row in rows]))


def test_without_a_run_one_line_says_so(project: Project):
    """It is a note, and nothing else is said."""
    (finding,) = find_in_calls(GOOD, project.store, is_coded_now=True)
    assert (finding.kind, finding.is_note) == ("no_run", True)


def test_calls_tell_what_nobody_uses_and_what_is_covered(project: Project):
    """Calls in which the customer never said why do not count."""
    write_calls(project, *["1"] * 70, *["2"] * 20, *[None] * 30)
    findings = {one.kind: one for one in find_in_calls(GOOD, project.store, is_coded_now=True)}
    assert {kind: (one.code, one.is_note) for kind, one in findings.items()} == {
        "unused": ("3", False),
        "coverage": ("", False),
    }
    assert findings["coverage"].what == (
        "Of 120 calls in which the customer said why, the first 2 codes cover 75%; 30 took no code."
    )


def test_few_calls_prove_nothing(project: Project):
    """A code that nobody used among few calls is a note, and low coverage too."""
    write_calls(project, "1", None)
    assert name_kinds(find_in_calls(GOOD, project.store, is_coded_now=True)) == []


def test_retired_numbers_in_use_are_found(project: Project):
    """Calls coded before a merge, codes that left the file, and what agents still log."""
    write_calls(project, "1", "2", "5", logged="2")
    taxonomy = Taxonomy((LATE, change(NEVER, merged_into="1")))
    findings = list(find_in_calls(taxonomy, project.store, is_coded_now=False))
    assert name_kinds(findings) == [("retired_in_use", "2"), ("retired_in_use", "5"), ("retired_logged", "2")]
    assert "old_run" in {one.kind for one in findings}


@pytest.mark.parametrize(
    ("calls", "covered"),
    [
        ([{"a"}, {"a", "b"}, {"b"}, set()], [(1, 0.5), (2, 0.75)]),
        ([{"a"}], [(1, 1.0)]),
        ([set()], [(0, 0.0)]),
    ],
)
def test_coverage_counts_each_call_once(calls, covered):
    """The most used codes come first; a call with two of them is one call."""
    assert count_coverage(calls, (1, 2)) == covered


def write_project(project: Project, content: str) -> None:
    """Write the taxonomy of a project."""
    project.taxonomy.mkdir()
    (project.taxonomy / "reason_codes.yaml").write_text(content, "utf-8")


def test_everything_is_listed_with_notes_last(project: Project):
    """Findings of the file, the encoder and the run come together, each with what to do, in one line."""
    write_project(project, "codes: [{number: 1, examples: [late parcel, parcel late]}, {number: 2}]\n")
    (project.taxonomy / "decisions.jsonl").write_text("{")
    findings = lint_taxonomy(project, is_coded_now=True, load=lambda _: ToyEncoder())
    kinds = [one.kind for one in findings]
    assert {"few_examples", "no_examples", "no_name", "no_owner", "decisions"} <= set(kinds)
    assert kinds[-1] == "no_run"
    assert all(one.to_do.endswith(".") and "\n" not in one.line for one in findings)


def test_a_model_that_cannot_be_had_spoils_nothing_else(project: Project):
    """What needs the encoder is said not to be checked; the rest is."""
    write_project(project, "codes: [{number: 1}]\n")

    def load(_: Project) -> ToyEncoder:
        raise ModelError("The model is not here. Fetch it.")

    kinds = {one.kind for one in lint_taxonomy(project, is_coded_now=True, load=load)}
    assert {"not_checked", "no_examples"} <= kinds


def test_a_long_sentence_is_cut():
    """A finding stays a line that can be read."""
    assert quote("late\n" * 100).startswith("'late late")
    assert len(quote("late " * 100)) < 130
    assert Finding("k", "", "What.", "Do.").line == "What. Do."
