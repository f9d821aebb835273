"""Assign: codes by example, refusals, and one row for every call."""

from pathlib import Path

import pytest
from conftest import NOW, SilentProgress
from toy_encoder import ToyEncoder

from pipeline.assign import WITHOUT_CODES, Assignment, assign_codes, make_lessons, run
from pipeline.config import AssignSettings, Project, Settings
from pipeline.matching import add_names, fit_assigner
from pipeline.matching.regression import Matcher
from pipeline.tables import make_table
from pipeline.taxonomy import Code, Taxonomy
from pipeline.work import Work

LATE = Code("1", examples=("my parcel is late", "the parcel came late", "still late my parcel", "包裹晚了"))
NEVER = Code("2", examples=("my parcel never came", "it never arrived", "the parcel never arrived", "包裹没收到"))
INVOICE = Code("3", examples=("send me an invoice", "I need an invoice", "where is my invoice", "开一张发票"))
TAXONOMY = Taxonomy((LATE, NEVER, INVOICE))
BACKGROUND = ("good morning", "what is the weather", "你好", "再见")
SETTINGS = AssignSettings()


def assign(*texts: str, taxonomy: Taxonomy = TAXONOMY, **settings: float) -> list[Assignment]:
    """Assign with the toy encoder."""
    chosen = SETTINGS.model_copy(update=settings)
    return assign_codes(texts, taxonomy, ToyEncoder(), chosen, background=BACKGROUND)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("the parcel is late", "1"),
        ("parcel never came", "2"),
        ("please send an invoice", "3"),
        ("我的包裹晚了", "1"),
        ("包裹一直没收到", "2"),
    ],
)
def test_a_sentence_takes_the_code_whose_examples_it_resembles(text, code):
    """Late and never arrived part, in both languages."""
    assert assign(text)[0].best_code == code


def test_a_misheard_word_does_no_harm():
    """发票 heard as 发飘 still takes the code."""
    assert assign("开一张发飘")[0].best_code == "3"


def test_what_is_like_no_example_is_refused_but_keeps_its_best_code():
    """The refusal says that no code fits."""
    one = assign("quantum chromodynamics lectures tonight")[0]
    assert (one.code, one.no_code) == (None, "none_of_these")
    assert one.best_code in {"1", "2", "3"}


def test_two_codes_that_fit_alike_leave_it_undecided():
    """Codes with the very same examples cannot be told apart."""
    twins = Taxonomy((Code("7", examples=LATE.examples), Code("8", examples=LATE.examples), INVOICE))
    one = assign("my parcel is late", taxonomy=twins)[0]
    assert (one.code, one.no_code, {one.best_code, one.second_code}) == (None, "undecided", {"7", "8"})


def test_a_sentence_that_is_no_example_does_not_take_the_code():
    """`not_examples` are honoured."""
    text = "my parcel is late but the invoice is right"
    before = assign(text, taxonomy=Taxonomy((LATE, NEVER)))[0]
    kept_out = Code("1", examples=LATE.examples, not_examples=(text,))
    after = assign(text, taxonomy=Taxonomy((kept_out, NEVER)))[0]
    assert before.best_code == "1"
    assert (after.code != "1", after.score_ratio < before.score_ratio) == (True, True)


PLAIN = Taxonomy((Code("1", examples=("it is late",)), Code("2", examples=("it never came",)), INVOICE))
NAMED = Taxonomy(
    (
        Code("1", {"en": "delivery delayed", "zh": "送货晚了"}, examples=("it is late",)),
        Code("2", {"en": "delivery missing"}, examples=("it never came",)),
        INVOICE,
    )
)


def test_what_a_code_is_called_is_one_more_example():
    """A sentence in the words of a name alone takes the code, which without the name does not get it."""
    assert assign("our delivery is delayed", taxonomy=PLAIN)[0].code != "1"
    assert assign("our delivery is delayed", taxonomy=NAMED)[0].code == "1"
    assert assign("a delivery missing", taxonomy=NAMED)[0].best_code == "2"


