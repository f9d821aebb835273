"""Candidates: what is known of them from run to run, who came and who went."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
from conftest import NOW
from test_cluster import REASONS, TEXTS, list_ids, make_work

from pipeline.candidates import (
    Change,
    Grouping,
    Known,
    Membership,
    Named,
    read_candidates,
    read_changes,
    write_candidates,
)
from pipeline.cluster import run
from pipeline.config import Project
from pipeline.state import open_state
from pipeline.tables import make_table

LAMP = ["my lamp is broken", "broken lamp", "the lamp came broken", "lamp broken again"]


def test_candidates_come_back_as_written(project):
    """A later write replaces members, names and grouping, and adds to the changes."""
    first = Known({("a", 0): Membership("c-1", "s-1", "t", True)}, {"c-1": Named("late", "2", "晚")}, Grouping("g", 1))
    second = Known({("b", 1): Membership("c-2", "", "u", False)}, {"c-2": Named("lost", "2")}, None)
    write_candidates(project, first, [Change("2026-11-21", "c-1", "new", "late", 3)])
    write_candidates(project, second, [Change("2026-11-22", "c-1", "gone", "late", 3, "101")])
    assert read_candidates(project) == second
    assert [(one.change, one.went_to) for one in read_changes(project)] == [("new", ""), ("gone", "101")]


def test_an_older_version_hands_its_candidates_over(project):
    """Its members are taken over as settled, once."""
    with open_state(project) as connection:
        connection.execute("create table candidates (cluster_id text, call_id text, utterance_index integer)")
        connection.execute("insert into candidates values ('c-1', 'a', 0)")
    assert read_candidates(project).members == {("a", 0): Membership("c-1", "", "", True)}
    with sqlite3.connect(project.state / "callreasons.db") as connection:
        assert not connection.execute("select 1 from sqlite_master where name = 'candidates'").fetchone()


def test_a_name_of_an_older_version_has_no_other(project: Project) -> None:
    """It is taken over as the name in the members' main language."""
    with open_state(project) as connection:
        connection.execute("create table candidate_names (cluster_id text primary key, name text, named_by text)")
        connection.execute("insert into candidate_names values ('c-1', 'late', '3')")
    assert read_candidates(project).names == {"c-1": Named("late", "3")}


def later(work, days=1):
    """Run some days later."""
    return replace(work, now=NOW + timedelta(days=days))


def test_new_candidates_are_said_by_their_ids(project, monkeypatch):
    """On the first run none is newer than another; a reason that comes later is said, and marked."""
    first = run(make_work(project, monkeypatch, [*TEXTS, "coded"]))
    before = list_ids(project)
    assert not any("new" in note for note in first.notes)
    assert not any(project.store.read("clusters")["is_new"].to_pylist())
    second = run(later(make_work(project, monkeypatch, [*TEXTS, *LAMP, "coded"])))
    (added,) = list_ids(project) - before
    assert f"1 new: {added}" in second.notes
    marked = {row["cluster_id"] for row in project.store.read("clusters").to_pylist() if row["is_new"]}
    assert marked == {added}


def test_vanished_candidates_are_said(project, monkeypatch):
    """One whose calls a code took is said; its name stays in the table of changes, not in the log."""
    work = make_work(project, monkeypatch, [*TEXTS, *LAMP, "coded"])
    run(work)
    names = {row["cluster_id"]: row["name"] for row in project.store.read("clusters").to_pylist()}
    coded = [{"call_id": f"call{position}", "utterance_index": 0, "code": "7"} for position in (15, 16, 17, 18)]
    rows = make_table("call_reasons", coded)
    project.store.write("call_reasons", "f", rows, {row["call_id"]: "coded" for row in coded})
    outcome = run(later(work))
    (gone,) = names.keys() - list_ids(project)
    assert f"1 gone: {gone} (now 7)" in outcome.notes
    assert not any(names[gone] in note for note in outcome.notes)
    changes = [row for row in project.store.read("candidate_changes").to_pylist() if row["change"] == "gone"]
    assert [(row["cluster_id"], row["name"]) for row in changes] == [(gone, names[gone])]


def test_what_is_like_nothing_is_said(project, monkeypatch):
    """The share of utterances in no candidate stands in the run's notes."""
    outcome = run(make_work(project, monkeypatch, [*TEXTS, "zebras gallop westward", "coded"]))
    assert "1 of 16 utterances without a code are like no others (6%): in no candidate" in outcome.notes


