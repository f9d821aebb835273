"""Writing: only what changed changes; comments and order stay."""

import difflib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.taxonomy import Code, Target, Taxonomy
from pipeline.taxonomy.reading import parse_yaml
from pipeline.taxonomy.writing import edit_yaml

HERE = Path("reason_codes.yaml")
DEMO = Path("taxonomy/reason_codes.yaml").read_text("utf-8")
COMMENTED = """\
# The head.
codes:
  - number: 1   # first
    examples: [a, b]   # on one line
    # before the owner
    owner: x   # who

  # about two
  - number: 2
    examples:
      - c  # an example
      # in between
      - d

    # what it is not
    not_examples: []   # none yet
    owner: z

  - number: 3
    cost:
      unit: 3
"""


def edit(content, change) -> str:
    """Edit a file's text; what it then says is what was wanted."""
    old = parse_yaml(content, HERE)
    new = change(old)
    text = edit_yaml(content, old, new)
    assert parse_yaml(text, HERE) == new
    return text


def change_codes(**changes):
    """Change every code."""
    return lambda taxonomy: replace(taxonomy, codes=tuple(replace(code, **changes) for code in taxonomy.codes))


def compare(before, after) -> list[str]:
    """List lines that went and came."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def test_nothing_changed_is_the_same_file():
    """The default file comes out byte for byte."""
    assert edit(DEMO, lambda taxonomy: taxonomy) == DEMO


def test_one_more_example_is_one_more_line():
    """It stands behind the last one, before the empty line, and every comment stays."""

    def change(taxonomy: Taxonomy) -> Taxonomy:
        first, *others = taxonomy.codes
        return replace(taxonomy, codes=(replace(first, examples=(*first.examples, "new, one: here")), *others))

    after = edit(DEMO, change)
    assert compare(DEMO, after) == ["+       - 'new, one: here'"]


def test_a_new_code_comes_last_with_its_fields_in_order():
    """It looks like those before it, and numbers that only look like numbers are quoted."""
    code = Code(
        "007", {"en": "Bond"}, "M", examples=("late", "said"), example_call_ids={"said": "c1"}, unit_cost=2.0,
        target=Target("calls", 8.0),
    )  # fmt: skip
    after = edit(DEMO, lambda taxonomy: replace(taxonomy, codes=(*taxonomy.codes, code)))
    assert compare(DEMO, after) == [
        "+ ",
        "+   - number: '007'",
        "+     name: {en: Bond}",
        "+     owner: M",
        "+     examples:",
        "+       - late",
        "+       - text: said",
        "+         call_id: c1",
        "+     cost: {unit: 2}",
        "+     target: {measure: calls, value: 8}",
    ]


def test_comments_stay_wherever_they_stand():
    """Lists on one line, empty lists and nested fields keep theirs."""
    after = edit(COMMENTED, change_codes(examples=("a", "d", "new"), not_examples=("no",), owner="q", unit_cost=4.0))
    for comment in ("The head.", "first", "on one line", "before the owner", "who", "about two", "what it is not"):
        assert f"# {comment}\n" in after, comment
    assert after.index("# about two") > after.index("number: 1")


@pytest.mark.parametrize(
    "content",
    ["", "codes: []\n", "# hi\nversion: 1\ncodes: []\n", "codes:\n- number: 5\n  examples:\n  - x\n",
     "codes: [{number: 5, examples: [a]}, {number: 6}]\n", "codes:\n- number: 5\n\n- number: 6", COMMENTED],
)  # fmt: skip
def test_files_of_every_shape_take_a_new_code(content):
    """An empty file, an empty list, one on a line and other indents all work."""
    after = edit(content, lambda taxonomy: replace(taxonomy, codes=(*taxonomy.codes, Code("8", examples=("k",)))))
    assert after.count("number: 8\n") == 1


@pytest.mark.parametrize("content", [DEMO, COMMENTED, "codes:\n- number: 5\n\n- number: 6"])
def test_a_code_that_is_taken_out_again_leaves_the_file_as_it_was(content):
    """Adding one and taking it out changes no letter; what stands before and after one in the middle stays."""
    old = parse_yaml(content, HERE)
    more = replace(old, codes=(*old.codes, Code("8", names={"en": "k"}, examples=("k",))))
    assert edit_yaml(edit_yaml(content, old, more), more, old).rstrip("\n") == content.rstrip("\n")
    fewer = replace(old, codes=old.codes[1:])
    assert parse_yaml(edit_yaml(content, old, fewer), HERE) == fewer


@pytest.mark.parametrize("name", [":0", "::x", "?x", "- x", "{x", "#x", "x: y"])
def test_a_name_may_begin_with_any_sign(name):
    """What YAML would take for a sign of its own is quoted."""
    edit(COMMENTED, change_codes(names={"en": name}, owner=name, unit_cost_what=name, examples=(name,)))


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1).map(str.strip)
sentences = st.lists(texts.filter(bool), unique=True, max_size=4).map(tuple)
codes = st.builds(
    Code,
    st.just("1"),
    names=st.dictionaries(st.sampled_from(["en", "zh"]), texts.filter(bool)),
    owner=texts,
    customer=st.sampled_from(["", "value", "irritant"]),
    examples=sentences,
    not_examples=sentences,
    unit_cost=st.sampled_from([0.0, 2.0, 12.5]),
    unit_cost_what=texts,
    status=st.sampled_from(["active", "retired"]),
)


@given(codes, st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_the_file_says_what_it_should(code, number):
    """Any code can take the place of any other, whatever people wrote in it."""
    edit(
        COMMENTED,
        lambda taxonomy: replace(
            taxonomy,
            codes=tuple(
                replace(code, number=one.number) if one.number == str(number) else one for one in taxonomy.codes
            ),
        ),
    )
