"""Curated project: a small made project behind the curators' page, some of it hostile."""

import wave
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
from conftest import NOW, SilentProgress
from invented_calls import CALLS, Invented, Said, make_project, recording_name

from pipeline import measure
from pipeline.config import Project
from pipeline.tables import make_table
from pipeline.work import Work

SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://example.com","open")'
PASSWORD = "a long enough pass phrase"
HOST = "127.0.0.1"
HOSTILE = (
    Invented("e05", 320, (Said("c-crash", f"{FORMULA} {SCRIPT}", 3.0),), label="negative", duration_s=8.0),
    Invented(
        "../e06", 321, (Said("c-crash", "the app closes by itself again", 2.0),), label="negative", duration_s=120.0
    ),
)
SOUND_S, RATE_HZ = 12, 8000


def make_curated(root: Path) -> Project:
    """Make the project: invented calls, a script in a quote, in a file's name and in a candidate's, sound to play."""
    project = make_project(root, (*CALLS, *HOSTILE))
    project = replace(project, root=project.root.resolve())
    (root / "pipeline.toml").write_text('[project]\ntimezone = "Asia/Shanghai"\n', encoding="utf-8")
    _rename_recording(project, "e05", f"{SCRIPT.replace('/', '')} 55501234.wav")
    for path in (root / "recordings").glob("*.wav"):
        write_sound(path)
    _name_candidate(project, "c-crash", f"{SCRIPT} app closes")
    project.store.write_whole("turns", "made", make_table("turns", [*_make_turns("e01"), *_make_turns("e05")]))
    measure.run(Work(project, "measure", "rows-v1", SilentProgress(), NOW))
    return project


def write_sound(path: Path) -> None:
    """Write some seconds of nearly nothing that a browser plays."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(b"\x01\x00" * RATE_HZ * SOUND_S)


def find_recording_path(project: Project, call_id: str) -> Path:
    """Find where an invented call's recording lies."""
    return project.root / "recordings" / recording_name(call_id)


def _make_turns(call_id: str) -> list[dict[str, object]]:
    said = (
        "Hello, what can I do for you?",
        "the app closes by itself when I get to the payment page",
        "Which phone is it?",
    )
    return [
        {"call_id": call_id, "turn_index": index, "role": ("agent", "customer")[index % 2], "source": "recording",
         "part_index": 0, "channel": index % 2, "language": "en", "start_s": 4.0 * index, "end_s": 4.0 * index + 3.5,
         "text": text}
        for index, text in enumerate(said)
    ]  # fmt: skip


def _rename_recording(project: Project, call_id: str, name: str) -> None:
    """Give a call's recording a name that nobody should read."""
    folder = project.root / "recordings"
    (folder / recording_name(call_id)).rename(folder / name)
    rows = project.store.read("calls").to_pylist()
    for row in rows:
        if row["call_id"] == call_id:
            row["sources"][0]["path"] = f"recordings/{name}"
    _rewrite(project, "calls", make_table("calls", rows))


def _name_candidate(project: Project, cluster_id: str, name: str) -> None:
    rows = project.store.read("clusters").to_pylist()
    changed = [row | ({"name": name} if row["cluster_id"] == cluster_id else {}) for row in rows]
    _rewrite(project, "clusters", make_table("clusters", changed))


def _rewrite(project: Project, name: str, rows: pa.Table) -> None:
    project.store.write_whole(name, "hostile", rows)
