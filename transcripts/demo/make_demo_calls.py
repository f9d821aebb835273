"""Make the demo calls: speak `dialogues.yaml` and write recordings, manifest, scripts and true reasons.

    python transcripts/demo/make_demo_calls.py [--only CALL_ID ...] [--again]

Reads `dialogues.yaml` and `texts.yaml`; writes `recordings/*.flac` (8 kHz; a call that has its recording is left as it
is unless `--again`), `manifest.csv`, `scripts.jsonl`, `reasons.csv` and `texts.jsonl`. Needs the extra `demo`.
The same dialogues give the same recordings on the same machine.
"""

import argparse
import csv
import json
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from speech import VOICE_HZ, Audio, Mix, speak

from pipeline.languages import CHINESE_CHARACTER, find_language

HERE = Path(__file__).parent
TEXTS = HERE / "texts.yaml"
PHONE_HZ = 8000
PHONE_BAND_HZ = (150, 3600)
SPEECH_RMS = 0.1  # -20 dB of full scale
NOISE_RMS = 0.003  # -50 dB: 30 dB below speech
STEP = 128  # of 32768: about the resolution of a telephone line, and half the file size
FRAME = 160  # samples: 20 ms
GAPS_S = (0.3, 0.8)
ROLES = {"A": "agent", "C": "customer"}
AGENT_CHANNEL = 0
MANIFEST = (
    *("call_id", "recording", "started_at", "agent_id", "queue", "contact_channel", "region", "customer_id"),
    *("wait_s", "talk_s", "hold_s", "wrap_s", "is_abandoned", "logged_code", "agent_note"),
    *("csat", "nps", "ces", "survey_comment"),
)

Call = dict[str, Any]


def main() -> None:
    """Make what is missing of the demo."""
    parser = argparse.ArgumentParser(description="Make the demo calls.")
    parser.add_argument("--only", nargs="*", default=[], metavar="CALL_ID", help="record only these calls")
    parser.add_argument("--again", action="store_true", help="record calls again that have their recording")
    parser.add_argument("--tables", action="store_true", help="record nothing, write the tables alone")
    arguments = parser.parse_args()
    demo = read_yaml(HERE / "dialogues.yaml")
    (HERE / "recordings").mkdir(exist_ok=True)
    for call in () if arguments.tables else demo["calls"]:
        if call["id"] in (arguments.only or [call["id"]]) and (arguments.again or not find_recording(call).exists()):
            record_call(call, find_speakers(call, demo))
            sys.stderr.write(f"{call['id']}\n")
    write_tables(demo, HERE)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file."""
    from ruamel.yaml import YAML

    tree: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return tree


def find_recording(call: Call) -> Path:
    """Say where a call's recording lies."""
    return HERE / "recordings" / f"{call['id']}.flac"


def list_turns(call: Call) -> Iterator[tuple[str, str]]:
    """List a call's turns as role and words, without the holds."""
    for turn in call["turns"]:
        for letter, text in turn.items():
            if letter in ROLES:
                yield ROLES[letter], text


# --- sound


@dataclass(frozen=True)
class Speaker:
    """How somebody sounds: shares of Kokoro's voices, and by how much they are raised in pitch."""

    mix: Mix
    pitch_ratio: float = 1.0


def find_speakers(call: Call, demo: dict[str, Any]) -> dict[str, Speaker]:
    """Find how the agent and the customer of a call sound."""
    names = {"A": demo["agents"][call["agent"]]["voice"], "C": call["voice"]}
    return {letter: make_speaker(demo["voices"].get(name, {"mix": {name: 1}})) for letter, name in names.items()}


def make_speaker(tree: dict[str, Any]) -> Speaker:
    """Read a speaker from the dialogues' file."""
    return Speaker(tuple(tree["mix"].items()), tree.get("pitch_ratio", 1.0))


def record_call(call: Call, speakers: dict[str, Speaker]) -> None:
    """Speak a call and write its recording."""
    import soundfile

    random = np.random.default_rng(zlib.crc32(call["id"].encode()))
    samples = lay_out(mix_turns(call, speakers, random), call.get("layout", "stereo"))
    if call.get("layout") == "agent_silent":
        samples[:, AGENT_CHANNEL] = 0
    steps = np.round(np.clip(samples, -0.99, 0.99) * 32768 / STEP) * STEP
    soundfile.write(find_recording(call), steps.astype(np.int16), PHONE_HZ, subtype="PCM_16", compression_level=1.0)


def mix_turns(call: Call, speakers: dict[str, Speaker], random: np.random.Generator) -> Audio:
    """Put a call's turns one after the other, each on its channel, over the line's noise.

    Returns:
        Samples of shape (n, 2) at 8 kHz: the agent's, the customer's.
    """
    spans: list[tuple[int, int, Audio]] = []
    at = int(0.5 * PHONE_HZ)
    for turn in call["turns"]:
        for letter, content in turn.items():
            sound = make_music(float(content)) if letter == "hold" else speak_on_phone(content, speakers[letter])
            spans.append((at, int(letter == "C"), sound))
            at += len(sound) + int(random.uniform(*GAPS_S) * PHONE_HZ)
    samples = np.stack([make_noise(at, random), make_noise(at, random)], axis=1)
    for start, channel, sound in spans:
        samples[start : start + len(sound), channel] += sound
    return samples


def lay_out(samples: Audio, layout: str) -> Audio:
    """Arrange the two sides as the recorder did."""
    if layout == "mono":
        return samples.mean(axis=1, keepdims=True) * np.float32(1.6)
    return samples[:, ::-1].copy() if layout == "swapped" else samples


