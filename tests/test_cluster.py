"""Cluster: groups, their names and their lasting ids."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from conftest import NOW, SilentProgress
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from toy_encoder import ToyEncoder

from pipeline.candidates import read_candidates
from pipeline.cluster import cluster_texts, joining, match_candidates, run
from pipeline.cluster.grouping import (
    absorb_small,
    draw_together,
    group_sentences,
    make_features,
    measure_silhouette,
)
from pipeline.cluster.joining import SOFTENED, WARD, Labels, _join_softly, choose_power, join_groups
from pipeline.cluster.naming import Members, find_other_name, name_clusters, name_for_others, name_parts, trim_clause
from pipeline.cluster.noise import drop_noise
from pipeline.config import ClusterSettings, Project
from pipeline.evidence import Floats, normalize_rows
from pipeline.tables import make_table
from pipeline.work import Work

REASONS = {
    "late": ["my parcel is late", "the parcel came late", "parcel late again", "why is my parcel late", "late parcel"],
    "invoice": [
        "send me an invoice",
        "please send the invoice",
        "send invoice",
        "invoice to send",
        "invoice send",
    ],
    "password": [
        "reset my password",
        "password reset",
        "reset the password",
        "a password reset please",
        "reset password",
    ],
}
TEXTS = [text for texts in REASONS.values() for text in texts]
SETTINGS = ClusterSettings()


def cluster(texts, **options):
    """Cluster with the toy encoder."""
    return cluster_texts(texts, ToyEncoder().encode(texts), SETTINGS, **options)


def test_the_number_of_reasons_is_found():
    """Three reasons make three groups, each of one reason."""
    labels = cluster(TEXTS).labels.tolist()
    assert sorted(set(labels)) == [0, 1, 2]
    assert all(len(set(labels[at : at + 5])) == 1 for at in (0, 5, 10))


def test_a_reason_that_most_give_stays_whole():
    """Sizes as they are: forty of one reason are not cut in two to make room for the rare ones."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(5, 32))
    sizes = [40, 20, 6, 6, 6]
    rows = np.repeat(centres, sizes, axis=0) + 0.5 * rng.normal(size=(sum(sizes), 32))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    labels = group_sentences(make_features(["said"] * len(rows), rows), n_clusters=5, seed=0)
    assert len(set(labels[:40].tolist())) == 1


def draw_reasons(sizes: list[int], spread: float, seed: int = 0) -> Floats:
    """Make sentences of unrelated reasons, so many of each."""
    rng = np.random.default_rng(seed)
    rows = np.repeat(rng.normal(size=(len(sizes), 24)), sizes, axis=0)
    return normalize_rows((rows + spread * rng.normal(size=rows.shape)).astype(np.float32))


def test_sizes_count_fully_in_wards_method() -> None:
    """Joined one by one with the whole weight of sizes, groups are those of scipy's Ward."""
    rows = draw_reasons([30, 20, 10, 5, 5], 1.0)
    ours = _join_softly(rows, np.ones(len(rows), np.int64), 7, WARD)
    assert adjusted_rand_score(ours, *join_groups(rows, 7, [WARD])) == 1.0


def test_softened_joining_of_many_begins_with_wards_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """What they hold counts as if they had been joined one by one."""
    rows = draw_reasons([60, 30, 12, 6, 6], 0.5)
    (at_once,) = join_groups(rows, 5, [SOFTENED])
    monkeypatch.setattr(joining, "MIN_FINE", 20)
    assert adjusted_rand_score(*join_groups(rows, 5, [SOFTENED]), at_once) == 1.0


@pytest.mark.parametrize("power", [WARD, SOFTENED])
def test_joining_leaves_so_many_groups(power: float) -> None:
    """Asked for n groups it leaves n, whatever sizes count for."""
    rows = draw_reasons([30, 20, 10, 5, 5], 1.0)
    assert all(set(join_groups(rows, n, [power])[0].tolist()) == set(range(n)) for n in (1, 2, 9, len(rows)))


