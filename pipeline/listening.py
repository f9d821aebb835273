"""Listening: hear recordings, read what was written, redact both, and write one transcript a call.

Transcribe and redact are one unit: no unredacted word is written unless `keep_raw` says so. A transcript is written
whole or not at all, so a run that is killed loses the recordings in flight and nothing else. A transcript whose call's
sources are the same stays, whatever model made it: listening again is costly, and a person asks for it with --force.
What was heard of a recording that is gone now stays in its call's transcript.

Errors: ModelError when the speech model cannot be had; a recording that cannot be heard fails alone.
"""

import hashlib
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from pipeline.assembling import Call, Listener, add_written, find_heard, find_kept, join_heard
from pipeline.config import Project
from pipeline.errors import CallReasonsError
from pipeline.models import choose_device, fetch_model
from pipeline.redact import make_redactor, redact_transcript
from pipeline.sources import hash_sources
from pipeline.speakers import load_separator
from pipeline.tables import hash_text
from pipeline.transcribe import (
    ListenSettings,
    Recording,
    RecordingFailure,
    RecordingTranscript,
    SpeechModel,
    SpeechOptions,
    load_whisper,
    transcribe_recordings,
)
from pipeline.transcripts import Transcript, find_transcript, find_transcripts, write_transcript
from pipeline.work import Failure, Outcome, Work

LISTENING_VERSION = 1  # raised when the same recording would be written down otherwise
MAX_ATTEMPTS = 3  # a call that failed this often is left alone until someone asks
# The lines of a transcript file that say what it was made from and with.
STAMP = re.compile(r'^ {1,2}"(source_sha256|speech_model|settings)": "(.*)",?$', re.MULTILINE)
NO_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stamp:
    """What a transcript was made from and with."""

    source_sha256: str = ""
    speech_model: str = ""
    settings: str = ""


@dataclass
class Tally:
    """What became of the calls so far."""

    n_done: int = 0
    failures: list[Failure] = field(default_factory=list)


def read_stamps(folder: Path) -> dict[str, Stamp]:
    """Read what each transcript was made from and with, by call id."""
    return {
        call_id: Stamp(**dict(STAMP.findall(path.read_text(encoding="utf-8"))))
        for call_id, path in find_transcripts(folder).items()
    }


def is_in_shard(call_id: str, shard: tuple[int, int]) -> bool:
    """Say whether a call falls to this machine, the I-th of N."""
    index, n_shards = shard
    return int(hashlib.sha256(call_id.encode()).hexdigest()[:8], 16) % n_shards == index - 1


def name_settings(project: Project) -> str:
    """Name the settings that change what is written down, in 8 hex digits."""
    settings = project.settings
    chosen = settings.transcribe.model_dump_json(exclude={"threads", "batch_size"})
    return hash_text(f"{LISTENING_VERSION} {sorted(settings.project.languages)} {settings.models.speaker} {chosen}")[:8]


def run(work: Work) -> Outcome:
    """Write the transcripts that are missing, or whose call's sources have changed."""
    calls, stamps = _read_calls(work), read_stamps(work.project.transcripts)
    todo = [call for call in calls if _is_left(work, call, stamps.get(call.call_id, Stamp()))]
    tally = Tally()
    tried = set(work.progress.track(_listen(work, todo, tally), total=len(todo), label=work.stage))
    known = work.known_failures.keys() & set(work.store.read("calls", ["call_id"])["call_id"].to_pylist())
    return Outcome(
        n_done=tally.n_done,
        n_kept=len(calls) - tally.n_done - len(tally.failures),
        failures=tuple(tally.failures),
        warnings=tuple(_find_warnings(work, stamps)),
        untried=tuple(sorted(known - tried)),
    )


def _read_calls(work: Work) -> list[Call]:
    """Read the calls of this shard that have sources, oldest first."""
    calls = [
        Call(row["call_id"], row["started_at"] or NO_START, row["contact_channel"] or "", tuple(row["sources"]), row)
        for row in work.store.read("calls").to_pylist()
        if row["sources"] and is_in_shard(row["call_id"], work.shard)
    ]
    return sorted(calls, key=lambda call: (call.started_at, call.call_id))


def _is_left(work: Work, call: Call, stamp: Stamp) -> bool:
    """Say whether a call is to be heard: it was not yet, or it failed and may be tried again."""
    if work.force:
        return True
    n_attempts = work.known_failures.get(call.call_id, 0)
    if n_attempts:
        return work.retry_failed or n_attempts < MAX_ATTEMPTS
    return stamp.source_sha256 != hash_sources(call.sources)


