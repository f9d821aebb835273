"""Forms: the act that a curator's form asks for.

Sentences of calls are sent as their places, `index:call_id`, and looked up here; examples are sent as they stand.

Errors: RuleError when a form lacks something or names what is not there.
"""

from collections.abc import Callable, Mapping, Sequence

from django.http import HttpRequest, QueryDict

from pipeline import curate
from pipeline.config import Project
from pipeline.curate import Act, Fields, Sentence
from pipeline.curate.rules import forbid
from pipeline.curate.web.snapshot import ask
from pipeline.taxonomy import Taxonomy
from pipeline.words import LANGUAGES

MAX_TEXT = 2000  # characters of a field
MAX_SENTENCES = 500  # in one act
NOT_REPEATED = ("csrfmiddlewaretoken",)


def read_act(request: HttpRequest, project: Project, taxonomy: Taxonomy) -> Act:
    """Read which act a form asks for.

    Raises:
        RuleError: It asks for none, or for one without what it needs.
    """
    form = request.POST
    reader = READERS.get(form.get("what", ""))
    if reader is None:
        raise forbid("no_act")
    if any(len(value) > MAX_TEXT for _, value in list_fields(form)):
        raise forbid("too_long", n=MAX_TEXT)
    return reader(Asked(form, project, taxonomy))


def list_fields(form: QueryDict) -> list[tuple[str, str]]:
    """List what a form says, to be asked again by the next one."""
    return [(name, value) for name, values in form.lists() if name not in NOT_REPEATED for value in values]


class Asked:
    """What a form says, and where its sentences are looked up."""

    def __init__(self, form: QueryDict, project: Project, taxonomy: Taxonomy) -> None:
        self.form, self.project, self.taxonomy = form, project, taxonomy

    def text(self, name: str) -> str:
        """Read a field, '' where it is not there."""
        return str(self.form.get(name, "")).strip()

    @property
    def names(self) -> Mapping[str, str]:
        """The names in both languages."""
        return {language: self.text(f"name_{language}") for language in LANGUAGES}

    def find_code(self, name: str) -> str:
        """Read the number of a code."""
        if not self.text(name):
            raise forbid("no_code")
        return self.text(name)

    def find_said(self) -> list[Sentence]:
        """Look up what was said at the chosen places."""
        places = self.form.getlist("said")
        if not places or len(places) > MAX_SENTENCES:
            raise forbid("how_many", n=MAX_SENTENCES)
        found = read_said(self.project, places)
        if len(found) < len(set(places)):
            raise forbid("went")
        return [found[place] for place in dict.fromkeys(places)]

    def find_examples(self) -> list[str]:
        """Find the chosen examples; a browser may send other line ends than the file has."""
        chosen = {_fold(text) for text in self.form.getlist("example")}
        code = self.taxonomy.find_code(self.find_code("about"))
        texts = [text for text in (*code.examples, *code.not_examples) if _fold(text) in chosen] if code else []
        if not texts:
            raise forbid("no_example")
        return texts


def read_said(project: Project, places: Sequence[str]) -> dict[str, Sentence]:
    """Read what was said at places; one that is not there is left out."""
    call_ids = sorted({place.partition(":")[2] for place in places})
    rows = ask(
        project,
        "select call_id, utterance_index, text from reason_utterances where list_contains($call_ids, call_id)",
        {"call_ids": call_ids},
    )
    found = {f"{row['utterance_index']}:{row['call_id']}": Sentence(row["text"], row["call_id"]) for row in rows}
    return {place: found[place] for place in places if place in found}


def _read_add(asked: Asked) -> Act:
    if not any(asked.names.values()):
        raise forbid("no_name")
    fields = Fields(owner=asked.text("owner"))
    return curate.add_code(asked.text("number"), asked.names, asked.find_said(), fields=fields)


def _read_fields(asked: Asked) -> Act:
    fields = Fields(asked.text("owner"), asked.text("customer"), asked.text("company"))
    return curate.set_fields(asked.find_code("about"), fields)


READERS: dict[str, Callable[[Asked], Act]] = {
    "add": _read_add,
    "teach": lambda asked: curate.add_examples(asked.find_code("into"), asked.find_said()),
    "example": lambda asked: curate.add_examples(asked.find_code("about"), asked.find_said()),
    "not_example": lambda asked: curate.add_examples(asked.find_code("about"), asked.find_said(), is_example=False),
    "forget": lambda asked: curate.remove_examples(asked.find_code("about"), asked.find_examples()),
    "move": lambda asked: curate.move_examples(
        asked.find_code("about"), asked.find_code("into"), asked.find_examples()
    ),
    "merge": lambda asked: curate.merge_codes([asked.find_code("about")], asked.find_code("into")),
    "rename": lambda asked: curate.rename_code(asked.find_code("about"), asked.names),
    "fields": _read_fields,
    "retire": lambda asked: curate.retire_code(asked.find_code("about")),
    "reinstate": lambda asked: curate.reinstate_code(asked.find_code("about")),
}
LEADS_TO = {"add": "number", "teach": "into", "merge": "into"}  # the field that names the code to look at afterwards


def find_next(form: QueryDict) -> str:
    """Find the number of the code that an act leads to."""
    return str(form.get(LEADS_TO.get(form.get("what", ""), "about"), "")).strip()


def _fold(text: str) -> str:
    return " ".join(text.split())