@pytest.mark.parametrize(("sizes", "expected"), [([240, 30, 12, 12, 12, 12], SOFTENED), ([40] * 12, WARD)])
def test_joining_is_chosen_by_what_both_halves_show(sizes: list[int], expected: float) -> None:
    """A reason that most give calls for softened joining, reasons that are equally common for Ward's."""
    rows = draw_reasons(sizes, 1.4)
    assert choose_power(rows, len(sizes), join_groups, seed=0) == expected
    ward, softened = join_groups(draw_together(rows, len(sizes)), len(sizes), [WARD, SOFTENED])
    labels = group_sentences(rows, n_clusters=len(sizes), seed=0)
    assert adjusted_rand_score(ward, softened) < 1.0
    assert adjusted_rand_score(labels, ward if expected == WARD else softened) == 1.0


@pytest.mark.parametrize(("n_mistaken", "expected"), [(200, SOFTENED), (1, WARD)])
def test_a_small_lead_is_no_reason_to_soften(n_mistaken: int, expected: float) -> None:
    """Where both ways agree as well but for a sentence, Ward's is taken."""
    rows = draw_reasons([100, 100, 100, 100], 0.1)
    asked = {row.tobytes(): at for at, row in enumerate(rows)}

    def join(some: Floats, n_clusters: int, powers: Sequence[float]) -> list[Labels]:
        """Group as it is, but for the sentences that Ward's method mistakes."""
        own = np.array([asked[row.tobytes()] // 100 for row in some])
        mistaken = np.array([asked[row.tobytes()] < n_mistaken for row in some])
        return [np.where(mistaken & (power == WARD), np.arange(len(some)) % n_clusters, own) for power in powers]

    assert choose_power(rows, 4, join, seed=0) == expected


def test_few_sentences_are_joined_by_wards_method() -> None:
    """Halves of fewer than two sentences a group show nothing."""
    rows = draw_reasons([12, 2, 2], 1.4)
    assert choose_power(rows, 5, join_groups, seed=0) == WARD


@pytest.mark.parametrize("n_clusters", [1, 2, 5, 15])
def test_a_number_that_is_given_is_kept(n_clusters):
    """With a number nothing is noise."""
    assert set(cluster(TEXTS, n_clusters=n_clusters).labels.tolist()) == set(range(n_clusters))


def test_a_number_is_kept_of_three_sentences() -> None:
    """Few sentences are one group only where nobody asked for more."""
    rows = np.eye(3, 8, dtype=np.float32)[[0, 0, 1]]
    assert group_sentences(rows, n_clusters=2, seed=0).tolist() in ([0, 0, 1], [1, 1, 0])
    assert group_sentences(rows, n_clusters=0, seed=0).tolist() == [0, 0, 0]


def test_small_groups_are_drawn_towards_few_neighbours():
    """Where six sentences make a group, those of a reason close by do not pull at it."""
    rng = np.random.default_rng(0)
    centres = np.eye(160)
    centres[1::2] += 1.5 * centres[::2]
    rows = np.repeat(centres, 6, axis=0) + 0.02 * rng.normal(size=(960, 160))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    usual, few = draw_together(rows), draw_together(rows, n_groups=160)
    assert few[0] @ few[6] == pytest.approx(rows[0] @ rows[6], abs=0.05)
    assert usual[0] @ usual[6] > few[0] @ few[6] + 0.1


def test_groups_too_small_to_count_join_the_nearest():
    """A pair joins the group beside it; where only one group is large nothing is joined."""
    rows = np.eye(3, dtype=np.float32)[[0, 0, 0, 1, 1, 1, 1]]
    assert absorb_small(rows, np.array([0, 0, 0, 1, 1, 1, 2]), 3).tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert absorb_small(rows, np.array([0, 0, 0, 1, 1, 2, 2]), 3).tolist() == [0, 0, 0, 1, 1, 2, 2]


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(len(TEXTS))))
def test_the_order_of_the_rows_does_not_matter(order):
    """A permutation of the input permutes the output."""
    before, after = cluster(TEXTS), cluster([TEXTS[position] for position in order])
    assert after.labels.tolist() == [before.labels[position] for position in order]
    assert after.names == before.names


