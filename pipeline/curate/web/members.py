"""Members: the sentences of what is split, on the side where they stand.

They are cut as is suggested, by one sentence that must go elsewhere, or as they were picked on the page before.

Errors: none of its own. A sentence that is not there any more is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.config import Project
from pipeline.curate import Sentence, cut_by_sentence, suggest_cut
from pipeline.curate.web import quotes
from pipeline.curate.web.desk import Desk
from pipeline.curate.web.forms import name_example
from pipeline.curate.web.quotes import Quote
from pipeline.taxonomy import Code

N_OF_CODE, N_OF_CANDIDATE = 12, 24  # sentences of calls shown of either end, besides a code's examples


@dataclass(frozen=True)
class Member:
    """One sentence of what is split: an example, a quote or both; `sentence_id` names it in a form."""

    sentence_id: str
    sentence: Sentence
    quote: Quote | None = None
    is_example: bool = False
    goes: bool = False


def list_members(project: Project, code: Code) -> list[Member]:
    """List a code's examples, and what it took in calls besides."""
    told = [(text, Sentence(text, code.example_call_ids.get(text, ""))) for text in code.examples]
    examples = [Member(name_example(text), sentence, is_example=True) for text, sentence in told]
    return _list_distinct([*examples, *_list_said(project, "code", code.number, N_OF_CODE)])


def list_candidate_members(project: Project, cluster_id: str) -> list[Member]:
    """List what is typical of a candidate, and what stands at its edge."""
    return _list_distinct(_list_said(project, "candidate", cluster_id, N_OF_CANDIDATE))


def pick(project: Project, members: list[Member], sentence_ids: list[str]) -> list[Member]:
    """Let the picked sentences go; those that were not listed come along."""
    known = {one.sentence_id for one in members}
    others = [one for one in sentence_ids if ":" in one and one not in known]
    more = [_make_member(quote) for quote in quotes.find_quotes(project, others)]
    return [replace(one, goes=one.sentence_id in sentence_ids) for one in _list_distinct([*more, *members])]


def cut_members(desk: Desk, members: list[Member], sentence_id: str = "") -> list[Member] | None:
    """Cut in two as is suggested, or by one sentence that must go; null while there is nothing to cut with."""
    previewer = desk.previewer
    if previewer is None:
        return None
    sentences = [one.sentence for one in members]
    must_go = next((one.sentence.text for one in members if one.sentence_id == sentence_id), "")
    with desk.asking:
        encoder = previewer.encoder
        _, go = cut_by_sentence(sentences, must_go, encoder) if must_go else suggest_cut(sentences, encoder)
    return [replace(one, goes=one.sentence in go) for one in members]


def _list_said(project: Project, kind: str, reason_id: str, n: int) -> list[Member]:
    found = [
        quote for order in ("typical", "edge") for quote in quotes.list_quotes(project, kind, reason_id, order, n=n)
    ]
    return [_make_member(quote) for quote in found]


def _make_member(quote: Quote) -> Member:
    return Member(quote.place, Sentence(quote.text, quote.call_id), quote)


def _list_distinct(members: Iterable[Member]) -> list[Member]:
    """List each sentence once; an example that was said in a call can be played."""
    kept: dict[str, Member] = {}
    for one in members:
        text = " ".join(one.sentence.text.split())
        first = kept.setdefault(text, one)
        if first.quote is None and first.sentence.call_id in ("", one.sentence.call_id):
            kept[text] = replace(first, quote=one.quote)
    return list(kept.values())
