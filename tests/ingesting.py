"""Ingesting: the stage run on an empty project, with settings and a manifest of its own."""

from dataclasses import replace

from pipeline.ingest import run


def ingest(work, **settings):
    """Run the stage; give what it says, and the calls by id."""
    ingest_settings = work.project.settings.ingest.model_copy(update=settings)
    project = replace(work.project, settings=work.project.settings.model_copy(update={"ingest": ingest_settings}))
    outcome = run(replace(work, project=project))
    return outcome, {row["call_id"]: row for row in work.store.read("calls").to_pylist()}


def write_manifest(work, text):
    """Write the manifest beside the recordings."""
    (work.project.root / "recordings" / "manifest.csv").write_text(text, encoding="utf-8")