def test_old_calls_keep_their_candidates(project, monkeypatch):
    """A tenth more calls move none of the old ones."""
    texts = [text for reason in REASONS.values() for text in (*reason, *(f"{one} now" for one in reason))]
    run(make_work(project, monkeypatch, [*texts, "coded"]))
    before = {member: place.cluster_id for member, place in read_candidates(project).members.items()}
    added = ["late parcel today", "invoice not sent", "what a strange thing"]
    outcome = run(later(make_work(project, monkeypatch, [*texts, *added, "coded"])))
    after = {member: place.cluster_id for member, place in read_candidates(project).members.items()}
    assert {member: after.get(member) for member in before} == before
    assert not any("from nothing" in note for note in outcome.notes)


def test_a_run_says_when_it_groups_from_nothing(project, monkeypatch):
    """--force, other settings and twice as many utterances do."""
    run(make_work(project, monkeypatch, [*TEXTS, "coded"]))
    forced = run(replace(make_work(project, monkeypatch, [*TEXTS, "coded"]), force=True))
    doubled = run(make_work(project, monkeypatch, [*TEXTS, *(f"{text} please" for text in TEXTS), "coded"]))
    assert any("--force" in note for note in forced.notes)
    assert any("twice as many" in note for note in doubled.notes)
    cluster = project.settings.cluster.model_copy(update={"min_calls": 2})
    changed = replace(project, settings=project.settings.model_copy(update={"cluster": cluster}))
    work = replace(make_work(changed, monkeypatch, [*TEXTS, "coded"]), fingerprint="f2")
    assert any("settings" in note for note in run(work).notes)


@pytest.mark.parametrize(("n_clusters", "is_grouped_anew"), [(3, True), (0, False)])
def test_another_way_of_joining_groups_anew_where_the_number_is_given(
    n_clusters: int, is_grouped_anew: bool, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is found, candidates stay as they are."""
    cluster = project.settings.cluster.model_copy(update={"n_clusters": n_clusters})
    same = replace(project, settings=project.settings.model_copy(update={"cluster": cluster}))
    run(make_work(same, monkeypatch, [*TEXTS, "coded"]))
    monkeypatch.setattr("pipeline.cluster.JOINING_VERSION", 99)
    notes = run(make_work(same, monkeypatch, [*TEXTS, "late parcel today", "coded"])).notes
    assert any("from nothing" in note for note in notes) == is_grouped_anew


def test_names_stay(project, monkeypatch):
    """A candidate that lives on keeps its name while more calls come."""
    run(make_work(project, monkeypatch, [*TEXTS, "coded"]))
    before = read_candidates(project).names
    run(make_work(project, monkeypatch, [*TEXTS, "invoice for the third time", "coded"]))
    assert read_candidates(project).names == before


def test_those_who_speak_another_language_name_a_candidate_too(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once two of them are in it; the name that most gave it stays."""
    chinese = ["parcel late 包裹还没有到"]
    run(make_work(project, monkeypatch, [*TEXTS, *chinese, "coded"]))
    before = {row["cluster_id"]: row for row in project.store.read("clusters").to_pylist()}
    assert not any(row["other_name"] for row in before.values())
    run(later(make_work(project, monkeypatch, [*TEXTS, *chinese, "parcel late 包裹还没有来", "coded"])))
    after = {row["cluster_id"]: row for row in project.store.read("clusters").to_pylist()}
    assert {one: row["name"] for one, row in after.items()} == {one: row["name"] for one, row in before.items()}
    assert ["包裹" in row["other_name"] for row in after.values() if row["other_name"]] == [True]


def test_a_rebuilt_store_is_the_same(project, monkeypatch):
    """State knows the candidates; the tables come back as they were."""
    run(make_work(project, monkeypatch, [*TEXTS, "coded"]))
    run(later(make_work(project, monkeypatch, [*TEXTS, *LAMP, "coded"])))
    tables = ("clusters", "sub_clusters", "cluster_members", "candidate_changes")
    before = {name: project.store.read(name).to_pylist() for name in tables}
    for name in ("clusters", "cluster_members"):
        project.store.set_current(name, [])
    run(later(make_work(project, monkeypatch, [*TEXTS, *LAMP, "coded"]), days=2))
    assert {name: project.store.read(name).to_pylist() for name in tables} == before
