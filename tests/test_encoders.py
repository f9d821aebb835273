"""Encoders: each distinct text is embedded once, and rows of two models never mix."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from pipeline import encoders
from pipeline.adapters import name_adapted
from pipeline.config import ModelSettings, Project, Settings
from pipeline.encoders import CachedEncoder, choose_encoder, find_fingerprint, load_encoder, make_encoder
from pipeline.tables import by_text


class CountingEncoder:
    """Embeds a text as a unit vector made of its characters, and counts what it was asked."""

    name, dim, library = "counting-1", 4, None

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts."""
        self.asked += texts
        rows = [np.bincount([ord(character) % self.dim for character in text], minlength=self.dim) for text in texts]
        rows = np.array(rows, np.float32).reshape(-1, self.dim) + 1
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def counting() -> CountingEncoder:
    """The real work behind the cached encoder."""
    return CountingEncoder()


def make_cached(project: Project, counting: CountingEncoder, name: str = "counting-1") -> CachedEncoder:
    """Make the encoder that keeps its rows in the project's table."""
    return CachedEncoder(name, project.store, lambda: counting)


def test_distinct_texts_are_embedded_once(project: Project, counting: CountingEncoder) -> None:
    """A text that comes twice, in one call or in two, is embedded once."""
    encoder = make_cached(project, counting)
    first = encoder.encode(["late parcel", "货没到", "late parcel"])
    second = encoder.encode(["货没到", "refund"])
    assert counting.asked == ["late parcel", "货没到", "refund"]
    assert np.array_equal(first[0], first[2]) and np.array_equal(first[1], second[0])


def test_cached_texts_need_no_model(project: Project, counting: CountingEncoder) -> None:
    """When the table holds every text, the model is never loaded, and the rows are the same bits."""
    texts = ["late parcel", "货没到", ""]
    rows = make_cached(project, counting).encode(texts)
    other = CachedEncoder("counting-1", project.store, lambda: pytest.fail("the model was loaded"))
    assert np.array_equal(other.encode(texts[::-1]), rows[::-1])
    assert other.dim == 4


def test_rows_of_two_models_never_mix(project: Project, counting: CountingEncoder) -> None:
    """Another model embeds the texts again, readers see only its rows, and the first one's are kept."""
    make_cached(project, counting).encode(["late parcel"])
    make_cached(project, counting, "counting-2").encode(["late parcel", "refund"])
    assert counting.asked == ["late parcel", "late parcel", "refund"]
    assert project.store.current("embeddings") == ["counting-2"]
    assert project.store.read("embeddings").num_rows == 2
    make_cached(project, counting).encode(["late parcel"])
    assert project.store.current("embeddings") == ["counting-1"]
    assert len(counting.asked) == 3


def test_killed_run_keeps_what_it_wrote(
    project: Project, counting: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New texts are written in batches, so a run that dies has lost one batch at most."""
    monkeypatch.setattr(encoders, "WRITE_EVERY", 2)
    encoder = make_cached(project, counting)
    with pytest.raises(AttributeError):
        encoder.encode(["one", "two", "three", None])  # type: ignore[list-item]
    make_cached(project, counting).encode(["one", "two"])
    assert counting.asked.count("one") == 1


def test_an_encoder_with_an_adapter_keeps_its_own_rows(project: Project, tmp_path: Path) -> None:
    """What is made with an adapter is kept beside what is made without, and readers go on seeing the latter."""

    class Adapted(CountingEncoder):
        def with_adapter(self, adapter: Path) -> CountingEncoder:
            other.name = f"other with {adapter.name}"
            return other

    counting, other = Adapted(), CountingEncoder()
    encoder = make_cached(project, counting)
    encoder.encode(["late parcel"])
    (tmp_path / "a.npz").write_bytes(b"an adapter")
    adapted = encoder.with_adapter(tmp_path / "a.npz")
    adapted.encode(["late parcel"])
    assert adapted.name == name_adapted("counting-1", tmp_path / "a.npz") != "counting-1"
    assert (counting.asked, other.asked) == (["late parcel"], ["late parcel"])
    assert project.store.current("embeddings") == ["counting-1"]
    make_cached(project, counting).with_adapter(tmp_path / "a.npz").encode(["late parcel"])
    assert other.asked == ["late parcel"]


def test_many_small_files_are_merged(
    project: Project, counting: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nightly batches do not pile up: more than MAX_FILES files become one, with the same rows."""
    monkeypatch.setattr(by_text, "MAX_FILES", 3)
    encoder, texts = make_cached(project, counting), [f"text {index}" for index in range(5)]
    rows = np.vstack([encoder.encode([text]) for text in texts])
    again = make_cached(project, counting).encode(texts)
    assert np.array_equal(rows, again)
    assert len(list((project.store.root / "embeddings" / "counting-1").glob("*.parquet"))) == 1
    assert len(counting.asked) == 5


def test_no_text_gives_no_row(project: Project, counting: CountingEncoder) -> None:
    """An empty list of texts gives an array without rows, as wide as any other."""
    assert make_cached(project, counting).encode([]).shape == (0, 4)


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (["where is my parcel"], "all-MiniLM-L6-v2"),
        (["where is my parcel", "包裹呢"], "multilingual-e5-small"),
        ([], "all-MiniLM-L6-v2"),
    ],
)
def test_loose_texts_choose_their_encoder(texts: list[str], name: str) -> None:
    """The English encoder is taken when no text has a Chinese character."""
    assert choose_encoder(texts, ModelSettings()) == name
    assert choose_encoder(texts, ModelSettings(encoder="mine")) == "mine"


