"""Table: a round's score as the rows of `audited_reasons`, made again when answers, codes or counts changed.

Both `audit score` and the stage measure bring it up to date; without an audit there is no such table.

Errors: MissingTableError when measure has not run.
"""

import json

from pipeline.audit.answers import find_scored_round, list_answers
from pipeline.audit.intervals import Range
from pipeline.audit.scoring import Agreement, LabelScore, Score, find_score
from pipeline.config import Project
from pipeline.tables import NO_CODES, Store, hash_text, make_table
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, read_taxonomy
from pipeline.words import LANGUAGES, read_words

TABLE = "audited_reasons"
VERSION = 2  # raised when the same answers come to other estimates
TOTAL, OWNER = "total", "owner"


def sync_audited(project: Project) -> None:
    """Bring `audited_reasons` up to date with answers and counts; without an audit there is no such table."""
    store = project.store
    drawn = find_scored_round(project)
    if drawn is None:
        if store.has(TABLE):
            store.set_current(TABLE, [])
        return
    taxonomy = read_taxonomy(project.taxonomy / TAXONOMY_FILE)
    answers = [repr(one) for one in list_answers(project, drawn)]
    made_from = [VERSION, drawn.round_id, answers, store.current("reason_calls"), taxonomy.fingerprint]
    fingerprint = hash_text(json.dumps(made_from))
    if store.current(TABLE) != [fingerprint]:
        score = find_score(project, drawn)
        rows = list_rows(score, taxonomy, project.settings.project.currency) if score else []
        store.write_whole(TABLE, fingerprint, make_table(TABLE, rows))


def read_agreement(store: Store) -> float | None:
    """Read how well people agreed beyond chance in the last audit, up to 1: Cohen's kappa, else Krippendorff's alpha.

    None without an audit, and where no call was answered twice.
    """
    rows = store.read(TABLE).to_pylist() if store.has(TABLE) else []
    total: dict[str, float | None] = next((row for row in rows if row["reason_kind"] == TOTAL), {})
    kappa = total.get("kappa")
    return total.get("alpha") if kappa is None else kappa


def list_rows(score: Score, taxonomy: Taxonomy, currency: str) -> list[dict[str, object]]:
    """List a score as rows of `audited_reasons`: every label, every owner, then the total."""
    common = {
        "round_id": score.drawn.round_id,
        "first_day": score.drawn.first_day,
        "last_day": score.drawn.last_day,
        "currency": currency,
    }
    total = {
        "reason_kind": TOTAL,
        "reason_id": "all",
        "n_counted": score.n_calls,
        "n_calls": float(score.n_calls),
        "n_audited": score.n_answered,
        "n_right": score.n_right,
        **_spread("precision_ratio", score.right),
        **_describe_agreement(score.agreement),
    }
    labels = [_make_row(one, score) | _name(one.label, taxonomy) for one in score.labels]
    owners = [_make_row(one, score) | {"reason_kind": OWNER} for one in score.owners]
    return [row | common for row in (*labels, *owners, total)]


def _make_row(one: LabelScore, score: Score) -> dict[str, object]:
    estimate = one.estimate
    share = None if one.label == "not_heard" or not score.n_heard else estimate.n_calls.times(1 / score.n_heard)
    return {
        "reason_id": one.label,
        **{f"name_{language}": one.label for language in LANGUAGES},
        "n_counted": one.n_counted,
        "cost_counted": one.cost_counted,
        "n_audited": one.n_audited,
        "n_right": one.n_right,
        **_spread("n_calls", estimate.n_calls),
        **_spread("share_ratio", share),
        **_spread("cost", estimate.cost),
        **_spread("precision_ratio", estimate.precision),
        **_spread("recall_ratio", estimate.recall),
        **_describe_agreement(one.agreement),
    }


def _spread(name: str, found: Range | None) -> dict[str, object]:
    if found is None:
        return {}
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def _describe_agreement(one: Agreement) -> dict[str, object]:
    return {"n_twice": one.n_twice, **_spread("kappa", one.kappa), **_spread("alpha", one.alpha)}


def _name(label: str, taxonomy: Taxonomy) -> dict[str, object]:
    if label in NO_CODES:
        names = {f"name_{language}": read_words(language)(f"no_code.{label}") for language in LANGUAGES}
        return {"reason_kind": "no_code", **names}
    code = taxonomy.find_code(label)
    return {"reason_kind": "code", **({f"name_{one}": code.name(one) for one in LANGUAGES} if code else {})}
