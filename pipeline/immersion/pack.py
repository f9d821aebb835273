"""Pack: what to play of one reason in a meeting with its owners, as a page in the project's language.

`reports/<language>/packs/<reason>/` plays the recordings as they were spoken and stays in the house. With clips,
`packs/<reason>-clips/` holds the page and clips in which everything redacted is muted, and no link to a recording.

Errors: InputError for a reason that there is not, or of which nothing was said aloud; NothingDoneError when no clip at
all can be cut.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Project
from pipeline.errors import CallReasonsError, InputError, NothingDoneError
from pipeline.immersion.clips import write_clip
from pipeline.immersion.order import Step, make_order
from pipeline.immersion.stretches import Stretch, find_stretches
from pipeline.report import Reason, link_audio
from pipeline.report.markup import draw_page
from pipeline.report.reasons import list_reasons, read_reason_rows
from pipeline.report.recordings import AUDIO_FOLDER, make_safe_name
from pipeline.tables import write_atomically
from pipeline.transcripts import find_transcript, read_transcript
from pipeline.words import read_words

CLIP_FOLDER, PAGE = "clips", "pack.html"


@dataclass(frozen=True)
class Pack:
    """A reason, its steps, and what a year of it will cost: the mean and its range, null where not known."""

    reason: Reason
    steps: tuple[Step, ...]
    yearly_cost: tuple[float | None, float | None, float | None]
    minutes: int

    @property
    def played(self) -> tuple[tuple[Step, Stretch], ...]:
        """The steps that play something."""
        return tuple((step, step.stretch) for step in self.steps if step.stretch)


@dataclass(frozen=True)
class Written:
    """Where the page lies, and of which calls nothing can be played, each with why."""

    page: Path
    failures: Mapping[str, str]


def read_pack(project: Project, reason_id: str, *, minutes: int) -> Pack:
    """Read what to play of a reason.

    Raises:
        InputError: There is no such code or candidate, nothing of it was said aloud, or the meeting is too short.
        MissingTableError: Measure has not run.
    """
    reasons = list_reasons(read_reason_rows(project.store), project.settings.report.language)
    reason = next((one for one in reasons if one.kind != "no_code" and one.reason_id == reason_id), None)
    if reason is None:
        raise InputError(f"There is no code or candidate '{reason_id}'. `callreasons show reasons` lists them.")
    steps = make_order(find_stretches(project, reason.kind, reason_id), minutes=minutes)
    if not any(step.stretch for step in steps):
        raise InputError(f"Nothing about '{reason_id}' was said aloud in a call, so there is nothing to play.")
    store = project.store
    forecasts = store.list_rows("reason_forecasts")
    rows = [row for row in forecasts if (row["reason_kind"], row["reason_id"]) == (reason.kind, reason_id)]
    row = rows[0] if rows else {}
    yearly = (row.get("yearly_cost"), row.get("yearly_cost_low"), row.get("yearly_cost_high"))
    return Pack(reason, steps, yearly, minutes)


def list_rows(pack: Pack) -> list[dict[str, object]]:
    """List one row a clip, in the order of the meeting; seconds of the call, and of the meeting where it is played."""
    return [
        {
            "number": step.number,
            "at_s": step.start_s,
            "why": stretch.kind,
            "call_id": stretch.call_id,
            "start_s": round(stretch.start_s, 2),
            "end_s": round(stretch.end_s, 2),
            "language": stretch.language,
            "text": stretch.text,
        }
        for step, stretch in pack.played
    ]


def write_pack(project: Project, pack: Pack) -> Written:
    """Write a pack that plays the recordings themselves."""
    folder = _find_folder(project, pack)
    stretches = [stretch for _, stretch in pack.played]
    links = {Path(one.recording.audio).name: str(one.recording.path) for one in stretches if one.recording}
    link_audio(folder / AUDIO_FOLDER, links)
    sources = {step.number: stretch.audio_at for step, stretch in pack.played if stretch.recording}
    gone = {one.call_id: "its recording is no longer there" for one in stretches if not one.recording}
    return Written(_write_page(project, pack, folder, sources, is_cut=False), gone)


def write_clipped_pack(project: Project, pack: Pack) -> Written:
    """Write a pack that plays clips, redacted spans muted, and can leave the house.

    Raises:
        NothingDoneError: No clip at all can be cut.
    """
    folder = _find_folder(project, pack, "-clips")
    (folder / CLIP_FOLDER).mkdir(exist_ok=True)
    for old in (*(folder / CLIP_FOLDER).glob("*.flac"), folder / PAGE):
        old.unlink(missing_ok=True)
    sources, failures = dict[int, str](), dict[str, str]()
    for step, stretch in pack.played:
        name = f"{CLIP_FOLDER}/{step.number:02}-{make_safe_name(stretch.call_id)}.flac"
        try:
            _cut(project, stretch, folder / name)
            sources[step.number] = name
        except CallReasonsError as error:
            failures[stretch.call_id] = str(error)
    if not sources:
        raise NothingDoneError(f"No clip can be cut: {next(iter(failures.values()))}")
    return Written(_write_page(project, pack, folder, sources, is_cut=True), failures)


def _cut(project: Project, stretch: Stretch, path: Path) -> None:
    if stretch.recording is None:
        raise InputError("its recording is no longer there")
    transcript = find_transcript(project.transcripts, stretch.call_id)
    if transcript is None:
        raise InputError("its transcript is gone, so nobody knows what to mute")
    write_clip(path, stretch.recording, read_transcript(transcript), stretch.start_s, stretch.end_s)


def _find_folder(project: Project, pack: Pack, suffix: str = "") -> Path:
    name = f"{make_safe_name(pack.reason.reason_id)}{suffix}"
    folder = project.reports / project.settings.report.language / "packs" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write_page(project: Project, pack: Pack, folder: Path, sources: Mapping[int, str], *, is_cut: bool) -> Path:
    words = read_words(project.settings.report.language)
    page = draw_page(PAGE, "listening.css", words, p=pack, sources=sources, is_cut=is_cut)
    path = folder / PAGE
    write_atomically(path, page.encode())
    return path
