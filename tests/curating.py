"""What the tests of curating share: a small taxonomy that people wrote, with comments, and acts that are made on it."""

from pathlib import Path

from conftest import NOW

from pipeline.curate import Act, make_act, open_taxonomy
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, read_taxonomy

CONTENT = """\
# Ours, in the order of the report.
version: 1
currency: EUR
codes:
  - number: 101
    name: {en: Parcel never came, zh: 包裹没到}
    owner: logistics
    examples: [my parcel never came, where is my parcel, 我的包裹没到]
    cost: {unit: 12.5, what: new parcel}

  # asked for every month
  - number: 102
    name: {en: Invoice is wrong, zh: 发票错了}
    examples:
      - my invoice is wrong
      - text: the amount on my bill is wrong
        call_id: call-7
      - 发票写错了

  - number: 103
    name: {en: Card is blocked}
    examples: [my card is blocked, the bank card does not work]
    target: {measure: calls, value: 5, by: 2027-03-31}
"""


def write_taxonomy(folder: Path, content: str = CONTENT) -> Path:
    """Write the taxonomy into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TAXONOMY_FILE).write_text(content, encoding="utf-8")
    return folder


def act_now(folder: Path, act: Act, who: str = "li"):
    """Make an act on what the file says now."""
    return make_act(folder, act, based_on=open_taxonomy(folder, NOW).revision, who=who, now=NOW)


def read(folder: Path) -> Taxonomy:
    """Read the taxonomy."""
    return read_taxonomy(folder / TAXONOMY_FILE)
