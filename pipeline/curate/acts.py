"""Acts: what a curator does to the codes, each a function from a taxonomy to a taxonomy.

An act says what it is called in the record, makes the new taxonomy, and names the fields it was decided on besides
those it changes. A number is never used again. A sentence taken from a call keeps its call id.

Errors: RuleError, raised when the act is applied, names the code and the rule, never a sentence.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from pipeline.curate.rules import forbid
from pipeline.decisions import Decision
from pipeline.taxonomy.codes import FEELINGS, STEP, Code, Target, Taxonomy

FIRST_NUMBER = 101


@dataclass(frozen=True)
class Sentence:
    """What a customer said, and in which call if it was taken from one."""

    text: str
    call_id: str = ""


@dataclass(frozen=True)
class Part:
    """One reason that a code is split into: a new number, its names and its sentences."""

    number: str
    names: Mapping[str, str]
    sentences: Sequence[Sentence]


@dataclass(frozen=True)
class Act:
    """One act: `what` is one of `pipeline.decisions.ACTS`; `reads` are (code, field) that it was decided on."""

    what: str
    edit: Callable[[Taxonomy], Taxonomy]
    reads: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Fields:
    """What a curator can set of a code; null leaves it as it is, an empty text empties it."""

    owner: str | None = None
    customer: str | None = None
    company: str | None = None
    unit_cost: float | None = None
    unit_cost_what: str | None = None


def propose_number(taxonomy: Taxonomy, decisions: Iterable[Decision] = ()) -> str:
    """Propose the next free number: one above the highest that was ever used."""
    used = list_numbers(taxonomy, decisions)
    return str(max((int(number) for number in used if number.isdecimal()), default=FIRST_NUMBER - 1) + 1)


def list_numbers(taxonomy: Taxonomy, decisions: Iterable[Decision] = ()) -> set[str]:
    """List the numbers that were ever used, those of codes that are gone among them."""
    return {code.number for code in taxonomy.codes} | {number for one in decisions for number in one.after}


def add_code(
    number: str,
    names: Mapping[str, str],
    sentences: Sequence[Sentence],
    *,
    fields: Fields | None = None,
    is_step: bool = False,
) -> Act:
    """Give a reason a number and a name; with `is_step` it is set apart as a process step at once."""
    return Act("set_apart" if is_step else "add", partial(_add, number, names, sentences, fields or Fields(), is_step))


def add_examples(number: str, sentences: Sequence[Sentence], *, is_example: bool = True) -> Act:
    """Add sentences to a code, as examples of it or as sentences that are not."""
    return Act("examples", _on(number, partial(_teach, sentences=sentences, is_example=is_example)))


def remove_examples(number: str, texts: Sequence[str]) -> Act:
    """Take sentences from a code's examples and not-examples."""
    return Act("examples", _on(number, partial(_forget, number=number, texts=texts)))


def move_examples(from_number: str, to_number: str, texts: Sequence[str], *, said: Sequence[Sentence] = ()) -> Act:
    """Take examples from one code and give them to another, together with what was `said` in calls."""
    return Act("move", partial(_move, from_number, to_number, texts, said))


def merge_codes(numbers: Sequence[str], into: str) -> Act:
    """Merge codes into another: their examples speak for it from then on, and their numbers stay in the file."""
    touched = [(number, field) for number in (*numbers, into) for field in ("examples", "status", "merged_into")]
    return Act("merge", partial(_merge, numbers, into), frozenset(touched))


def split_code(number: str, parts: Sequence[Part]) -> Act:
    """Make parts of a code reasons of their own; those of their sentences that are its examples leave it."""
    return Act("split", partial(_split, number, parts), frozenset({(number, "examples"), (number, "status")}))


def split_candidate(parts: Sequence[Part]) -> Act:
    """Make parts of a candidate reasons of their own, all at once; what is in none of them stays a candidate."""

    def edit(taxonomy: Taxonomy) -> Taxonomy:
        for part in parts:
            taxonomy = _add(part.number, part.names, part.sentences, Fields(), False, taxonomy)
        return taxonomy

    return Act("add", edit)


def set_apart(number: str) -> Act:
    """Say that a code is no reason but a process step: what says it is counted as no reason."""
    return Act("set_apart", _on(number, partial(_put_status, status=STEP)))


def retire_code(number: str) -> Act:
    """Retire a code: no call takes it any more, and its number stays in the file."""
    return Act("retire", _on(number, partial(_put_status, status="retired")))


def reinstate_code(number: str) -> Act:
    """Make a code that was retired, merged or set apart count again."""

    def edit(taxonomy: Taxonomy) -> Taxonomy:
        code = find_known(taxonomy, number)
        if code.is_active:
            raise forbid("active", number=number)
        return _put(taxonomy, replace(code, status="active", merged_into=""))

    return Act("reinstate", edit)


def rename_code(number: str, names: Mapping[str, str]) -> Act:
    """Name a code in one language or several; an empty name takes that language's away."""

    def edit(taxonomy: Taxonomy) -> Taxonomy:
        code = find_known(taxonomy, number)
        said = {language: name for language, name in {**code.names, **_clean_names(names)}.items() if name}
        return _put(taxonomy, replace(code, names=said))

    return Act("rename", edit)


def set_fields(number: str, fields: Fields) -> Act:
    """Set a code's owner, what it is to either side, and what it costs."""
    return Act("edit", lambda taxonomy: _put(taxonomy, _fill(find_known(taxonomy, number), fields)))


