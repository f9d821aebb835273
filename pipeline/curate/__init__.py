"""Curate: what a person does to the taxonomy, and what it would move.

    opened = open_taxonomy(folder, now)          the codes, their revision, the next free number; hand edits are noticed
    act = merge_codes(["107"], "103")            an act; `acts` has them all
    previewer = open_previewer(project)          once a run; `name_board` says when a run made other rows
    previewer.preview(act, opened.taxonomy)      calls and cost that change code, from and to, the most doubtful
    make_act(folder, act, based_on=opened.revision, who=who, now=now)
    undo(folder, who=who, now=now); redo(...); list_history(folder)
    suggest_cut(sentences, encoder); cut_by_sentence(sentences, sentence, encoder)

`folder` is the project's taxonomy folder. Nothing here knows of a page; words are taken from `pipeline.words`.

Errors: ConflictError holds both versions of what somebody else changed meanwhile (`Conflict`); TaxonomyError names the
rule that forbids an act; MissingTableError before the first run.
"""

from pipeline.curate.acts import (
    Act,
    Fields,
    Part,
    Sentence,
    add_code,
    add_examples,
    list_numbers,
    merge_codes,
    move_examples,
    propose_number,
    reinstate_code,
    remove_examples,
    rename_code,
    retire_code,
    set_apart,
    set_fields,
    set_target,
    split_code,
)
from pipeline.curate.board import Board, load_board, name_board
from pipeline.curate.history import Conflict, Entry, Made, Opened, list_history, make_act, open_taxonomy, redo, undo
from pipeline.curate.preview import Doubtful, Flow, Preview, Previewer, open_previewer
from pipeline.curate.splitting import cut_by_sentence, suggest_cut
from pipeline.curate.vectors import map_encoder
from pipeline.errors import ConflictError

__all__ = [
    "Act",
    "Board",
    "Conflict",
    "ConflictError",
    "Doubtful",
    "Entry",
    "Fields",
    "Flow",
    "Made",
    "Opened",
    "Part",
    "Preview",
    "Previewer",
    "Sentence",
    "add_code",
    "add_examples",
    "cut_by_sentence",
    "list_history",
    "list_numbers",
    "load_board",
    "make_act",
    "map_encoder",
    "merge_codes",
    "move_examples",
    "name_board",
    "open_previewer",
    "open_taxonomy",
    "propose_number",
    "redo",
    "reinstate_code",
    "remove_examples",
    "rename_code",
    "retire_code",
    "set_apart",
    "set_fields",
    "set_target",
    "split_code",
    "suggest_cut",
    "undo",
]
