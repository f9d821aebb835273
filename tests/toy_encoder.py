"""A stand-in for an encoder: a sentence is the mean of its words' fixed random directions."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

# Words that mean the same point the same way, in both languages.
MEANINGS = {
    "包": "parcel",
    "裹": "parcel",
    "货": "parcel",
    "晚": "late",
    "迟": "late",
    "票": "invoice",
    "发": "invoice",
}


class ToyEncoder:
    """Knows nothing but words."""

    name = "toy"
    dim = 64
    library = None

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts."""
        return np.stack([self._embed(text) for text in texts]) if texts else np.zeros((0, self.dim), np.float32)

    def _embed(self, text: str) -> NDArray[np.float32]:
        words = text.lower().split() if text.isascii() else list(text)
        directions = [self._point(MEANINGS.get(word, word)) for word in words] or [self._point("")]
        total = np.sum(directions, axis=0)
        return (total / np.linalg.norm(total)).astype(np.float32)

    def _point(self, word: str) -> NDArray[np.float64]:
        seed = int.from_bytes(sha256(word.encode()).digest()[:4], "big")
        return np.random.default_rng(seed).normal(size=self.dim)
