"""Evaluate: every judgement measured beside its baselines, on invented data here, on the real data where it lies."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from invented_eval import write_invented
from toy_encoder import ToyEncoder

from pipeline.config import Project, Settings
from pipeline.errors import MissingExtraError, SettingsError
from pipeline.evaluate import TRIALS, Bench, Effort, choose_trials, evaluate, measure
from pipeline.evaluate.baselines import INSTALL, fit_logistic, group_by_kmeans, import_extra
from pipeline.evaluate.bench import Beside, Interval, Measured, RememberingEncoder
from pipeline.evaluate.marked import CALLS
from pipeline.evaluate.scores import (
    find_intervals,
    number_values,
    score_groups,
    score_labels,
    score_ranking,
    score_refusal,
)
from pipeline.evaluate.showing import list_lines, show_intervals

REPOSITORY = Path(__file__).parent.parent
TINY = Effort(n_resamples=20, n_draws=2, n_turns=9, n_taught=12)
OPTIONAL = ("our embeddings, BERTopic", "VADER", "SnowNLP")


@pytest.fixture(scope="module")
def bench(tmp_path_factory) -> Bench:
    """Invented data and an encoder that knows nothing but words."""
    folder = tmp_path_factory.mktemp("eval")
    project = Project(folder, Settings())
    return Bench(write_invented(folder / "data"), project, TINY, load=lambda texts, project, kind: ToyEncoder())


@pytest.mark.parametrize("trial", [one for one in TRIALS if CALLS not in one.files], ids=lambda one: one.name)
def test_every_row_is_measured_beside_its_baselines(bench, trial):
    """Ours and each baseline get the same measures, and every difference lies within its interval's reach."""
    needed = {name: one for name, one in trial.baselines.items() if name not in OPTIONAL}
    measured = measure(replace(trial, baselines=needed), bench)
    assert measured.figures
    assert not measured.skipped
    assert measured.peak_mb > 0
    assert all(0 <= value <= 100 for value in measured.figures.values())
    for beside in measured.baselines.values():
        assert set(beside.intervals) == set(measured.figures) == set(beside.figures)
        for name, interval in beside.intervals.items():
            assert interval.difference == pytest.approx(measured.figures[name] - beside.figures[name])
            assert interval.low <= interval.high


def test_a_row_without_its_data_is_skipped(bench, tmp_path):
    """The line names the file that is absent."""
    measured = measure(TRIALS[0], replace(bench, data=tmp_path))
    assert TRIALS[0].files[0] in measured.skipped
    assert "skipped" in next(list_lines(measured))[2]


def test_a_baseline_that_is_not_installed_says_how(bench, monkeypatch):
    """Our own figures are measured all the same."""
    monkeypatch.setitem(sys.modules, "bertopic", None)
    measured = measure(choose_trials(["shop"])[0], bench)
    assert measured.baselines["our embeddings, BERTopic"].remark == INSTALL
    assert measured.figures["ACC"] > 0
    with pytest.raises(MissingExtraError, match="pip install"):
        import_extra("bertopic")


def test_bertopic_leaves_a_label_for_each_text(bench):
    """The baseline runs where it is installed."""
    pytest.importorskip("bertopic", reason=INSTALL)
    trial = choose_trials(["shop"])[0]
    named = {"our embeddings, BERTopic": trial.baselines["our embeddings, BERTopic"]}
    beside = measure(replace(trial, baselines=named), bench).baselines["our embeddings, BERTopic"]
    assert set(beside.figures) == {"ACC", "NMI", "ARI", "F1"}
    assert "noise" in beside.remark


@pytest.mark.parametrize(("name", "lexicon"), [("feeling-en", "VADER"), ("feeling-zh", "SnowNLP")])
def test_lexicons_judge_plain_feelings(bench, name, lexicon):
    """Both lexicons know a plain insult from plain praise."""
    pytest.importorskip({"VADER": "vaderSentiment", "SnowNLP": "snownlp"}[lexicon], reason=INSTALL)
    assert measure(choose_trials([name])[0], bench).baselines[lexicon].figures["accuracy"] == 100