def make_noise(n_samples: int, random: np.random.Generator) -> Audio:
    """Make a line's hiss and a little hum."""
    hiss = limit_band(random.standard_normal(n_samples).astype(np.float32))
    hum = np.sin(2 * np.pi * 180 * np.arange(n_samples) / PHONE_HZ) * 0.1
    return ((hiss / hiss.std() + hum) * NOISE_RMS).astype(np.float32)


def make_music(duration_s: float) -> Audio:
    """Make music on hold: four chords, plucked."""
    beat = np.arange(int(0.5 * PHONE_HZ)) / PHONE_HZ
    chords = ((262, 330, 392), (220, 330, 440), (349, 440, 523), (392, 494, 587))
    bars = [sum(np.sin(2 * np.pi * hz * beat) for hz in chord) * np.exp(-4 * beat) for chord in chords]
    tune = np.concatenate(bars * (int(duration_s / 2) + 1))[: int(duration_s * PHONE_HZ)]
    return limit_band(tune.astype(np.float32)) * np.float32(0.06)


def limit_band(samples: Audio) -> Audio:
    """Keep what a telephone line carries."""
    from scipy.signal import butter, sosfiltfilt

    return np.asarray(sosfiltfilt(butter(4, PHONE_BAND_HZ, "band", fs=PHONE_HZ, output="sos"), samples), np.float32)


def speak_on_phone(text: str, speaker: Speaker) -> Audio:
    """Speak a text as it sounds at the other end of a telephone line, at 8 kHz."""
    from scipy.signal import resample_poly

    percent = round(100 * speaker.pitch_ratio)
    sound = limit_band(resample_poly(speak(text, speaker.mix), PHONE_HZ * 100, VOICE_HZ * percent))
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    levels = np.sqrt(np.mean(frames**2, axis=1))
    return sound * np.float32(SPEECH_RMS / np.sqrt(np.mean(levels[levels > 0.1 * levels.max()] ** 2)))


# --- tables


def write_tables(demo: dict[str, Any], folder: Path) -> None:
    """Write the manifest, the scripts, the true reasons and the written contacts."""
    written = read_yaml(TEXTS)
    rows = [make_row(call, demo["agents"]) for call in (*demo["calls"], *written["unrecorded"])]
    write_csv(folder / "manifest.csv", MANIFEST, sorted(rows, key=lambda row: str(row["started_at"])))
    contacts = (*demo["calls"], *written["contacts"])
    write_lines(folder / "scripts.jsonl", [make_script(call) for call in contacts])
    reasons = [reason for call in contacts for reason in list_reasons(call, demo["codes"])]
    write_csv(folder / "reasons.csv", ("call_id", "order", "reason", "code", "quote"), reasons)
    write_lines(folder / "texts.jsonl", [turn for contact in written["contacts"] for turn in list_messages(contact)])


def make_row(call: Call, agents: dict[str, Any]) -> dict[str, object]:
    """Make a call's row of the manifest; talk time is the recording's length without the hold."""
    times, recording = call.get("times", {}), find_recording(call)
    survey = (*call.get("survey", ()), "", "", "", "")[:4]
    hold_s = times.get("hold", sum(turn.get("hold", 0) for turn in call.get("turns", ())))
    agent = call.get("agent")
    cells = (
        *(call["id"], recording.name if call.get("turns") else "", call["at"].strftime("%Y-%m-%d %H:%M:%S")),
        *(agents[agent]["id"] if agent else "", call["queue"], "phone", call["region"], call.get("customer", "")),
        *(times.get("wait", ""), times.get("talk", read_talk_s(recording, hold_s)), hold_s, times.get("wrap", 0)),
        *("yes" if call.get("abandoned") else "no", call.get("logged", ""), call.get("note", "")),
        *survey,
    )
    return dict(zip(MANIFEST, cells, strict=True))


def read_talk_s(recording: Path, hold_s: float) -> float:
    """Read how long a call's people talked; 0 without a recording."""
    import soundfile

    return round(soundfile.info(recording).duration - hold_s, 1) if recording.exists() else 0


def make_script(call: Call) -> dict[str, Any]:
    """List a call's exact words, turn by turn."""
    turns = [{"role": role, "language": name_language(text), "text": text} for role, text in list_turns(call)]
    return {"call_id": call["id"], "layout": call.get("layout", "stereo"), "turns": turns}


def name_language(text: str) -> str:
    """Name a turn's language: zh, en or mixed."""
    is_mixed = CHINESE_CHARACTER.search(text) and re.search(r"[A-Za-z]{3}", text)
    return "mixed" if is_mixed else find_language(text)


def list_reasons(call: Call, codes: dict[str, str]) -> list[dict[str, object]]:
    """List why a call's customer called, in order."""
    return [
        {"call_id": call["id"], "order": order, "code": codes[one["reason"]], **one}
        for order, one in enumerate(call["reasons"], start=1)
    ]


def list_messages(contact: Call) -> list[dict[str, object]]:
    """List a written contact's messages as ingest reads them."""
    shared = {"started_at": contact["at"].strftime("%Y-%m-%d %H:%M:%S"), "contact_channel": contact["channel"]}
    return [
        {"call_id": contact["id"], "turn_index": position, "role": role, "text": text, **shared}
        for position, (role, text) in enumerate(list_turns(contact))
    ]


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[dict[str, object]]) -> None:
    """Write rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def write_lines(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