def test_a_number_that_is_written_in_words_names_its_code():
    """Labels such as `deliveryDelayed` say as much as a name; 101, A12 and VIP say nothing."""
    worded = Taxonomy((Code("deliveryDelayed", examples=("it is late",)), Code("never_came", examples=("gone",))))
    assert assign("our delivery is delayed", taxonomy=worded)[0].best_code == "deliveryDelayed"
    assert worded.list_names() == [("deliveryDelayed", "delivery delayed"), ("never_came", "never came")]
    assert not Taxonomy(tuple(map(Code, ("101", "4.2", "A12", "VIP", "RTRN", "A-B-C-D", "iphone15")))).list_names()
    assert Taxonomy((Code("挂失", {}), Code("104", {"en": " "}))).list_names() == [("挂失", "挂失")]


def test_names_come_behind_what_customers_said():
    """They are examples like the others, in every language; a code needs an example."""
    lessons = make_lessons(NAMED, BACKGROUND)
    named = add_names(lessons, NAMED.list_names())
    assert named.texts == (*lessons.texts, "delivery delayed", "送货晚了", "delivery missing")
    assert named.targets[-3:].tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0]]
    unheard = Taxonomy((*NAMED.codes, Code("4", {"en": "refund me"})))
    assert fit_assigner(unheard, ToyEncoder(), SETTINGS, background=BACKGROUND).numbers == ("1", "2", "3")


def test_names_are_asked_nothing(monkeypatch):
    """Only what customers said is judged as if unseen; with a whole code its name is hidden."""
    asked, score = [], Matcher.score_unseen
    monkeypatch.setattr(Matcher, "score_unseen", lambda self, hidden: asked.append(hidden) or score(self, hidden))
    fit_assigner(NAMED, ToyEncoder(), SETTINGS, background=BACKGROUND)
    own, foreign = asked
    texts = add_names(make_lessons(NAMED, BACKGROUND), NAMED.list_names()).texts
    assert {texts[one] for one in own} == set(INVOICE.examples)  # the others have no second example
    assert {texts[one] for one in foreign} == {"it is late", "it never came", *INVOICE.examples}
    assert {texts[one] for one in foreign[texts.index("it is late")]} == {"it is late", "delivery delayed", "送货晚了"}


@pytest.mark.parametrize(
    "code",
    [
        Code("1", {"en": "late"}, examples=("it is late",), not_examples=("late",)),
        Code("1", {"en": "gone"}, examples=("it is late",)),
        Code("1", {"en": "  "}, examples=("it is late",)),
    ],
)
def test_a_name_that_would_mislead_adds_nothing(code):
    """One that is said to be none of it, another code's example, and one without a word."""
    taxonomy = Taxonomy((code, Code("2", examples=("gone", "it never came"))))
    lessons = make_lessons(taxonomy, BACKGROUND)
    assert add_names(lessons, taxonomy.list_names()) is lessons


def test_a_name_that_an_encoder_cannot_read_teaches_it_nothing(monkeypatch):
    """An English encoder makes the same of a code with a Chinese name as of one without."""
    monkeypatch.setattr(ToyEncoder, "name", "all-mpnet-base-v2-0+1")
    codes = [Code("1", names, examples=("it is late",)) for names in ({"zh": "晚了"}, {})]
    named, plain = (assign("晚了", taxonomy=Taxonomy((code, INVOICE))) for code in codes)
    assert named == plain


def test_a_merged_code_is_called_otherwise():
    """What it was called says nothing of the code that took it over, and a new name of it changes nothing."""
    merged = [Code("4", {"en": name}, examples=("bill",), status="retired", merged_into="3") for name in ("a", "b")]
    first, second = (Taxonomy((INVOICE, one)) for one in merged)
    assert first.list_names() == [] and first.examples_fingerprint == second.examples_fingerprint