@pytest.mark.parametrize("texts", [[], ["one thing"], ["one thing", "one thing"], [""] * 6])
def test_little_or_nothing_to_group_is_no_error(texts):
    """A label for every text, a name for every group."""
    clustering = cluster(texts)
    assert len(clustering.labels) == len(texts)
    assert clustering.names.keys() == set(clustering.labels.tolist()) - {-1}


def test_what_is_like_nothing_is_noise():
    """A single odd sentence is in no group."""
    labels = cluster([*TEXTS, "zebras gallop westward"]).labels
    assert labels[-1] == -1
    assert (labels[:-1] >= 0).all()


def test_a_name_is_what_members_say():
    """Greetings are gone, verb and object are kept."""
    names = set(cluster(TEXTS).names.values())
    assert len(names) == 3
    assert any("late" in name for name in names)


@pytest.mark.parametrize(
    ("said", "language", "name"),
    [
        ("Hello, I'm calling because my parcel never arrived.", "en", "my parcel never arrived"),
        ("can you please help me to cancel my order, thanks", "en", "cancel my order"),
        ("no internet connection", "en", "no internet connection"),
        ("Joe, I need to pay my bill", "en", "pay my bill"),
        ("-to report an accident", "en", "report an accident"),
        ("Great. Can I go ahead and cancel it", "en", "cancel it"),
        ("I actually need to change my plan", "en", "change my plan"),
        ("I have to reset my password", "en", "reset my password"),
        ("I could not log in", "en", "I could not log in"),
        ("你好，我想问一下快递为什么还没到啊", "zh", "快递为什么还没到"),
        ("问题很多", "zh", "问题很多"),
        ("对账单不对", "zh", "对账单不对"),
        ("在吗？我的会员积分少了八百多", "zh", "我的会员积分少了八百多"),
        ("亲，有人在吗，快递还没到", "zh", "快递还没到"),
        ("有人在家才能送货", "zh", "有人在家才能送货"),
        ("师傅，在不在 空调坏了", "zh", "空调坏了"),
        ("老师在线吗，课上不了", "zh", "课上不了"),
        ("客服打了三次都没人接", "zh", "客服打了三次都没人接"),
        ("客服 态度很差", "zh", "客服 态度很差"),
        ("喂，你好", "zh", ""),
    ],
)
def test_a_name_is_freed_of_ways_of_asking(said, language, name):
    """Negation, time, verb and object stay."""
    assert trim_clause(said, language) == name


@pytest.mark.parametrize(
    ("before", "now", "kept"),
    [
        ({"c-1": {"a", "b", "c", "d"}}, {0: {"a", "b", "x"}, 1: {"c", "y"}}, {0: "c-1"}),
        ({"c-1": {"a", "b", "c"}}, {0: {"a", "x"}, 1: {"y"}}, {}),
        ({"c-1": {"a", "b"}, "c-2": {"c"}}, {0: {"a", "b", "c"}}, {0: "c-1"}),
        ({"c-1": {"a", "b"}}, {0: {"a"}, 1: {"b", "x"}}, {1: "c-1"}),
    ],
)
def test_a_candidate_lives_on_where_half_of_its_calls_are(before, now, kept):
    """Others are new, and no two clusters share an id."""
    old = {name: {(call, 0) for call in calls} for name, calls in before.items()}
    ids = match_candidates(old, {label: {(call, 0) for call in calls} for label, calls in now.items()})
    assert {label: name for label, name in ids.items() if name in before} == kept
    assert len(set(ids.values())) == len(now)