def test_rows_are_chosen_by_name_or_stage():
    """A stage stands for its rows; an unknown name is refused with those there are."""
    assert [trial.name for trial in choose_trials(["shop", "sentiment"])] == ["shop", "feeling-en", "feeling-zh"]
    assert choose_trials([]) == list(TRIALS)
    with pytest.raises(SettingsError, match="no row 'nothing'"):
        choose_trials(["nothing"])


def test_names_of_rows_are_unique():
    """No row hides another, and none is named like a stage."""
    names = [trial.name for trial in TRIALS]
    assert len(set(names)) == len(names)
    assert not set(names) & {trial.stage for trial in TRIALS if trial.stage != trial.name}


def test_groups_are_scored_by_hand():
    """Five rows of two reasons in three groups: worked out on paper."""
    figures = score_groups(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 2, 2]))
    assert (figures["ACC"], figures["P"], figures["R"]) == (80, 100, 80)
    assert figures["F1"] == pytest.approx(100 * 2 * 0.8 / 1.8)


def test_a_renamed_clustering_scores_the_same():
    """Only who stands with whom counts."""
    reference, predicted = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 1, 2])
    assert score_groups(reference, predicted) == pytest.approx(score_groups(reference, np.array([2, 0, 0, 0, 1])))


def test_precision_is_taken_where_enough_are_found():
    """With recall at 1 the last positive decides."""
    is_positive, scores = np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.1])
    assert score_ranking(is_positive, scores, 1.0)["precision"] == pytest.approx(200 / 3)
    assert score_ranking(is_positive, scores, 0.5)["precision"] == 100


def test_refusal_counts_what_it_costs():
    """One of two right codes lost is 50 points; half of the foreign refused; one threshold could refuse all of them."""
    figures = score_refusal(
        np.array([True, True, False, False]),
        np.array([True, False, False, True]),
        np.array([0.9, 0.8, 0.2, 0.3]),
        np.array([False, False, True, True]),
        0.02,
    )
    assert figures == {"right": 100, "refused": 50, "cost": 50, "best refusal": 100}


def test_a_difference_comes_with_an_interval_around_it():
    """The same seed gives the same interval; a tie gives none."""
    right, wrong = np.ones(50), np.arange(50) % 2
    found = find_intervals(lambda at: {"x": right[at].mean()}, lambda at: {"x": wrong[at].mean()}, [50], 200)["x"]
    assert found.difference == 0.5
    assert 0.2 < found.low < 0.5 < found.high < 0.8
    same = find_intervals(lambda at: {"x": right[at].mean()}, lambda at: {"x": right[at].mean()}, [50], 20)["x"]
    assert same == Interval(0.0, 0.0, 0.0)


def test_texts_are_embedded_once():
    """A remembered text does not reach the encoder again."""
    asked: list[str] = []

    class Counting(ToyEncoder):
        def encode(self, texts):
            asked.extend(texts)
            return super().encode(texts)

    encoder = RememberingEncoder(Counting())
    twice = np.concatenate([encoder.encode(["a", "b"]), encoder.encode(["b", "c"])])
    assert asked == ["a", "b", "c"]
    assert np.array_equal(twice, ToyEncoder().encode(["a", "b", "b", "c"]))


def test_baselines_learn_what_is_plain():
    """Two clouds far apart are told by k-means and by logistic regression."""
    rows = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
    rows[20:] += 10
    names = ["a"] * 20 + ["b"] * 20
    assert score_groups(number_values(names), group_by_kmeans(rows, 2))["ACC"] == 100
    assert list(fit_logistic(rows, names).predict(rows)) == names