def test_one_example_a_code_is_enough():
    """A code can be used as soon as it has an example."""
    small = Taxonomy(tuple(Code(code.number, examples=code.examples[:1]) for code in TAXONOMY.codes))
    assert [one.code for one in assign("my parcel is late", "send me an invoice", taxonomy=small)] == ["1", "3"]


def test_without_codes_nothing_fits():
    """An empty taxonomy, or one of retired codes, leaves every reason to the clusters."""
    retired = Taxonomy((Code("1", examples=LATE.examples, status="retired"),))
    assert assign("my parcel is late", taxonomy=Taxonomy()) == [WITHOUT_CODES]
    assert assign("my parcel is late", taxonomy=retired) == [WITHOUT_CODES]


def test_examples_of_a_merged_code_speak_for_the_other():
    """A merge moves what the code took."""
    merged = Taxonomy((LATE, Code("2", examples=NEVER.examples, status="retired", merged_into="1"), INVOICE))
    assert make_lessons(merged, ()).numbers == ("1", "3")
    assert assign("my parcel never came", taxonomy=merged)[0].code == "1"


def test_other_sentences_change_nothing():
    """Each sentence is judged for itself, in any order, and scores stay within 0 and 1."""
    texts = ["parcel never came", "the parcel is late", "", "blue", "the parcel is late"]
    together = assign(*texts)
    assert list(reversed(together)) == assign(*reversed(texts))
    for alone, among in zip([assign(text)[0] for text in texts], together, strict=True):
        assert (alone.code, alone.no_code) == (among.code, among.no_code)
        assert alone.score_ratio == pytest.approx(among.score_ratio, abs=1e-5)
        assert 0 <= among.second_score_ratio <= among.score_ratio <= 1


def test_a_sentence_among_thousands_is_coded_as_alone(monkeypatch):
    """Chunks and cores change nothing."""
    texts = [
        f"{one} {number}" for number in range(4) for one in ("parcel never came", "is it late", "an invoice", "blue")
    ]
    whole = assign(*texts)
    monkeypatch.setattr("pipeline.matching.regression.CHUNK", 2)
    monkeypatch.setattr("pipeline.matching.AT_ONCE", 5)
    for one, other in zip(whole, assign(*texts), strict=True):
        assert (one.code, one.no_code, one.best_code) == (other.code, other.no_code, other.best_code)
        assert one.score_ratio == pytest.approx(other.score_ratio, abs=1e-5)


def test_every_call_gets_a_row(project: Project, monkeypatch):
    """A call without a reason is `not_said` when it was heard, else `not_heard`; a second run does nothing."""
    work = make_work(project, monkeypatch)
    assert run(work).n_done == 3
    rows = {row["call_id"]: row for row in project.store.read("call_reasons").to_pylist()}
    assert (rows["a"]["code"], rows["a"]["no_code"], rows["a"]["utterance_index"]) == ("1", None, 0)
    assert (rows["b"]["no_code"], rows["b"]["utterance_index"]) == ("not_said", -1)
    assert (rows["c"]["no_code"], rows["c"]["best_code"]) == ("not_heard", None)
    assert run(work).n_done == 0


def make_work(project: Project, monkeypatch) -> Work:
    """Tell a stage to run on three calls: one with a reason, one without, one not heard."""
    monkeypatch.setattr("pipeline.assign.make_reason_encoder", lambda project: ToyEncoder())
    project.taxonomy.mkdir()
    examples = "\n".join(f"      - {text}" for text in LATE.examples)
    (project.taxonomy / "reason_codes.yaml").write_text(f"codes:\n  - number: 1\n    examples:\n{examples}\n", "utf-8")
    heard = [{"call_id": name, "is_heard": name != "c"} for name in "abc"]
    spoken = [{"call_id": "a", "utterance_index": 0, "text": "my parcel is late", "text_id": "t"}]
    for name, rows in (("transcripts", heard), ("turns", []), ("reason_utterances", spoken)):
        project.store.write(name, "f", make_table(name, rows), dict.fromkeys("abc", "h"))
        project.store.set_current(name, ["f"])
    return Work(project, "assign", "f1", SilentProgress(), NOW)