def test_silhouette_of_clean_groups_is_one():
    """Opposite groups are as far apart as can be; one group of all is not."""
    rows = np.array([[1, 0], [1, 0], [-1, 0], [-1, 0]], np.float32)
    assert measure_silhouette(rows, np.array([0, 0, 1, 1])) == pytest.approx(1.0)
    assert measure_silhouette(rows, np.array([0, 1, 0, 1])) < 0


def make_work(project: Project, monkeypatch, texts) -> Work:
    """Tell the stage to run on one uncoded utterance a call, and one coded call."""
    monkeypatch.setattr("pipeline.cluster.make_reason_encoder", lambda project: ToyEncoder())
    spoken = [
        {"call_id": f"call{position:02}", "utterance_index": 0, "text": text} for position, text in enumerate(texts)
    ]
    reasons = [row | {"no_code": "none_of_these"} for row in spoken[:-1]] + [spoken[-1] | {"code": "1"}]
    for name, rows in (("turns", []), ("reason_utterances", spoken), ("call_reasons", reasons)):
        project.store.write(name, "f", make_table(name, rows), {row["call_id"]: "h" for row in rows})
        project.store.set_current(name, ["f"])
    return Work(project, "cluster", "f1", SilentProgress(), NOW)


def list_ids(project: Project) -> set[str]:
    """List the candidates there are."""
    return {place.cluster_id for place in read_candidates(project).members.values()} - {""}


def test_rows_in_are_members_and_noise_out(project, monkeypatch):
    """Each uncoded utterance is in one cluster or is dropped with a reason."""
    run(make_work(project, monkeypatch, [*TEXTS, "zebras gallop westward", "this one has a code"]))
    members = project.store.read("cluster_members").to_pylist()
    dropped = project.store.read("dropped").to_pylist()
    assert len(members) + len(dropped) == len(TEXTS) + 1
    assert [(row["stage"], row["call_id"], row["reason"]) for row in dropped] == [("cluster", "call15", "noise")]
    assert {row["cluster_id"] for row in members} == set(project.store.read("clusters")["cluster_id"].to_pylist())


def test_candidates_keep_their_ids(project, monkeypatch):
    """The next run does nothing; one more call changes no candidate's id."""
    work = make_work(project, monkeypatch, [*TEXTS, "coded"])
    assert run(work).n_done == len(TEXTS)
    before = list_ids(project)
    assert run(work).n_done == 0
    run(make_work(project, monkeypatch, [*TEXTS, "the parcel is so late", "coded"]))
    assert list_ids(project) == before


def test_a_run_names_the_pairs_that_share_a_candidate(project, monkeypatch):
    """Members are judged by what the pairs teach; a second run judges nothing and says the same."""
    work = make_work(project, monkeypatch, [*TEXTS, "coded"])
    run(work)
    members = project.store.read("cluster_members").to_pylist()
    largest = Counter(row["cluster_id"] for row in members).most_common(1)[0][0]
    said = {row["call_id"]: TEXTS[int(row["call_id"][4:])] for row in members if row["cluster_id"] == largest}
    texts = sorted(said.values())
    sides = ", ".join(f"{side}: {{reason: {side}, examples: {texts[at::2]}}}" for at, side in enumerate("ab"))
    project.taxonomy.mkdir()
    (project.taxonomy / "near_pairs.yaml").write_text(f"pairs: [{{name: one or other, {sides}}}]", "utf-8")
    assert run(work).warnings == (f"near pairs that share a candidate: one or other ({largest})",)
    monkeypatch.setattr("pipeline.cluster.mixing.fit_assigner", None)
    assert run(work).warnings == (f"near pairs that share a candidate: one or other ({largest})",)


def test_nothing_uncoded_leaves_empty_tables(project, monkeypatch):
    """A taxonomy that takes everything is no error."""
    run(make_work(project, monkeypatch, ["coded"]))
    assert project.store.read("clusters").num_rows == project.store.read("cluster_members").num_rows == 0