def test_a_line_for_ours_and_one_for_each_baseline():
    """The table shows figures, differences and how to install what is missing."""
    measured = Measured(
        "x", "same reason?", "ACC ≥ 68", {"ACC": 70.0}, "3 groups", 12.3, 512.0,
        {"k-means": Beside({"ACC": 60.0}, {"ACC": Interval(10.0, 8.0, 12.0)}), "BERTopic": Beside(remark=INSTALL)},
    )  # fmt: skip
    ours, beside, missing = list_lines(measured)
    assert ours == ("same reason?", "**ours**", "ACC 70.0; 3 groups", "", "ACC ≥ 68", "12", "512")
    assert beside[1:4] == ("k-means", "ACC 60.0", "ACC +10.0 [+8.0, +12.0]")
    assert missing[2] == INSTALL
    assert show_intervals({}) == ""


def test_without_data_one_line_says_so(tmp_path):
    """The command ends well: a fresh machine has no evaluation data."""
    done = _evaluate(tmp_path, {})
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert "CALLREASONS_EVAL" in done.stdout


def test_rows_come_as_json_lines(tmp_path):
    """A row whose data is absent is an object too, and the command needs no project."""
    done = _evaluate(tmp_path, {"CALLREASONS_EVAL": str(tmp_path)}, "cluster", "--json", "--quick")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["trial"] for row in rows] == [trial.name for trial in choose_trials(["cluster"])]
    assert all(row["skipped"] for row in rows)


@pytest.mark.model
def test_a_row_is_measured_in_a_process_of_its_own(bench, tmp_path):
    """The command prints a Markdown line with seconds and memory."""
    done = _evaluate(tmp_path, {"CALLREASONS_EVAL": str(bench.data)}, "feeling-zh", "--quick", "--no-baselines")
    cells = done.stdout.splitlines()[-1].split(" | ")
    assert "Chinese reviews" in cells[0], done.stderr
    assert (cells[1], float(cells[-2]) > 0) == ("**ours**", True)


def _evaluate(folder, environment, *arguments):
    known = {name: value for name, value in os.environ.items() if name != "CALLREASONS_EVAL"}
    command = [sys.executable, "-m", "pipeline.cli", "evaluate", *arguments]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=folder,
        env={**known, "PYTHONPATH": str(REPOSITORY), **environment},
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["cluster", "label"])
def test_scores_agree_with_the_published_scorer(eval_folder, tmp_path, kind):
    """Where the data's own scorer lies, ours gives the same figures."""
    rng = np.random.default_rng(3)
    reference, predicted = rng.integers(0, 7, 200), rng.integers(-1, 9, 200)
    for name, column, values in (("r", "label", reference), ("p", _column(kind), predicted)):
        with (tmp_path / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([[column], *([value] for value in values.tolist())])
    command = [sys.executable, str(eval_folder / "score.py"), kind, tmp_path / "r.csv", tmp_path / "p.csv"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    published = dict(zip(told[::2], map(float, told[1::2]), strict=True))
    if kind == "cluster":
        ours = score_groups(number_values(reference.tolist()), number_values(predicted.tolist()))
        assert {name: round(ours[name], 1) for name in ours} == {name: published[name] for name in ours}
    else:
        labels = number_values([*reference.tolist(), *predicted.tolist()])
        figures = score_labels(labels[:200], labels[200:])
        assert [round(one, 1) for one in figures.values()] == [published["ACC"], published["MACRO_F1"]]


def _column(kind):
    return "cluster_id" if kind == "cluster" else "label"


@pytest.mark.model
def test_a_shops_messages_are_grouped_no_worse_than_by_kmeans(eval_folder, tmp_path):
    """On the real data and encoder, our grouping is not worse than k-means on the untouched one."""
    bench = Bench(eval_folder, Project(tmp_path, Settings()), replace(TINY, n_resamples=50))
    trial = choose_trials(["shop-given"])[0]
    name = "untouched encoder, k-means, number given"
    measured = measure(replace(trial, baselines={name: trial.baselines[name]}), bench)
    assert measured.baselines[name].intervals["ACC"].high > 0, measured.figures


def test_evaluate_yields_in_the_order_of_the_table(bench, tmp_path):
    """Rows come in the table's order whatever order they are named in."""
    told = Bench(tmp_path, bench.project, TINY)
    names = [one.trial for one in evaluate(["feeling-zh", "shop"], told)]
    assert names == ["shop", "feeling-zh"]
