"""What the tests of curating share: a small taxonomy that people wrote, with comments, and acts that are made on it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from conftest import NOW, SilentProgress

from pipeline import assign
from pipeline.config import Project
from pipeline.curate import Act, make_act, open_taxonomy
from pipeline.tables import hash_text, make_table
from pipeline.taxonomy import TAXONOMY_FILE, Taxonomy, read_taxonomy
from pipeline.work import Work

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


def say(call_id: str, text: str, index: int = 0, *, turn: str = "") -> dict[str, object]:
    """Make a reason utterance and the turn it stands in."""
    return {
        "call_id": call_id,
        "utterance_index": index,
        "turn_index": 2 * index + 1,
        "text": text,
        "turn": turn or text,
    }


def write_calls(project: Project, said: Sequence[Mapping[str, object]]) -> None:
    """Write what customers said, and the turns it was said in."""
    rows = [{**one, "text_id": hash_text(str(one["text"])), "score_ratio": 0.9} for one in said]
    covers = {str(one["call_id"]): str(one["call_id"]) for one in said}
    store = project.store
    turns = [{**one, "text": one["turn"], "role": "customer"} for one in said]
    transcripts = [{"call_id": call_id, "is_heard": True} for call_id in covers]
    for name, made in (("reason_utterances", rows), ("turns", turns), ("transcripts", transcripts)):
        store.write(name, "f", make_table(name, made), covers)
        store.set_current(name, ["f"])


def code_calls(project: Project, fingerprint: str) -> dict[tuple[str, int], str]:
    """Code the calls as a run does, and say what became of each utterance."""
    work = Work(project=project, stage="assign", fingerprint=fingerprint, progress=SilentProgress(), now=NOW)
    assign.run(work)
    rows = project.store.read("call_reasons").to_pylist()
    return {(row["call_id"], row["utterance_index"]): row["code"] or row["no_code"] for row in rows}


def write_costs(project: Project, costs: Mapping[tuple[str, str], float]) -> None:
    """Write what each call cost for each of its reasons."""
    rows = [
        {"call_id": call_id, "said_index": at, "reason_id": reason, "cost": cost}
        for at, ((call_id, reason), cost) in enumerate(costs.items())
    ]
    project.store.write_whole("reason_calls", "f", make_table("reason_calls", rows))


def write_candidate(project: Project, cluster_id: str, name: str, members: Sequence[tuple[str, int]]) -> None:
    """Write one candidate."""
    rows = [{"call_id": call_id, "utterance_index": at, "cluster_id": cluster_id} for call_id, at in members]
    project.store.write_whole("cluster_members", "f", make_table("cluster_members", rows))
    project.store.write_whole("clusters", "f", make_table("clusters", [{"cluster_id": cluster_id, "name": name}]))
