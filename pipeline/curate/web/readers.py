"""Readers: the act that a curator's form asks for, a reader each.

Errors: RuleError when a form asks for none, or for one without what it needs.
"""

from collections.abc import Callable

from django.http import QueryDict

from pipeline import curate
from pipeline.config import Project
from pipeline.curate import Act, Fields, Part
from pipeline.curate.rules import forbid
from pipeline.curate.web.forms import MAX_TEXT, Asked, Chosen, list_fields
from pipeline.measure.targets import MEASURES, PER
from pipeline.taxonomy import Taxonomy
from pipeline.taxonomy.codes import Target


def read_act(form: QueryDict, project: Project, taxonomy: Taxonomy) -> Act:
    """Read which act a form asks for.

    Raises:
        RuleError: It asks for none, or for one without what it needs.
    """
    reader = READERS.get(form.get("what", ""))
    if reader is None:
        raise forbid("no_act")
    if any(len(value) > MAX_TEXT for _, value in list_fields(form)):
        raise forbid("too_long", n=MAX_TEXT)
    return reader(Asked(form, project, taxonomy))


def find_next(form: QueryDict) -> str:
    """Find the number of the code to look at after an act that makes none."""
    return str(form.get(LEADS_TO.get(form.get("what", ""), "about"), "")).strip()


def _read_add(asked: Asked) -> Act:
    return _add(asked, is_step=False)


def _read_step(asked: Asked) -> Act:
    return _add(asked, is_step=True)


def _add(asked: Asked, *, is_step: bool) -> Act:
    part = _read_part(asked, asked.find_chosen())
    fields = Fields(owner=asked.text("owner"))
    return curate.add_code(part.number, part.names, part.sentences, fields=fields, is_step=is_step)


def _read_part(asked: Asked, chosen: Chosen, prefix: str = "") -> Part:
    """Read the number and the names of a new code."""
    if not any(asked.names(prefix).values()):
        raise forbid("no_name")
    return Part(asked.text(f"{prefix}number"), asked.names(prefix), chosen.sentences)


def _read_split(asked: Asked) -> Act:
    return curate.split_code(asked.find_code("about"), [_read_part(asked, asked.find_chosen())])


def _read_split_candidate(asked: Asked) -> Act:
    """Read one or two parts: what goes, and what stays where that is named too; what is left out is in neither."""
    parts = []
    if any(asked.names("stay_").values()):
        parts.append(_read_part(asked, asked.find_chosen(field="shown", but=("said", "out")), "stay_"))
    if any(asked.names().values()):
        parts.append(_read_part(asked, asked.find_chosen(but=("out",))))
    if not parts:
        raise forbid("no_name")
    return curate.split_candidate(parts)


def _read_forget(asked: Asked) -> Act:
    return curate.remove_examples(asked.find_code("about"), _find_only_examples(asked).texts)


def _find_only_examples(asked: Asked) -> Chosen:
    chosen = asked.find_chosen()
    if chosen.said:
        raise forbid("only_examples")
    return chosen


def _read_move(asked: Asked) -> Act:
    chosen, into = asked.find_chosen(), asked.find_code("into")
    if not chosen.examples:
        return curate.add_examples(into, chosen.said)
    return curate.move_examples(asked.find_code("about"), into, chosen.texts, said=chosen.said)


def _read_fields(asked: Asked) -> Act:
    fields = Fields(
        asked.text("owner"),
        asked.text("customer"),
        asked.text("company"),
        asked.find_amount("unit_cost"),
        asked.text("unit_cost_what"),
    )
    return curate.set_fields(asked.find_code("about"), fields)


def _read_target(asked: Asked) -> Act:
    number, measure, per = asked.find_code("about"), asked.text("measure"), asked.text("per")
    if measure not in MEASURES or per not in PER or not asked.text("value"):
        raise forbid("target")
    code = asked.taxonomy.find_code(number)
    old = code.target if code else None
    kept = old.baseline if old and (old.measure, old.per) == (measure, per) else None
    target = Target(measure, asked.find_amount("value"), per, asked.find_day("by"), asked.text("who"), kept)
    return curate.set_target(number, target)


READERS: dict[str, Callable[[Asked], Act]] = {
    "add": _read_add,
    "step": _read_step,
    "teach": lambda asked: curate.add_examples(asked.find_code("into"), asked.find_chosen().said),
    "example": lambda asked: curate.add_examples(asked.find_code("about"), asked.find_chosen().sentences),
    "not_example": lambda asked: curate.add_examples(
        asked.find_code("about"), asked.find_chosen().sentences, is_example=False
    ),
    "forget": _read_forget,
    "move": _read_move,
    "merge": lambda asked: curate.merge_codes([asked.find_code("about")], asked.find_code("into")),
    "split": _read_split,
    "split_candidate": _read_split_candidate,
    "rename": lambda asked: curate.rename_code(asked.find_code("about"), asked.names()),
    "fields": _read_fields,
    "target": _read_target,
    "no_target": lambda asked: curate.set_target(asked.find_code("about"), None),
    "set_apart": lambda asked: curate.set_apart(asked.find_code("about")),
    "retire": lambda asked: curate.retire_code(asked.find_code("about")),
    "reinstate": lambda asked: curate.reinstate_code(asked.find_code("about")),
}
LEADS_TO = {"teach": "into", "merge": "into"}  # the field that names the code to look at afterwards
