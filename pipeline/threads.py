"""Threads: keep linear algebra to one thread while matrices are small.

Threads that wait for each other cost more than they save there. The libraries are looked for once: looking for them
holds the loader's lock, and a thread that just imports one would wait for it, and it for that thread, for ever.

Errors: none of its own.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_LOCK = threading.Lock()


@contextmanager
def use_one_thread() -> Iterator[None]:
    """Let linear algebra use one thread."""
    with _LOCK:
        libraries = _find_libraries()
    with libraries.limit(limits=1):
        yield


@cache
def _find_libraries() -> Any:  # noqa: ANN401 - threadpoolctl has no types
    import scipy.linalg  # noqa: F401 - loaded to be found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
