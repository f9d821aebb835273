"""Stages: their one order, what each depends on, and how a run goes through them.

A stage's fingerprint names everything its rows are made with: its version, its settings, the files it reads, the
encoder and the stages before it. When one of these changes the stage's rows are made again.

Errors: LockedError when another run is at work; SettingsError for a stage that does not exist.
"""

import hashlib
import importlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.config import ModelSettings, Project
from pipeline.encoders import find_fingerprint, find_judge_fingerprint, find_reason_fingerprint
from pipeline.errors import SettingsError
from pipeline.models import find_defaults
from pipeline.state import hold_lock, read_failures, write_failures
from pipeline.work import Failure, Outcome, Progress, Work

MAX_ATTEMPTS = 3  # a recording that failed this often is left alone until someone asks


@dataclass(frozen=True)
class Stage:
    """One stage: where it lives, what its rows depend on, and which stages it builds on.

    `settings` are sections of `pipeline.toml`, `files` paths in the project or else in the package's defaults;
    `name_encoder` names the encoder it uses; `version` is raised when the code makes other rows of the same inputs.
    """

    name: str
    about: str
    module: str
    after: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    name_encoder: Callable[[str, ModelSettings], str] | None = None
    version: int = 1


STAGES: tuple[Stage, ...] = (
    Stage("ingest", "List recordings, the manifest's rows, chats, e-mails and remarks.", "pipeline.ingest"),
    Stage("transcribe", "Listen to what was not heard yet; only redacted words are written.", "pipeline.listening"),
    Stage(
        "redact", "Redact again the transcripts that an older redactor made.", "pipeline.redact", settings=("redact",)
    ),
    Stage(
        "roles",
        "Tell customer from agent.",
        "pipeline.roles",
        settings=("roles",),
        files=("models/examples/roles.yaml",),
        name_encoder=find_fingerprint,
        version=3,
    ),
    Stage(
        "extract",
        "Find where customers say why they call.",
        "pipeline.extract",
        after=("roles",),
        settings=("extract",),
        files=("models/examples/reasons.yaml", "models/examples/questions.yaml"),
        name_encoder=find_judge_fingerprint,
        version=5,
    ),
    Stage("embed", "Embed what they say.", "pipeline.embed", after=("extract",), name_encoder=find_reason_fingerprint),
    Stage(
        "assign",
        "Match it to the numbered codes.",
        "pipeline.assign",
        after=("extract",),
        settings=("assign",),
        files=("taxonomy/reason_codes.yaml", "models/examples/background.yaml"),
        name_encoder=find_reason_fingerprint,
        version=5,
    ),
    Stage(
        "cluster", "Group what no code took.", "pipeline.cluster", after=("assign",), settings=("cluster",), version=9
    ),
    Stage(
        "sentiment",
        "Tell how customers feel.",
        "pipeline.sentiment",
        after=("roles",),
        settings=("sentiment",),
        files=("models/examples/sentiment.yaml",),
        name_encoder=find_fingerprint,
        version=3,
    ),
    Stage(
        "signals",
        "Find who called before, was failed by others, or may leave.",
        "pipeline.signals",
        after=("roles",),
        files=("models/examples/signals.yaml",),
        name_encoder=find_fingerprint,
        version=3,
    ),
    Stage(
        "measure",
        "Count, time and cost each reason.",
        "pipeline.measure",
        after=("cluster", "sentiment", "signals"),
        settings=("measure",),
        version=4,
    ),
    Stage("report", "Write the report, the workbook and the CSVs.", "pipeline.report", after=("measure",)),
)
STAGE_NAMES = tuple(stage.name for stage in STAGES)


@dataclass(frozen=True)
class RunOptions:
    """What a run was asked for; `budget_s` ends the listening cleanly, `shard` is I of N, from 1."""

    only_new: bool = False
    force: bool = False
    retry_failed: bool = False
    shard: tuple[int, int] = (1, 1)
    budget_s: float | None = None


@dataclass(frozen=True)
class StageReport:
    """What one stage did, and which failures no run has said yet."""

    stage: str
    outcome: Outcome
    new_failures: tuple[Failure, ...] = field(default_factory=tuple)


def find_stage(name: str) -> Stage:
    """Find a stage by name.

    Raises:
        SettingsError: There is none of that name.
    """
    for stage in STAGES:
        if stage.name == name:
            return stage
    raise SettingsError(f"'{name}' is no stage. The stages are {', '.join(STAGE_NAMES)}.")


def choose_stages(first: str | None, last: str | None) -> list[Stage]:
    """Choose the stages from one to another, both included.

    Raises:
        SettingsError: A name is no stage's, or the last comes before the first.
    """
    start = STAGES.index(find_stage(first)) if first else 0
    stop = STAGES.index(find_stage(last)) if last else len(STAGES) - 1
    if stop < start:
        raise SettingsError(f"'{last}' comes before '{first}'. Exchange --from and --until.")
    return list(STAGES[start : stop + 1])


def make_fingerprint(stage: Stage, project: Project) -> str:
    """Name everything that a stage's rows are made with, in 16 hex digits."""
    settings = project.settings.model_dump(mode="json")
    parts = {
        "stage": [stage.name, stage.version],
        "settings": {section: settings[section] for section in stage.settings},
        "files": [_hash_found(project, name) for name in stage.files],
        "encoder": stage.name_encoder(project.encoder, project.settings.models) if stage.name_encoder else "",
        "after": [make_fingerprint(find_stage(name), project) for name in stage.after],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def run_stages(
    project: Project, stages: Sequence[Stage], options: RunOptions, *, progress: Progress, now: datetime
) -> list[StageReport]:
    """Run stages in order, alone on the project.

    Raises:
        LockedError: Another run is at work.
        CallReasonsError: A stage cannot work at all; what earlier stages made stays.
    """
    with hold_lock(project):
        return [_run_stage(project, stage, options, progress=progress, now=now) for stage in stages]


def _run_stage(
    project: Project, stage: Stage, options: RunOptions, *, progress: Progress, now: datetime
) -> StageReport:
    known = {failure.item: failure.n_attempts for failure in read_failures(project) if failure.stage == stage.name}
    work = Work(
        project=project,
        stage=stage.name,
        fingerprint=make_fingerprint(stage, project),
        progress=progress,
        now=now,
        only_new=options.only_new,
        force=options.force,
        shard=options.shard,
        budget_s=options.budget_s,
        retry_failed=options.retry_failed,
        known_failures=known,
    )
    outcome: Outcome = importlib.import_module(stage.module).run(work)
    still = {item: n_attempts for item, n_attempts in known.items() if item in outcome.untried}
    new = write_failures(project, stage.name, outcome.failures, still=still, now=now)
    for warning in outcome.warnings:
        progress.say(f"{stage.name}: {warning}")
    for note in outcome.notes:
        progress.note(f"{stage.name}: {note}")
    return StageReport(stage.name, outcome, tuple(new))


def _hash_found(project: Project, name: str) -> str:
    for path in (project.root / name, find_defaults().parent / name):
        if path.exists():
            return hashlib.sha256(path.read_bytes()).hexdigest()
    return ""