def test_a_long_chinese_clause_is_named_by_a_part_of_it() -> None:
    """A transcriber's commas part what is said; one part of it makes the name."""
    texts = (
        "我打开你们的应用,护照照片太模糊,试了好多遍还是不行",
        "护照照片太模糊,上传了一个晚上也没有成功,真的很烦",
    )
    assert name_clusters({0: Members(texts, (0.9, 0.8))}) == {0: "护照照片太模糊"}


def test_a_number_is_not_cut_at_its_comma() -> None:
    """The comma in 1,000 parts no two things said."""
    assert name_clusters({0: Members(("话费充值了1,000块没到账",), (0.9,))}) == {0: "话费充值了1,000块没到账"}


def test_a_name_may_come_from_the_other_language() -> None:
    """Where no member of the main language says it in few words, another member's words stand, and no word is cut."""
    texts = ("I cannot upload my passport photo", "这" * 40, "那" * 40)
    assert name_clusters({0: Members(texts, (0.9, 0.8, 0.7))}) == {0: "I cannot upload my passport photo"}


def test_a_cluster_of_two_languages_is_named_in_each() -> None:
    """The fewer name it in their own words where there are two of them; one alone names nothing."""
    chinese = ("护照照片上传不了", "护照照片太模糊", "护照的照片传不上去")
    english = ("I cannot upload my passport photo", "my passport photo does not upload")
    both = Members((*chinese, *english), (0.9, 0.9, 0.8, 0.8, 0.7))
    one = Members((*chinese, english[0]), (0.9, 0.9, 0.8, 0.8))
    assert name_for_others({0: both, 1: one}) == {0: "I cannot upload my passport photo"}


@pytest.mark.parametrize(
    ("name", "others", "other"),
    [
        ("一直没送到", ["It never arrived"], "It never arrived"),
        ("一直没送到", ["快递没到", "It never arrived"], "It never arrived"),  # most speak English by now
        ("Reset the app", ["Reset it"], ""),  # nobody of the many said it in few words
        ("It never arrived", [""], ""),
    ],
)
def test_the_other_name_is_in_the_other_language(name: str, others: list[str], other: str) -> None:
    """Whichever language most members speak, two names of one candidate are never in the same."""
    assert find_other_name(name, *others) == other


def test_a_name_says_what_it_is_about() -> None:
    """Half a sentence, empty words and a finger pointed at something said before make no name."""
    texts = ("let's just go ahead and do it now", "pay that", "if I pay the bill", "pay the water bill now please")
    assert name_clusters({0: Members(texts, (0.9, 0.9, 0.9, 0.8))}) == {0: "Pay the water bill now"}


def test_a_part_is_named_by_what_sets_it_apart() -> None:
    """What all parts of a cluster say is in none of their names alone."""
    parts = {
        0: Members(("the courier never rang the bell", "the parcel is late", "courier did not ring"), (0.8, 0.9, 0.7)),
        1: Members(("the parcel is late", "it is stuck at customs", "customs holds the parcel"), (0.9, 0.8, 0.7)),
    }
    names = name_parts("The parcel is late", parts)
    assert "ourier" in names[0]
    assert "ustoms" in names[1]


def test_what_is_left_over_is_no_group():
    """Three that are like nothing, not even each other, are noise beside tight groups; a tight group of three stays."""
    rng = np.random.default_rng(1)
    centres = np.repeat(rng.normal(size=(4, 64)), [6, 6, 6, 3], axis=0)
    rows = np.vstack([centres + 0.3 * rng.normal(size=centres.shape), rng.normal(size=(3, 64))])
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    labels = np.repeat(np.arange(5), [6, 6, 6, 3, 3])
    assert drop_noise(rows, labels, 3).tolist() == [*labels[:-3].tolist(), -1, -1, -1]
