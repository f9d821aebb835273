"""Demo as chats: the demo's calls as they were written, so that a run on them takes a minute and needs no listening."""

import json
import shutil
from pathlib import Path

from pipeline.cli.init import make_project

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "transcripts" / "demo"
KEPT = ("reason_codes.yaml", "near_pairs.yaml")


def make_demo_as_chats(folder: Path) -> Path:
    """Make a working folder with the demo's codes and, as chats, the scripts of its calls and its written contacts."""
    make_project(folder)
    for name in KEPT:
        shutil.copy(ROOT / "taxonomy" / name, folder / "taxonomy" / name)
    lines = [json.dumps(line, ensure_ascii=False) for line in _list_messages()]
    (folder / "recordings" / "chats.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _list_messages():
    """List what was written, then what was said as if it were."""
    yield from map(json.loads, (DEMO / "texts.jsonl").read_text(encoding="utf-8").splitlines())
    for script in map(json.loads, (DEMO / "scripts.jsonl").read_text(encoding="utf-8").splitlines()):
        started_at = f"2026-11-{16 + spread_day(script['call_id'])} 10:00:00"
        for index, turn in enumerate(script["turns"]):
            yield {
                "call_id": script["call_id"],
                "turn_index": index,
                "role": turn["role"],
                "text": turn["text"],
                "started_at": started_at,
                "contact_channel": "chat",
            }


def spread_day(call_id: str) -> int:
    """Spread calls over five days."""
    return sum(map(ord, call_id)) % 5
