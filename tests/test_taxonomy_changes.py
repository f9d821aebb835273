"""Changes: what differs between two versions of a taxonomy."""

from dataclasses import replace

import pytest

from pipeline.taxonomy import Code, Target, Taxonomy
from pipeline.taxonomy.changes import Change, describe_changes, find_changes

LATE = Code("101", {"en": "Late", "zh": "晚了"}, "logistics", examples=("it is late", "still late"))
OTHER = Code("102", {"en": "Other"})


def compare(new: Code) -> list[Change]:
    """Compare one code with the code before."""
    return list(find_changes(Taxonomy((LATE, OTHER)), Taxonomy((new, OTHER))))


@pytest.mark.parametrize(
    ("fields", "what", "before", "after"),
    [
        ({"owner": "shop"}, "owner", "logistics", "shop"),
        ({"owner": ""}, "owner", "logistics", ""),
        ({"names": {"en": "Too late", "zh": "晚了"}}, "renamed", "en: Late", "en: Too late"),
        ({"status": "retired"}, "retired", "", ""),
        ({"merged_into": "102"}, "merged", "", "102"),
        ({"customer": "irritant"}, "customer", "", "irritant"),
        ({"unit_cost": 12.5}, "cost", "", "unit 12.5"),
        ({"target": Target("calls", 8.0, who="li")}, "target", "", "measure calls, value 8, who li"),
        ({"examples": ("it is late",)}, "example_removed", "still late", ""),
        ({"examples": ("it is late", "still late", "late")}, "example_added", "", "late"),
        ({"not_examples": ("lost",)}, "not_example_added", "", "lost"),
        ({"example_call_ids": {"it is late": "c1"}}, "example_call", "", "c1"),
    ],
)
def test_each_kind_of_change_is_named(fields, what, before, after):
    """One change of one field is one change."""
    new = replace(LATE, **fields)
    assert compare(new) == [Change("101", new.name("en"), what, before, after)]


def test_added_and_deleted_codes_are_said():
    """A new code comes with its examples; one that is gone was deleted, which never should be."""
    changes = find_changes(Taxonomy((OTHER,)), Taxonomy((LATE,)))
    assert [(one.code, one.what) for one in changes] == [
        ("101", "added"),
        ("101", "owner"),
        ("101", "example_added"),
        ("101", "example_added"),
        ("102", "deleted"),
    ]


def test_the_same_taxonomy_has_no_changes():
    """The order of codes is no change either."""
    assert find_changes(Taxonomy((LATE, OTHER)), Taxonomy((OTHER, LATE))) == ()


def test_changes_are_written_under_their_code():
    """The number and the name stand once, each change is a line."""
    changes = find_changes(
        Taxonomy((LATE, OTHER), currency="EUR"),
        Taxonomy((replace(LATE, owner="shop", examples=("it is late", "late")), replace(OTHER, status="retired"))),
    )
    assert describe_changes(changes) == [
        "the file",
        "  currency: EUR",
        "101 Late",
        "  owner: logistics → shop",
        "  - example removed: still late",
        "  + example added: late",
        "102 Other",
        "  retired",
    ]
