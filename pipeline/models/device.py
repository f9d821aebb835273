"""Device: a GPU where there is one, the CPU otherwise, and the number format that suits it."""

import os
from contextlib import AbstractContextManager

from pipeline.config import ProjectSettings
from pipeline.errors import SettingsError

# Best first; CTranslate2 says which of them this device can do.
COMPUTE_TYPES = {"cpu": ("int8", "float32"), "cuda": ("float16", "int8_float32", "float32")}


def choose_device(settings: ProjectSettings) -> tuple[str, str]:
    """Choose where and in which number format speech is recognised.

    Returns:
        The device, cpu or cuda, and CTranslate2's compute type.

    Raises:
        SettingsError: `device = "cuda"` is set and there is no such GPU.
    """
    import ctranslate2

    device = check_device(settings.device, has_gpu=ctranslate2.get_cuda_device_count() > 0)
    supported = ctranslate2.get_supported_compute_types(device)
    return device, next(kind for kind in COMPUTE_TYPES[device] if kind in supported)


def check_device(device: str, *, has_gpu: bool) -> str:
    """Say what "auto" means on this machine.

    Raises:
        SettingsError: A GPU is asked for and there is none.
    """
    if device == "cuda" and not has_gpu:
        raise SettingsError("Setting 'project.device' is 'cuda', but no CUDA GPU is found. Set it to 'auto' or 'cpu'.")
    return ("cuda" if has_gpu else "cpu") if device == "auto" else device


def halve(may_halve: bool) -> AbstractContextManager[None]:
    """Let torch reckon in 16 bits on a processor that has instructions for it, which is quicker."""
    import torch

    ask = getattr(torch.cpu, "_is_avx512_bf16_supported", None)  # there is no public way
    does_half = ask is not None and ask()
    context: AbstractContextManager[None] = torch.autocast("cpu", torch.bfloat16, enabled=may_halve and does_half)
    return context


def count_cores() -> int:
    """Count the cores this process may use; OMP_NUM_THREADS can lower it."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(int(wanted), available) if wanted.isdigit() and int(wanted) else available
