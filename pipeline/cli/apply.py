"""`callreasons apply`: one stage's core on any file of texts, row for row.

Needs no project; in a project's folder its settings and example sentences count.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from pipeline.config import SETTINGS_FILE, Project, Settings, read_project
from pipeline.encoders import Encoder, choose_encoder, load_encoder, load_reason_encoder
from pipeline.errors import InputError
from pipeline.rows import Row, read_rows, write_rows

app = typer.Typer(help="Use one stage's core on any file: CSV, JSON lines or Parquet by suffix.", no_args_is_help=True)

InputArgument = Annotated[Path, typer.Argument(metavar="INPUT", help="File with a column `text`.")]
OutputArgument = Annotated[Path, typer.Argument(metavar="OUTPUT", help="File to write; same rows, same order.")]
EncoderOption = Annotated[
    str, typer.Option(help="Encoder; else the English one when no row has a Chinese character.", metavar="NAME")
]
ProjectOption = Annotated[
    Path, typer.Option("--project", help="Folder whose settings and examples count, if it has any.", metavar="DIR")
]


@app.command("redact")
def apply_redact(source: InputArgument, output: OutputArgument, project: ProjectOption = Path()) -> None:
    """Add `redacted_text` and `entities`.

    Example: `callreasons apply redact notes.csv redacted.csv`
    """
    from pipeline.redact import apply_redaction, describe_entities, make_redactor

    settings = _read_project(project).settings
    redactor = make_redactor(settings.redact, settings.project.languages, models=settings.models)
    rows = read_rows(source)
    redacted = apply_redaction(_texts(rows), redactor)
    added = [{"redacted_text": one.text, "entities": describe_entities(one)} for one in redacted]
    write_rows(output, [row | columns for row, columns in zip(rows, added, strict=True)])


@app.command("extract")
def apply_extract(
    source: InputArgument, output: OutputArgument, encoder: EncoderOption = "", project: ProjectOption = Path()
) -> None:
    """Add `is_reason`, `reason_score` and `reason_text` to turns.

    Columns `call_id, turn_index, role, text`; with `text` alone each row is one customer turn of its own.

    Example: `callreasons apply extract turns.jsonl reasons.jsonl`
    """
    from pipeline.extract import extract_reasons

    opened, rows = _read_project(project), read_rows(source)
    scores = extract_reasons(rows, _load(opened, encoder, _texts(rows)), opened)
    added = [
        {"is_reason": int(one.is_reason), "reason_score": one.score_ratio, "reason_text": one.reason_text}
        for one in scores
    ]
    write_rows(output, [row | columns for row, columns in zip(rows, added, strict=True)])


@app.command("embed")
def apply_embed(
    source: InputArgument, output: OutputArgument, encoder: EncoderOption = "", project: ProjectOption = Path()
) -> None:
    """Write Parquet with `embedding`, a unit vector a row.

    An encoder that was taught to tell reasons apart is used as taught; `adapters = false` in [models] does without.

    Example: `callreasons apply embed texts.csv embeddings.parquet --encoder all-MiniLM-L6-v2`
    """
    if output.suffix.lower() != ".parquet":
        raise InputError(f"{output} should end in .parquet: embeddings are arrays.")
    opened, rows = _read_project(project), read_rows(source)
    embeddings = _load(opened, encoder, _texts(rows), load_reason_encoder).encode(_texts(rows))
    write_rows(output, [row | {"embedding": vector} for row, vector in zip(rows, embeddings.tolist(), strict=True)])


@app.command("assign")
def apply_assign(
    source: InputArgument,
    output: OutputArgument,
    taxonomy: Annotated[
        Path, typer.Option(help="reason_codes.yaml, or a CSV with columns code, example.", metavar="FILE")
    ],
    encoder: EncoderOption = "",
    project: ProjectOption = Path(),
) -> None:
    """Add `code`, `no_code`, `score`, `best_code`, `second_code` and `second_score`.

    Example: `callreasons apply assign reasons.csv coded.csv --taxonomy taxonomy/reason_codes.yaml`
    """
    from pipeline.matching import assign_codes
    from pipeline.taxonomy import read_taxonomy

    opened, rows, codes = _read_project(project), read_rows(source), read_taxonomy(taxonomy)
    texts = _texts(rows)
    examples = [example for code in codes.codes for example in code.examples]
    reason_encoder = _load_for_turns(opened, encoder, [*texts, *examples])
    assigned = assign_codes(texts, codes, reason_encoder, opened.settings.assign)
    added = [
        {
            "code": one.code or "",
            "no_code": one.no_code or "",
            "score": one.score_ratio,
            "best_code": one.best_code or "",
            "second_code": one.second_code or "",
            "second_score": one.second_score_ratio,
        }
        for one in assigned
    ]
    write_rows(output, [row | columns for row, columns in zip(rows, added, strict=True)])


@app.command("cluster")
def apply_cluster(
    source: InputArgument,
    output: OutputArgument,
    n_clusters: Annotated[int, typer.Option(min=0, help="How many; 0 finds the number.", metavar="K")] = 0,
    seed: Annotated[int, typer.Option(help="Same input and seed, same clusters.")] = 0,
    encoder: EncoderOption = "",
    project: ProjectOption = Path(),
) -> None:
    """Add `cluster_id` (-1 is noise) and `cluster_name`; `sub_cluster_id` and `sub_cluster_name` where it has parts.

    Example: `callreasons apply cluster reasons.csv clusters.csv --n-clusters 20`
    """
    from pipeline.cluster import cluster_texts

    opened, rows = _read_project(project), read_rows(source)
    texts = _texts(rows)
    reason_encoder = _load_for_turns(opened, encoder, texts)
    clustering = cluster_texts(
        texts,
        reason_encoder.encode(texts),
        opened.settings.cluster,
        library=reason_encoder.library,
        n_clusters=n_clusters,
        seed=seed,
    )
    added = [
        {
            "cluster_id": label,
            "cluster_name": clustering.names.get(label, ""),
            "sub_cluster_id": f"{label}.{part}" if part >= 0 else "",
            "sub_cluster_name": clustering.sub_names.get((label, part), ""),
        }
        for label, part in zip(clustering.labels.tolist(), clustering.sub_labels.tolist(), strict=True)
    ]
    write_rows(output, [row | columns for row, columns in zip(rows, added, strict=True)])


@app.command("sentiment")
def apply_sentiment(
    source: InputArgument, output: OutputArgument, encoder: EncoderOption = "", project: ProjectOption = Path()
) -> None:
    """Add `sentiment` (-1 to 1) and `sentiment_label` (negative, neutral, positive).

    Example: `callreasons apply sentiment comments.csv felt.csv`
    """
    from pipeline.sentiment import score_sentiment

    opened, rows = _read_project(project), read_rows(source)
    scores = score_sentiment(_texts(rows), _load(opened, encoder, _texts(rows)), project=opened)
    added = [{"sentiment": sentiment, "sentiment_label": label} for sentiment, label in scores]
    write_rows(output, [row | columns for row, columns in zip(rows, added, strict=True)])


def _read_project(folder: Path) -> Project:
    return read_project(folder) if (folder / SETTINGS_FILE).exists() else Project(folder.resolve(), Settings())


def _texts(rows: Sequence[Row]) -> list[str]:
    return ["" if row.get("text") is None else str(row["text"]) for row in rows]


def _load(project: Project, name: str, texts: Sequence[str], load: Callable[..., Encoder] = load_encoder) -> Encoder:
    models = project.settings.models
    if name:  # and no other beside it
        models = models.model_copy(update={"encoder": name, "reason_encoder": ""})
    return load(choose_encoder(texts, models), models, device=project.settings.project.device)


def _load_for_turns(project: Project, name: str, texts: Sequence[str]) -> Encoder:
    """Load the reason encoder for texts that may be whole turns."""
    from pipeline.contexts import ClauseEncoder
    from pipeline.picking.picker import make_weigh

    plain, taught = (_load(project, name, texts, load) for load in (load_encoder, load_reason_encoder))
    return ClauseEncoder(taught, make_weigh(plain, project))