def _listen(work: Work, calls: Sequence[Call], tally: Tally) -> Iterator[str]:
    """Make the transcripts of calls, and give back the id of each that is done with."""
    project = work.project
    redactor = make_redactor(
        project.settings.redact, project.settings.project.languages, models=project.settings.models
    )
    listener = Listener(project, redactor, project.settings.models.speech, name_settings(project))
    paths = {} if work.force else find_transcripts(project.transcripts)
    heard = {call.call_id: find_heard(call, paths.get(call.call_id)) for call in calls}
    spoken = [call for call in calls if call.recordings and not heard[call.call_id]]
    for call in calls:
        if heard[call.call_id] or not call.recordings:
            yield _finish(work, listener, call, (), tally, heard=heard[call.call_id])
    if not spoken:
        return
    model = _load_model(project)
    by_id = {call.call_id: call for call in spoken}
    results = transcribe_recordings(_list_recordings(work, spoken), model=model, settings=_make_settings(project))
    for call_id, group in groupby(results, key=lambda one: one.recording.call_id):
        yield _finish(work, listener, by_id[call_id], tuple(group), tally)


def _list_recordings(work: Work, calls: Iterable[Call]) -> Iterator[Recording]:
    """List calls' recordings until the time that the run may take is over."""
    started_s = time.monotonic()
    for call in calls:
        if work.budget_s is not None and time.monotonic() - started_s >= work.budget_s:
            return
        for part_index, source in enumerate(call.recordings):
            yield Recording(call.call_id, part_index, work.project.root / str(source["path"]))


def _load_model(project: Project) -> SpeechModel:
    settings = project.settings
    return load_whisper(
        fetch_model(settings.models.speech, settings.models),
        name=settings.models.speech,
        device=choose_device(settings.project),
        threads=settings.transcribe.threads,
        options=SpeechOptions(
            settings.project.languages, settings.transcribe.beam_size, " ".join(settings.transcribe.hot_words)
        ),
    )


def _make_settings(project: Project) -> ListenSettings:
    settings = project.settings.transcribe
    return ListenSettings(
        batch_size=settings.batch_size,
        is_simplified=settings.chinese == "simplified",
        separate=load_separator(project.settings.models, max_speakers=settings.max_speakers),
    )


def _finish(
    work: Work,
    listener: Listener,
    call: Call,
    parts: Sequence[RecordingTranscript | RecordingFailure],
    tally: Tally,
    *,
    heard: Transcript | None = None,
) -> str:
    """Write a call's transcript, if there is anything to write, and note what failed."""
    spoken = [part for part in parts if isinstance(part, RecordingTranscript)]
    failed = [part for part in parts if isinstance(part, RecordingFailure)]
    kept = find_kept(call, find_transcript(work.project.transcripts, call.call_id), failed if spoken else ())
    failed = [one for one in failed if work.force or one.recording.part_index not in kept]
    error = failed[0].error if failed else ""
    try:
        if spoken or not parts:
            _write(listener, add_written(listener, call, heard or join_heard(listener, call, spoken, kept)))
    except CallReasonsError as wrong:
        error = error or str(wrong)
    if error:
        name = failed[0].recording.path.name if failed else ""
        tally.failures.append(Failure(work.stage, call.call_id, error, name))
    else:
        tally.n_done += 1
    return call.call_id


def _write(listener: Listener, raw: Transcript) -> None:
    """Redact a transcript and write it; the raw one too, where only its owner can read it, if the settings say so."""
    if listener.project.settings.project.keep_raw:
        folder = listener.project.state / "raw"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        write_transcript(folder, raw)
    write_transcript(listener.project.transcripts, redact_transcript(raw, listener.redactor))


def _find_warnings(work: Work, stamps: Mapping[str, Stamp]) -> Iterator[str]:
    settings = work.project.settings
    if settings.project.keep_raw:
        yield (
            f"keep_raw = true: what was said is kept UNREDACTED in {work.project.state / 'raw'}."
            " Set it to false and delete that folder when you no longer need it."
        )
    current = (settings.models.speech, name_settings(work.project))
    n_older = sum(
        bool(stamp.speech_model) and (stamp.speech_model, stamp.settings) != current for stamp in stamps.values()
    )
    if n_older and not work.force:
        yield (
            f"{n_older} transcripts were made with another speech model or other settings and stay as they are."
            " Run `callreasons transcribe --force` to listen to their calls again."
        )
