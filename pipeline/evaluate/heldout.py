"""Held out: reasons by which recipes are chosen, CLINC150's two bank domains and three domains of our own sentences.

Choosing between recipes must not look at what is measured in the end; these reasons may be looked at. They measure an
adapter that was made with `--hold-out`; the English one that is shipped was taught them in the end.

Errors: InputError when the package lost its list.
"""

from functools import cache

from pipeline.adapt.lessons import read_names
from pipeline.models import find_defaults


@cache
def load_held_out() -> frozenset[str]:
    """Load their names: what `callreasons adapt --hold-out` was given for the package's adapters."""
    return read_names(find_defaults() / "adapters" / "held_out.txt")
