"""Rows: a taxonomy as a sheet, and what a sheet adds to a taxonomy."""

from datetime import date
from pathlib import Path

import pytest

from pipeline.errors import TaxonomyError
from pipeline.taxonomy import Code, Target, Taxonomy, read_taxonomy
from pipeline.taxonomy.rows import apply_rows, find_columns, find_unknown_columns, to_rows

SHEET = Path("codes.csv")
LATE = Code("101", {"en": "Late", "zh": "晚了"}, "logistics", examples=("it is late", "still late"), unit_cost=2.5)
OLD = Code("102", {"en": "Problem"}, examples=("a problem",), status="retired")
GONE = Code("103", examples=("not here",), merged_into="101")
FULL = Code(
    "104",
    {"en": "Full", "de": "Voll"},
    "o",
    "irritant",
    "value",
    ("full", "both"),
    ("empty", "both"),
    {"full": "c1", "empty": "c2"},
    1234567.25,
    "parcel",
    Target("calls", 8.5, "1000 calls", date(2027, 3, 31), "li"),
)
TAXONOMY = Taxonomy((LATE, OLD, GONE, FULL, Code("007")), currency="EUR")


def apply(*rows: str, columns: str = "code,example", taxonomy: Taxonomy = TAXONOMY) -> Taxonomy:
    """Apply rows written as lines of cells."""
    names = columns.split(",")
    return apply_rows(taxonomy, [dict(zip(names, row.split(","), strict=True)) for row in rows], SHEET)


def test_what_goes_out_changes_nothing_when_it_comes_back():
    """Every field of every code is in the rows, retired and merged ones too."""
    rows = to_rows(TAXONOMY)
    assert apply_rows(TAXONOMY, rows, SHEET) == TAXONOMY
    assert apply_rows(Taxonomy(currency="EUR"), rows, SHEET) == TAXONOMY
    assert {name for row in rows for name in row} <= set(find_columns(TAXONOMY))


def test_the_demo_goes_out_and_comes_back():
    """The default file is worth nothing less as a sheet."""
    taxonomy = read_taxonomy(Path("taxonomy/reason_codes.yaml"))
    assert apply_rows(taxonomy, to_rows(taxonomy), SHEET) == taxonomy


def test_code_and_example_are_enough():
    """New examples are added, new codes come last, and nothing else changes."""
    new = apply("101,late again", "105,brand new", "101,it is late")
    assert new.codes[0] == Code(**{**vars(LATE), "examples": ("it is late", "still late", "late again")})
    assert new.codes[1:] == (*TAXONOMY.codes[1:], Code("105", examples=("brand new",)))


def test_an_empty_cell_leaves_what_is_there():
    """Only what a row says is changed; a name without a language is of the language it is written in."""
    new = apply("101,,,送晚了", "105,x,ops,", columns="Code,Example,Owner,Name")
    assert (new.codes[0].owner, new.codes[0].names) == ("logistics", {"en": "Late", "zh": "送晚了"})
    assert new.codes[-1] == Code("105", owner="ops", examples=("x",))


def test_an_example_can_be_turned_into_what_it_is_not():
    """A row that now says no takes the sentence out of the examples and keeps it among the others."""
    code = apply("101,still late,no", columns="code,example,is_example").codes[0]
    assert (code.examples, code.not_examples) == (("it is late",), ("still late",))


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        ("code,example", "102,new words"),
        ("code,example,status", "102,,active"),
        ("code,example,owner", "103,,someone"),
        ("code,example", "103,new words"),
    ],
)
def test_a_retired_number_is_never_used_again(columns, row):
    """Rows that change a retired or merged code are refused."""
    with pytest.raises(TaxonomyError, match=r"row 2: code 10[23] .*never used again.*new number"):
        apply(row, columns=columns)


def test_a_sheet_can_retire_and_merge():
    """A status is an update like any other; the code stays in the file."""
    new = apply("101,,retired,104", columns="code,example,status,merged_into")
    assert (new.codes[0].status, new.codes[0].merged_into, new.codes[0].examples) == ("retired", "104", LATE.examples)


@pytest.mark.parametrize(
    ("columns", "rows", "said"),
    [
        ("code,text", ("1,x",), "needs code and example"),
        ("code,example", ("1,x", ",y"), "row 3: code is empty"),
        ("code,example,owner", ("1,x,a", "1,y,b"), "row 3: owner of code 1 is not the same as in row 2"),
        ("code,example,customer", ("1,x,happy",), "value or irritant"),
        ("code,example,is_example", ("1,x,perhaps",), "neither yes nor no"),
        ("code,example,unit_cost", ("1,x,ten",), "number of at least 0"),
        ("code,example,unit_cost", ("1,x,nan",), "number of at least 0"),
        ("code,example,target_by", ("1,x,soon",), "a day such as"),
    ],
)
def test_a_wrong_cell_is_named_by_its_row(columns, rows, said):
    """Row 1 is the heading, as in a spreadsheet."""
    with pytest.raises(TaxonomyError, match=said) as caught:
        apply(*rows, columns=columns)
    assert str(caught.value).startswith("codes.csv")


@pytest.mark.parametrize("number", ["True", "false", "-3", "=A1", "#REF!"])
def test_what_a_spreadsheet_makes_of_a_cell_is_no_number(number):
    """A tick, a minus or a broken formula is refused before it becomes a permanent number."""
    with pytest.raises(TaxonomyError, match=r"codes.csv, row 2: code is not a number such as 101 or 4.2"):
        apply(f"{number},late again")


@pytest.mark.parametrize("number", ["4.2", "card_lost", "reverted?", "挂失", "R&D", "can't_pay", "f(2)", "a+b", "x:y"])
def test_a_number_may_be_a_label(number):
    """What others call their codes is taken as it is."""
    assert apply(f"{number},late again").codes[-1].number == number


@pytest.mark.parametrize(
    ("text", "amount"), [("42,50", 42.5), ("1.234,5", 1234.5), ("42.50", 42.5), ("7", 7.0), ("0,5", 0.5)]
)
def test_an_amount_is_read_with_either_decimal_sign(text, amount):
    """A semicolon sheet writes 42,50."""
    rows = [{"code": "105", "example": "brand new", "unit_cost": text}]
    assert apply_rows(TAXONOMY, rows, SHEET).codes[-1].unit_cost == amount


def test_a_sheet_without_rows_says_so():
    """A workbook whose first sheet is an introduction changes nothing, and that is no success."""
    with pytest.raises(TaxonomyError, match="no row under its first one"):
        apply_rows(TAXONOMY, [], SHEET)


def test_empty_rows_and_unknown_columns_do_no_harm():
    """An empty row is passed over; a column of another name can be listed."""
    assert apply(",", "101,it is late") == TAXONOMY
    assert find_unknown_columns([{"Code": "1", "name_fr": "x", "onwer": "y"}]) == ["onwer"]