def test_an_agents_note_is_coded_as_a_whole(project: Project, monkeypatch):
    """A call's notes are put together and matched; they are no reason of the call."""
    work = make_work(project, monkeypatch)
    said = [
        ("a", 0, "recording", "hello"),
        ("b", 1, "note", "the parcel"),
        ("b", 2, "note", "is late"),
        ("c", 0, "note", "x y z"),
    ]
    names = ("call_id", "turn_index", "source", "text")
    turns = make_table("turns", [dict(zip(names, row, strict=True)) for row in said])
    project.store.write("turns", "f", turns, dict.fromkeys("abc", "h"))
    run(work)
    noted = {row["call_id"]: (row["code"], row["no_code"]) for row in project.store.read("note_reasons").to_pylist()}
    assert noted == {"b": ("1", None), "c": (None, "none_of_these")}
    rows = {row["call_id"]: row["no_code"] for row in project.store.read("call_reasons").to_pylist()}
    assert rows == {"a": None, "b": "not_said", "c": "not_heard"}


PAIRS = """pairs:
  - name: late or never
    a: {{reason: late, code: 1, examples: [x], tests: [the parcel is late]}}
    b: {{reason: never, code: {code}, examples: [y], tests: [my parcel is so late]}}
"""


def test_a_run_names_the_pairs_that_share_a_code(project: Project, monkeypatch):
    """Pairs are asked once, again when their file changed, and named each time; no call is coded again."""
    work = make_work(project, monkeypatch)
    path = project.taxonomy / "near_pairs.yaml"
    path.write_text(PAIRS.format(code=1), "utf-8")
    assert run(work).warnings == ("near pairs that share a code: late or never (1)",)
    monkeypatch.setattr("pipeline.assign.fit_assigner", None)
    again = run(work)
    assert (again.n_done, again.warnings) == (0, ("near pairs that share a code: late or never (1)",))
    path.write_text(PAIRS.format(code=7), "utf-8")
    assert run(work).warnings == ()
    assert project.store.read("near_pairs").num_rows == 0


@pytest.mark.model
def test_late_and_never_arrived_part_with_the_real_encoder():
    """The demo's codes take sentences in other words, in both languages, and refuse what no code covers."""
    from pipeline.encoders import load_encoder
    from pipeline.taxonomy import read_taxonomy

    taxonomy = read_taxonomy(Path("taxonomy/reason_codes.yaml"))
    texts = ["my order is four days overdue", "the parcel never turned up", "快递晚了四天", "东西一直都没送到过"]
    encoder = load_encoder("multilingual-e5-small", Settings().models)
    assert [one.best_code for one in assign_codes(texts, taxonomy, encoder, SETTINGS)] == ["102", "101", "102", "101"]


@pytest.mark.model
def test_more_calls_move_no_old_calls_code_with_the_real_encoder():
    """A sentence gets the same code whatever is embedded and coded with it, longer sentences among the rest."""
    from pipeline.encoders import load_reason_encoder
    from pipeline.taxonomy import read_taxonomy

    taxonomy = read_taxonomy(Path("taxonomy/reason_codes.yaml"))
    old = ["my order is four days overdue", "东西一直都没送到过", "can I pick the tap up at the shop", "发票"]
    new = [f"{text}, and {number} other things that I would rather not go into now" for text in old for number in "789"]
    encoder = load_reason_encoder("multilingual-e5-small", Settings().models)
    before = assign_codes(old, taxonomy, encoder, SETTINGS)
    after = assign_codes([*new, *old], taxonomy, encoder, SETTINGS)[len(new) :]
    assert [(one.code, one.no_code) for one in before] == [(one.code, one.no_code) for one in after]
    assert [one.score_ratio for one in before] == pytest.approx([one.score_ratio for one in after], abs=1e-3)
