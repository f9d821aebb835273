"""e5: the carried 4-bit model becomes a folder that sentence-transformers loads, the same bytes every time."""

import struct
from pathlib import Path

import numpy as np
import pytest

from pipeline.config import ModelSettings
from pipeline.models import fetch_model
from pipeline.models.e5 import convert

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "到", "了", "▁query", ":", "▁货", "▁a", "~", "<mask>"]
DIM, N_VOCABULARY = 32, 13
BLOCK = struct.pack("<e", 0.5) + bytes([0x80 + low for low in range(16)])  # lows 0..15, highs all 8


def make_carried(path: Path, n_layers: int = 1) -> Path:
    """Write a tiny model in the carried layout; every packed block is the same."""
    head = b"E5S1" + struct.pack("<I7ifi", 1, DIM, n_layers, 2, DIM, N_VOCABULARY, 8, 1, 1e-12, 32)
    blob = "".join(PIECES).encode()
    offsets = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype("<u4").tobytes()
    scores = np.linspace(0, -12, len(PIECES)).astype("<f4").tobytes()
    tokenizer = struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob)) + offsets + scores + blob
    tokenizer += struct.pack("<iI", 0, 0)
    path.write_bytes(head + tokenizer + _make_tensors(len(head) + len(tokenizer), n_layers))
    return path


def _make_tensors(start: int, n_layers: int) -> bytes:
    square, vector = BLOCK * DIM, np.arange(DIM, dtype="<f4").tobytes()
    tensors = {"emb.word": BLOCK * N_VOCABULARY, "emb.pos": vector * 8, "emb.type": vector}
    tensors |= {"emb.ln.w": vector, "emb.ln.b": vector}
    for layer in range(n_layers):
        for part in ("q", "k", "v", "ao", "fi", "fo"):
            tensors |= {f"l{layer}.{part}.w": square, f"l{layer}.{part}.b": vector}
        tensors |= {f"l{layer}.{part}.{end}": vector for part in ("aln", "oln") for end in "wb"}
    packed = [len(content) % len(BLOCK) == 0 for content in tensors.values()]
    start += 4 + sum(2 + len(name) + 21 for name in tensors)
    directory = struct.pack("<i", len(tensors))
    for (name, content), is_packed in zip(tensors.items(), packed, strict=True):
        n_values = len(content) // 18 * 32 if is_packed else len(content) // 4
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", is_packed, n_values, start, len(content))
        start += len(content)
    return directory + b"".join(tensors.values())


def test_blocks_are_unpacked(tmp_path: Path) -> None:
    """A block's numbers are its nibbles minus 8, low ones first, times its scale."""
    from safetensors.numpy import load_file

    convert(make_carried(tmp_path / "tiny.bin"), tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    row = weights["embeddings.word_embeddings.weight"][0]
    assert row.tolist() == [(low - 8) * 0.5 for low in range(16)] + [0.0] * 16
    assert weights["encoder.layer.0.attention.self.query.weight"].shape == (DIM, DIM)
    assert weights["encoder.layer.0.output.LayerNorm.bias"].tolist() == list(range(DIM))


def test_conversion_repeats_byte_for_byte(tmp_path: Path) -> None:
    """Converting twice writes the same files, so that they can be pinned by hash."""
    source = make_carried(tmp_path / "tiny.bin")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        convert(source, tmp_path / name)
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()]
    assert len(files) == 8
    assert all((tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes() for file in files)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("query: 货到了", ["<s>", "▁query", ":", "▁货", "到", "了", "</s>"]),
        ("query: \u200b 货\n\n到\t了 ", ["<s>", "▁query", ":", "▁货", "▁", "到", "▁", "了", "</s>"]),
        ("ａ\x07", ["<s>", "▁a", "</s>"]),
    ],
)
def test_text_is_cut_like_the_model_learned(tmp_path: Path, text: str, pieces: list[str]) -> None:
    """Wide letters become narrow, spaces of every kind fold into one, control characters go."""
    from tokenizers import Tokenizer

    convert(make_carried(tmp_path / "tiny.bin"), tmp_path)
    assert Tokenizer.from_file(str(tmp_path / "tokenizer.json")).encode(text).tokens == pieces


def test_other_files_are_refused(tmp_path: Path) -> None:
    """What does not begin like the carried file is not converted."""
    (tmp_path / "other.bin").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ValueError, match="E5S1"):
        convert(tmp_path / "other.bin", tmp_path)


@pytest.mark.model
def test_real_conversion_loads(tmp_path: Path) -> None:
    """The converted model has 12 layers and the tokenizer's 250,002 pieces."""
    from tokenizers import Tokenizer

    folder = fetch_model("multilingual-e5-small", ModelSettings())
    assert '"num_hidden_layers":12' in (folder / "config.json").read_text()
    assert Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab_size() == 250_002
