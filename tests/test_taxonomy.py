"""The taxonomy file: what it may say, and what is said about a file that breaks a rule."""

import pytest

from pipeline.errors import InputError, TaxonomyError
from pipeline.taxonomy import Code, Taxonomy, read_taxonomy

FULL = """\
version: 1
currency: EUR
codes:
  - number: 101
    name: {en: My delivery never arrived, zh: 货一直没收到}
    owner: logistics
    customer: irritant
    company: value
    examples: [nothing came at all, {text: 一直没收到货, call_id: c9}]
    not_examples: [it came a day late]
    cost: {unit: 12.5, what: replacement parcel}
    target: {measure: calls, value: 8, per: 1000 calls, by: 2027-03-31, who: head of logistics}
  - number: 102
    merged_into: 101
    status: retired
"""


def write(tmp_path, content, name="reason_codes.yaml"):
    """Write a taxonomy file."""
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def test_everything_in_the_file_is_read(tmp_path):
    """Names, feelings, cost, target and the call an example came from are all there."""
    code = read_taxonomy(write(tmp_path, FULL)).codes[0]
    assert (code.number, code.name("zh"), code.owner) == ("101", "货一直没收到", "logistics")
    assert (code.examples, code.not_examples) == (("nothing came at all", "一直没收到货"), ("it came a day late",))
    assert (code.unit_cost, code.unit_cost_what) == (12.5, "replacement parcel")
    assert code.target is not None
    assert (code.target.value, str(code.target.by)) == (8.0, "2027-03-31")
    assert code.example_call_ids == {"一直没收到货": "c9"}


def test_a_merged_code_counts_for_another(tmp_path):
    """A merged code is not active, and its number leads to what it was merged into."""
    taxonomy = read_taxonomy(write(tmp_path, FULL))
    assert [code.number for code in taxonomy.active] == ["101"]
    assert (taxonomy.find_current("102"), taxonomy.find_current("101")) == ("101", "101")


def test_a_csv_of_codes_and_examples_is_enough(tmp_path):
    """Codes keep their spelling, examples their commas, and a byte order mark does no harm."""
    path = write(tmp_path, '\ufeffcode,example\n007,"it is late, again"\n007,still late\ncard,卡丢了\n', "codes.csv")
    assert read_taxonomy(path).codes == (
        Code("007", examples=("it is late, again", "still late")),
        Code("card", examples=("卡丢了",)),
    )


@pytest.mark.parametrize("content", ["", "codes: []\n", "version: 1\ncodes:\n"])
def test_an_empty_taxonomy_is_valid(tmp_path, content):
    """A project may begin without a single code."""
    assert read_taxonomy(write(tmp_path, content)) == Taxonomy()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("codes: [{number: 5}, {number: 5}]", "code 5 occurs twice"),
        ("codes: [{number: 1.10}]", "Put it in quotes"),
        ("codes: [{name: {en: x}}]", "code 1 of the list has no number"),
        ("codes: [{number: 5, merged_into: 6}]", "merged_into 6 is not in the file"),
        ("codes: [{number: 5, merged_into: 6}, {number: 6, merged_into: 5}]", "merged into itself"),
        ("codes: [{number: 5, status: old}]", "active or retired"),
        ("codes: [{number: 5, customer: happy}]", "value or irritant"),
        ("codes: [{number: 5, examples: late}]", "list of sentences"),
        ("codes: [{number: 5, cost: {unit: '12,50'}}]", "a number of at least 0"),
        ("codes: [{number: 5, target: {by: soon}}]", "target should be"),
        ("codes:\n  - number: [", "line 2"),
        ("- number: 5", "a mapping with a list 'codes'"),
    ],
)
def test_a_broken_rule_is_named_with_its_code(tmp_path, content, said):
    """The message names the file, the rule and the code, and ends with what to do."""
    path = write(tmp_path, content)
    with pytest.raises(TaxonomyError, match=said) as caught:
        read_taxonomy(path)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("content", ["code,text\n1,x\n", "", "code,example\n,late\n", "sentence\nx\n"])
def test_a_csv_without_code_or_example_is_refused(tmp_path, content):
    """Both columns are needed and every row has a code."""
    with pytest.raises((TaxonomyError, InputError), match="code"):
        read_taxonomy(write(tmp_path, content, "codes.csv"))


def test_a_missing_file_is_said_so(tmp_path):
    """The message says what to do."""
    with pytest.raises(TaxonomyError, match="name another file"):
        read_taxonomy(tmp_path / "none.yaml")


def test_a_new_owner_leaves_calls_where_they_are():
    """What decides the codes of calls has a fingerprint of its own."""
    before, after = Taxonomy((Code("1", owner="a"),)), Taxonomy((Code("1", owner="b"),))
    assert before.fingerprint != after.fingerprint
    assert before.examples_fingerprint == after.examples_fingerprint
    for told in (Code("1", examples=("x",)), Code("1", {"en": "x"})):
        assert Taxonomy((told,)).examples_fingerprint != before.examples_fingerprint
