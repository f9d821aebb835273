"""Recordings that a manifest names."""

from pathlib import Path

import pytest

from pipeline.named_recordings import match_recordings

CALLS = Path("/calls")
IN_TWO_FOLDERS = {CALLS / "recordings/a/1.wav": "h1", CALLS / "recordings/b/1.wav": "h2"}
FLAT = {CALLS / "recordings/1.wav": "h1"}


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (["a/1.wav", "b/1.wav"], ["recordings/a/1.wav", "recordings/b/1.wav"]),
        (["D:\\rec\\b\\1.wav", "recordings/a/1.wav"], ["recordings/b/1.wav", "recordings/a/1.wav"]),
        (["/calls/recordings/b/1.wav"], ["recordings/b/1.wav"]),
        (["../recordings/a/1.wav"], ["recordings/a/1.wav"]),
    ],
)
def test_files_of_one_name_are_told_apart_by_their_folders(names, files):
    """A manifest that lies elsewhere names the folder too, and its rows never swap recordings."""
    matches = match_recordings(names, CALLS / "manifests", IN_TWO_FOLDERS)
    assert [matches.files[name] for name in names] == [CALLS / file for file in files]


def test_a_name_of_several_files_is_matched_to_none():
    """What cannot be told apart is said, not guessed."""
    matches = match_recordings(["1.wav"], CALLS / "manifests", IN_TWO_FOLDERS)
    assert (dict(matches.files), matches.several) == ({}, {"1.wav"})


def test_copies_of_one_recording_are_one():
    """Two files with the same content are the same recording."""
    matches = match_recordings(["1.wav"], CALLS / "manifests", dict.fromkeys(IN_TWO_FOLDERS, "h1"))
    assert matches.files == {"1.wav": CALLS / "recordings/a/1.wav"}


def test_two_names_contend_for_a_file():
    """Of two rows that could mean one file the closer has it; two as close have it neither."""
    matches = match_recordings(["1.wav", "old/1.wav"], CALLS / "recordings", FLAT)
    assert (dict(matches.files), matches.several) == ({"1.wav": CALLS / "recordings/1.wav"}, set())
    matches = match_recordings(["x/1.wav", "y/1.wav"], CALLS / "manifests", FLAT)
    assert (dict(matches.files), matches.several) == ({}, {"x/1.wav", "y/1.wav"})


@pytest.mark.parametrize("name", ["1.wav", "C:\\export\\1.wav", "/somewhere/1.wav"])
def test_a_name_alone_is_enough_where_it_is_the_only_one(name):
    """The recorder's own folder need not be known."""
    assert match_recordings([name], CALLS / "manifests", FLAT).files == {name: CALLS / "recordings/1.wav"}


@pytest.mark.parametrize("name", ["2.wav", "", "/", ".."])
def test_a_name_that_no_file_has_is_not_matched(name):
    """A recording that is not there is in neither list."""
    matches = match_recordings([name], CALLS, FLAT)
    assert (dict(matches.files), matches.several) == ({}, frozenset())
