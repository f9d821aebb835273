"""Device: a GPU where there is one, and numbers of a format that it does quickly."""

import pytest
import torch

from pipeline.config import ProjectSettings
from pipeline.errors import SettingsError
from pipeline.models import check_device, choose_device
from pipeline.models.device import halve


@pytest.mark.parametrize(
    ("device", "has_gpu", "expected"), [("auto", False, "cpu"), ("auto", True, "cuda"), ("cpu", True, "cpu")]
)
def test_device_is_chosen(device: str, has_gpu: bool, expected: str) -> None:
    """A GPU is used when there is one, unless the CPU is asked for."""
    assert check_device(device, has_gpu=has_gpu) == expected


def test_missing_gpu_is_told() -> None:
    """Asking for a GPU that is not there is the user's mistake."""
    with pytest.raises(SettingsError, match=r"project\.device"):
        check_device("cuda", has_gpu=False)


def test_cpu_computes_in_8_bits() -> None:
    """On a CPU speech is recognised with 8-bit numbers."""
    assert choose_device(ProjectSettings(device="cpu")) == ("cpu", "int8")


@pytest.mark.parametrize(
    ("may_halve", "does_half", "expected"),
    [(True, True, torch.bfloat16), (True, False, torch.float32), (False, True, torch.float32)],
)
def test_16_bits_only_where_they_may_be_and_are_quick(
    may_halve: bool, does_half: bool, expected: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A product is of 16 bits where an encoder may have that and the processor has instructions for it."""
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: does_half)
    with halve(may_halve):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == expected