def test_fingerprint_names_the_files(tmp_path: Path) -> None:
    """A pinned model's name ends in its pins; a folder's in its content, wherever it lies, notes aside."""
    pinned = find_fingerprint("multilingual-e5-small", ModelSettings())
    assert pinned.startswith("multilingual-e5-small-") and len(pinned) == len("multilingual-e5-small-") + 8
    names = []
    for folder, weights in (("a", "1"), ("b", "1"), ("c", "2")):
        (tmp_path / folder / "my model").mkdir(parents=True)
        (tmp_path / folder / "my model" / "model.safetensors").write_text(weights)
        (tmp_path / folder / "my model" / "README.md").write_text(folder)
        names.append(find_fingerprint(str(tmp_path / folder / "my model"), ModelSettings()))
    assert names[0] == names[1] != names[2]
    assert names[0].startswith("my-model-")


@pytest.mark.parametrize(
    ("name", "is_e5"),
    [
        ("intfloat/multilingual-e5-base", True),
        ("/data/models/e5-small-v2", True),
        ("intfloat/multilingual-e5-large-instruct", False),
        ("BAAI/bge-m3", False),
    ],
)
def test_e5_family_is_known(name: str, is_e5: bool) -> None:
    """Models of the e5 family get the prefix that they were trained with; others get none."""
    assert bool(encoders.E5_NAME.search(name)) == is_e5


SENTENCES = [
    "I ordered two weeks ago and nothing came",
    "my parcel never arrived",
    "快递显示签收了但我没收到",
    "我的包裹一直没有送到",
    "the router drops the line every evening, and I have called about that already",
    "",
    "\ud800",
]


@pytest.mark.model
@pytest.mark.parametrize("name", ["multilingual-e5-small", "all-MiniLM-L6-v2"])
def test_same_text_gives_the_same_row(name: str) -> None:
    """Rows have unit length and do not depend on what stands beside them."""
    encoder = load_encoder(name, ModelSettings(), device="cpu")
    together = encoder.encode(SENTENCES)
    alone = np.vstack([encoder.encode([text]) for text in SENTENCES])
    assert together.shape == (7, encoder.dim) and together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.abs(together - alone).max() < 2e-6, np.abs(together - alone).max()


@pytest.mark.model
def test_chinese_and_english_meet(project: Project) -> None:
    """The project's encoder puts a sentence nearer to its translation than to another subject."""
    encoder = make_encoder(project)
    parcel, translated, router = encoder.encode([SENTENCES[1], SENTENCES[3], SENTENCES[4]])
    assert parcel @ translated > parcel @ router
    assert encoder.name == find_fingerprint("multilingual-e5-small", ModelSettings())


@pytest.mark.model
def test_loading_says_and_asks_nothing(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading a model writes nothing to the terminal and opens no connection."""
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("a connection was opened"))
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: pytest.fail("a name was looked up"))
    load_encoder("all-MiniLM-L6-v2", Settings().models, device="cpu").encode(["hello"])
    assert capfd.readouterr() == ("", "")
