"""Measure listening beside a plain faster-whisper loop over the same calls: speed, agreement with the script, memory.

    python -m benchmarks.transcribe [--calls N] [--threads N] [FOLDER]

FOLDER holds `recordings/` and `scripts.jsonl` (default: transcripts/demo). The plain loop is `WhisperModel.transcribe`
with word times, channel after channel, all threads on one call. The two ways take turns, a few calls each, so that a
busy machine is equally busy for both, and each turn runs in its own process, so that peak memory is its own. Loading
the model is not counted. Words are compared in lower case, characters as Simplified ones.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.demo import count_edits
from pipeline.audio import probe_audio
from pipeline.config import ModelSettings
from pipeline.languages import WORD, simplify
from pipeline.models import count_cores, fetch_model

DEMO = Path(__file__).parents[1] / "transcripts" / "demo"
MODEL = "whisper-base"
LANGUAGES = ("zh", "en")
WAYS = ("plain", "callreasons")
TURN_CALLS = 12
Texts = dict[str, list[str]]  # by call, the text of each channel


@dataclass(frozen=True)
class Run:
    """One way of listening: what it heard, and what that took."""

    texts: Texts
    wall_s: float
    cpu_s: float
    peak_mb: float


def listen_plainly(paths: Sequence[Path], threads: int) -> Callable[[], Texts]:
    """Load the model for a plain loop, channel after channel."""
    from faster_whisper import WhisperModel, decode_audio

    model = WhisperModel(
        str(fetch_model(MODEL, ModelSettings())), device="cpu", compute_type="int8", cpu_threads=threads
    )

    def run() -> Texts:
        texts: Texts = {}
        for path in paths:
            for sound in decode_audio(str(path), split_stereo=True)[: _count_channels(path)]:
                segments, _ = model.transcribe(sound, beam_size=5, word_timestamps=True)
                texts.setdefault(path.stem, []).append(" ".join(segment.text for segment in segments))
        return texts

    return run


def listen_here(paths: Sequence[Path], threads: int) -> Callable[[], Texts]:
    """Load the model as the pipeline does."""
    from pipeline.transcribe import (
        ListenSettings,
        Recording,
        RecordingTranscript,
        SpeechOptions,
        load_whisper,
        transcribe_recordings,
    )

    folder = fetch_model(MODEL, ModelSettings())
    model = load_whisper(folder, name=MODEL, device=("cpu", "int8"), threads=threads, options=SpeechOptions(LANGUAGES))

    def run() -> Texts:
        recordings = [Recording(path.stem, 0, path) for path in paths]
        texts: Texts = {}
        for heard in transcribe_recordings(recordings, model=model, settings=ListenSettings()):
            if isinstance(heard, RecordingTranscript):
                texts[heard.recording.call_id] = [
                    " ".join(segment.text for segment in heard.segments if segment.channel == channel)
                    for channel in range(_count_channels(heard.recording.path))
                ]
        return texts

    return run


def measure(way: str, paths: Sequence[Path], threads: int) -> Run:
    """Run one way of listening in this process."""
    run = {"plain": listen_plainly, "callreasons": listen_here}[way](paths, threads)
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    texts = run()
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    return Run(texts, wall_s, cpu_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def read_scripts(folder: Path) -> Texts:
    """Read what is said in each channel of each recorded call; a swapped call's channels are exchanged."""
    texts: Texts = {}
    for line in (folder / "scripts.jsonl").read_text(encoding="utf-8").splitlines():
        script = json.loads(line)
        order = {"swapped": ("customer", "agent"), "mono": ("",)}.get(script["layout"], ("agent", "customer"))
        texts[script["call_id"]] = [
            " ".join(turn["text"] for turn in script["turns"] if role in ("", turn["role"])) for role in order
        ]
    return texts


def find_error_ratio(references: Texts, hypotheses: Texts, call_ids: Iterable[str]) -> float:
    """Find the share of words, and of Chinese characters, that are wrong; the sum over channels."""
    n_errors = n_words = 0
    for call_id in call_ids:
        for reference, hypothesis in zip(references[call_id], hypotheses.get(call_id, ["", ""]), strict=False):
            words, others = (WORD.findall(simplify(text).lower()) for text in (reference, hypothesis))
            n_errors += count_edits(words, others)
            n_words += len(words)
    return n_errors / max(1, n_words)


def print_table(scripts: Texts, runs: dict[str, Run], duration_s: float) -> None:
    """Print both ways side by side."""
    plain, ours = runs["plain"], runs["callreasons"]
    call_ids = [call_id for call_id in plain.texts if call_id in scripts]
    kinds = {kind: [one for one in call_ids if f"-{kind}-" in one] for kind in ("en", "zh", "mix")}
    rows = [("", "plain", "callreasons"), ("seconds", f"{plain.wall_s:.1f}", f"{ours.wall_s:.1f}")]
    rows += [("CPU seconds", f"{plain.cpu_s:.1f}", f"{ours.cpu_s:.1f}")]
    rows += [("times real time", f"{duration_s / plain.wall_s:.2f}", f"{duration_s / ours.wall_s:.2f}")]
    for kind, ids in kinds.items():
        if ids:
            ratios = [find_error_ratio(scripts, run.texts, ids) for run in (plain, ours)]
            rows += [(f"errors {kind} ({len(ids)} calls)", *(f"{ratio:.1%}" for ratio in ratios))]
    rows += [("peak memory, MB", f"{plain.peak_mb:.0f}", f"{ours.peak_mb:.0f}")]
    for row in rows:
        sys.stdout.write(f"{row[0]:<24}{row[1]:>12}{row[2]:>14}\n")
    agreement = 1 - find_error_ratio(plain.texts, ours.texts, call_ids)
    sys.stdout.write(
        f"{plain.wall_s / ours.wall_s:.2f} times the speed of the plain loop"
        f" ({plain.cpu_s / ours.cpu_s:.2f} by processor time), {agreement:.1%} of the words the same,"
        f" {len(call_ids)} calls of {duration_s:.0f} s in all\n"
    )


def main() -> None:
    """Measure both ways and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=DEMO)
    parser.add_argument("--calls", type=int, default=0, help="only so many, evenly chosen; 0 for all")
    parser.add_argument("--threads", type=int, default=count_cores())
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        listed = [Path(path) for path in json.load(sys.stdin)]
        sys.stdout.write(json.dumps(asdict(measure(options.way, listed, options.threads))))
        return
    paths = sorted((options.folder / "recordings").glob("*.*"))
    step = max(1, len(paths) // options.calls) if options.calls else 1
    paths = paths[::step][: options.calls or None]
    turns = [
        {way: _run_apart(way, paths[start : start + TURN_CALLS], options.threads) for way in WAYS}
        for start in range(0, len(paths), TURN_CALLS)
    ]
    runs = {way: _add_up([turn[way] for turn in turns]) for way in WAYS}
    print_table(read_scripts(options.folder), runs, sum(probe_audio(path).duration_s for path in paths))


def _run_apart(way: str, paths: Sequence[Path], threads: int) -> Run:
    """Run one way in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.transcribe", "--threads", str(threads), "--way", way]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    listed = json.dumps([str(path.absolute()) for path in paths])
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, input=listed, text=True, env=environment)
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def _add_up(runs: Sequence[Run]) -> Run:
    texts = {call_id: channels for run in runs for call_id, channels in run.texts.items()}
    return Run(texts, sum(run.wall_s for run in runs), sum(run.cpu_s for run in runs), max(run.peak_mb for run in runs))


def _count_channels(path: Path) -> int:
    return probe_audio(path).n_channels


if __name__ == "__main__":
    main()