def set_target(number: str, target: Target | None) -> Act:
    """Set what the owner of a code has promised; null takes it back."""
    return Act("edit", lambda taxonomy: _put(taxonomy, replace(find_known(taxonomy, number), target=target)))


def find_known(taxonomy: Taxonomy, number: str) -> Code:
    """Find a code.

    Raises:
        RuleError: There is none of that number.
    """
    code = taxonomy.find_code(number)
    if code is None:
        raise forbid("unknown", number=number)
    return code


def find_open(taxonomy: Taxonomy, number: str) -> Code:
    """Find a code whose examples count.

    Raises:
        RuleError: There is none of that number, or it is retired or merged.
    """
    code = find_known(taxonomy, number)
    if not code.is_active and not code.is_step:
        raise forbid("merged" if code.merged_into else "retired", number=number, into=code.merged_into)
    return code


def _on(number: str, change: Callable[[Code], Code]) -> Callable[[Taxonomy], Taxonomy]:
    return lambda taxonomy: _put(taxonomy, change(find_open(taxonomy, number)))


def _put(taxonomy: Taxonomy, *changed: Code) -> Taxonomy:
    """Put codes into the place of those of their number; new ones come last."""
    by_number = {code.number: code for code in taxonomy.codes} | {code.number: code for code in changed}
    return replace(taxonomy, codes=tuple(by_number.values()))


def _add(
    number: str, names: Mapping[str, str], sentences: Sequence[Sentence], fields: Fields, is_step: bool, old: Taxonomy
) -> Taxonomy:
    if not number.strip() or old.find_code(number.strip()):
        raise forbid("taken", number=number, free=propose_number(old))
    if not any(one.text.strip() for one in sentences):
        raise forbid("no_sentence", number=number)
    made = Code(
        number.strip(),
        names={language: name for language, name in _clean_names(names).items() if name},
        status=STEP if is_step else "active",
    )
    return _put(old, _fill(_teach(made, sentences=sentences), fields))


def _teach(code: Code, *, sentences: Sequence[Sentence], is_example: bool = True) -> Code:
    """Add sentences to one side of a code; one that stands on the other side changes sides."""
    said = {" ".join(one.text.split()): one.call_id for one in sentences if one.text.strip()}
    own, other = (code.examples, code.not_examples) if is_example else (code.not_examples, code.examples)
    own, other = tuple(dict.fromkeys([*own, *said])), tuple(text for text in other if text not in said)
    call_ids = {**code.example_call_ids, **{text: call_id for text, call_id in said.items() if call_id}}
    examples, not_examples = (own, other) if is_example else (other, own)
    return replace(code, examples=examples, not_examples=not_examples, example_call_ids=call_ids)


def _forget(code: Code, *, number: str, texts: Sequence[str]) -> Code:
    gone = set(texts)
    if not gone <= {*code.examples, *code.not_examples}:
        raise forbid("gone", number=number)
    return replace(
        code,
        examples=tuple(text for text in code.examples if text not in gone),
        not_examples=tuple(text for text in code.not_examples if text not in gone),
        example_call_ids={text: call_id for text, call_id in code.example_call_ids.items() if text not in gone},
    )


def _move(from_number: str, to_number: str, texts: Sequence[str], said: Sequence[Sentence], old: Taxonomy) -> Taxonomy:
    giver, taker = find_open(old, from_number), find_open(old, to_number)
    if from_number == to_number:
        raise forbid("same", number=to_number)
    sentences = [*(Sentence(text, giver.example_call_ids.get(text, "")) for text in texts), *said]
    return _put(old, _forget(giver, number=from_number, texts=texts), _teach(taker, sentences=sentences))


def _merge(numbers: Sequence[str], into: str, old: Taxonomy) -> Taxonomy:
    find_open(old, into)
    merged = [find_open(old, number) for number in numbers]
    if into in numbers or not merged:
        raise forbid("itself", number=into)
    followed = [code for code in old.codes if code.merged_into in numbers]  # what was merged before goes along
    return _put(old, *(replace(code, merged_into=into) for code in (*merged, *followed)))


def _split(number: str, parts: Sequence[Part], old: Taxonomy) -> Taxonomy:
    code, new = find_open(old, number), old
    if not parts:
        raise forbid("split_into_nothing", number=number)
    for part in parts:
        known = [replace(one, call_id=one.call_id or code.example_call_ids.get(one.text, "")) for one in part.sentences]
        kept = Fields(code.owner, code.customer, code.company)
        new = _add(part.number, part.names, known, kept, code.is_step, new)
    gone = {one.text for part in parts for one in part.sentences} & set(code.examples)
    if gone == set(code.examples):
        raise forbid("keeps_nothing", number=number)
    return _put(new, _forget(code, number=number, texts=sorted(gone)))


def _put_status(code: Code, *, status: str) -> Code:
    return replace(code, status=status)


def _fill(code: Code, fields: Fields) -> Code:
    for name in ("customer", "company"):
        if getattr(fields, name) not in (None, *FEELINGS):
            raise forbid("worth", number=code.number, field=name)
    if fields.unit_cost is not None and not 0 <= fields.unit_cost < float("inf"):
        raise forbid("cost", number=code.number)
    return replace(code, **{name: value for name, value in vars(fields).items() if value is not None})


def _clean_names(names: Mapping[str, str]) -> dict[str, str]:
    return {language: " ".join(name.split()) for language, name in names.items()}
