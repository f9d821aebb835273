"""Bad inputs: make every kind of bad recording, run them with a good one, and print what each got.

    python -m benchmarks.bad_inputs > docs/bad-inputs.md

Prints a Markdown table; ends with 1 when the good call among them was not heard.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pipeline.audio import read_audio, to_signal

DEMO = Path(__file__).parent.parent / "transcripts" / "demo" / "recordings"
RATE_HZ = 8000
HEAD = """# Bad inputs

What was tried, and what each got from one `callreasons run` over all of them and a good call.
Made by `make bad-inputs`.

| input | what it got |
| --- | --- |
"""

Audio = np.ndarray


def write_wav(path: Path, audio: Audio) -> None:
    """Write audio of shape (n_channels, n_samples), -1..1, as 16-bit PCM at 8 kHz."""
    samples = (np.clip(audio, -1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(samples))
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.T.tobytes())


def make_bad_recordings(folder: Path) -> dict[str, str]:
    """Make the recordings; returns what each file name stands for."""
    good = choose_good_recording()
    speech = to_signal(read_audio(good).samples)[:, ::2]  # 16 kHz to 8 kHz
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 20 * RATE_HZ)).astype(np.float32)
    tone = np.sin(np.arange(30 * RATE_HZ) * 2 * np.pi * 440 / RATE_HZ)[None] * 0.3
    silence = np.zeros_like(speech[:1])
    audios: dict[str, tuple[str, Audio]] = {
        "silence.wav": ("a minute of silence", np.zeros((2, 60 * RATE_HZ))),
        "noise.wav": ("20 s of white noise", noise),
        "tone.wav": ("30 s of a tone, as music on hold", tone),
        "agent_silent.wav": ("agent's channel silent", np.concatenate([silence, speech[1:]])),
        "customer_silent.wav": ("customer's channel silent", np.concatenate([speech[:1], silence])),
        "three.wav": ("three channels, the third silent", np.concatenate([speech, silence])),
        "dual_mono.wav": ("both speakers on both channels", np.repeat(speech.sum(0, keepdims=True), 2, axis=0)),
        "short.wav": ("a fifth of a second", speech[:, : RATE_HZ // 5]),
        "clipped.wav": ("ten times too loud", speech * 10),
        "faint.wav": ("a hundredth of the loudness", speech / 100),
        "with 'quotes\" and $pace.wav": ("a name with quotes, a space and a dollar sign", speech * 0.97),
        "投诉 录音.wav": ("a Chinese name", speech * 0.96),
        "new\nline.wav": ("a name with a newline", speech * 0.95),
        "-rf.wav": ("a name that looks like an option", speech * 0.94),
    }
    for name, (_, audio) in audios.items():
        write_wav(folder / name, audio)
    about = {name: what for name, (what, _) in audios.items()}
    return about | make_broken_files(folder, good)


def make_broken_files(folder: Path, good: Path) -> dict[str, str]:
    """Make files that are no whole recordings."""
    content = good.read_bytes()
    whole_wav = (folder / "three.wav").read_bytes()
    files: dict[str, tuple[str, bytes]] = {
        "empty.wav": ("zero bytes", b""),
        "empty_too.mp3": ("zero bytes again, another name", b""),
        "text.wav": ("a text file named .wav", b"not a recording\n" * 50),
        "header.wav": ("a WAV header and nothing else", whole_wav[:44]),
        "cut.wav": ("a WAV cut in half, its header promising more", whole_wav[: len(whole_wav) // 2]),
        f"cut{good.suffix}": ("a compressed recording cut in half", content[: len(content) // 2]),
        "other.mp3": ("a good recording under another kind's suffix", content + b"\0"),
        "zeros.flac": ("a megabyte of zeros", bytes(1 << 20)),
        "copy" + good.suffix: ("the good call a second time", content),
        "notes.pdf": ("a suffix that is no recording's", b"%PDF-1.4"),
    }
    for name, (_, one) in files.items():
        (folder / name).write_bytes(one)
    (folder / "folder.wav").mkdir()
    (folder / "nowhere.wav").symlink_to(folder / "gone.wav")
    return {name: what for name, (what, _) in files.items()} | {
        "folder.wav": "a folder named .wav",
        "nowhere.wav": "a link to nowhere",
    }


def choose_good_recording() -> Path:
    """Choose the demo's first stereo recording."""
    return next(path for path in sorted(DEMO.iterdir()) if read_audio(path).n_channels == 2)


def run_all(project: Path) -> tuple[dict[str, dict[str, object]], dict[str, dict[str, object]], int]:
    """Run the project; returns calls and failures by file name, and the run's exit code."""
    command = [sys.executable, "-m", "pipeline.cli"]

    def list_json(what: str) -> list[dict[str, object]]:
        shown = subprocess.run(
            [*command, "show", what, "--json", "--project", str(project)], check=True, capture_output=True, text=True
        )
        return [json.loads(line) for line in shown.stdout.splitlines()]

    code = subprocess.run([*command, "run", "--quiet", "--project", str(project)], check=False).returncode
    calls = {Path(str(row["recording"])).name: row for row in list_json("calls")}
    failures = {str(row["recording"] or row["item"]): row for row in list_json("failures")}
    return calls, failures, code


def describe(name: str, calls: dict[str, dict[str, object]], failures: dict[str, dict[str, object]]) -> str:
    """Say in a line what a file got."""
    by_item = {str(row["item"]): row for row in failures.values()}
    call = calls.get(name)
    failure = failures.get(name) or (by_item.get(str(call["call_id"])) if call else None)
    if failure:
        return f"failed: {failure['error']}"
    if call is None:
        return "no call of its own"
    return f"heard, {call['no_code']}" if call["no_code"] != "not_heard" else "a call, not_heard"


def main(write: Callable[[str], object] = sys.stdout.write) -> int:
    """Make, run, print."""
    project = Path(tempfile.mkdtemp())
    try:
        command = [sys.executable, "-m", "pipeline.cli", "init", str(project / "calls")]
        subprocess.run(command, check=True, capture_output=True)
        folder = project / "calls" / "recordings"
        about = make_bad_recordings(folder)
        good = choose_good_recording()
        shutil.copy(good, folder / f"good{good.suffix}")
        calls, failures, code = run_all(project / "calls")
        write(HEAD)
        for name, what in about.items():
            write(f"| {what} | {describe(name, calls, failures)} |\n")
        write(f"\nThe run ended with exit code {code}: done, and what failed was listed.\n")
        return int(not any(name.startswith(("good", "copy")) for name in calls))
    finally:
        shutil.rmtree(project)


if __name__ == "__main__":
    sys.exit(main())
