"""Curate: what a person does to the taxonomy, what it would move, how healthy it is, and what to look at next.

    opened = open_taxonomy(folder, now)          the codes, their revision, the next free number; hand edits are noticed
    act = merge_codes(["107"], "103")            an act; `acts` has them all
    previewer = open_previewer(project)          once a run; `name_board` says when a run made other rows
    previewer.preview(act, opened.taxonomy)      calls and cost that change code, from and to, the most doubtful
    make_act(folder, act, based_on=opened.revision, who=who, now=now)
    undo(folder, who=who, now=now); redo(...); list_history(folder)
    find_health(taxonomy, encoder, background, board=previewer.board, agreement=None)
    list_queue(project, board=previewer.board, encoder=previewer.encoder)
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
    split_candidate,
    split_code,
)
from pipeline.curate.board import Board, load_board, name_board
from pipeline.curate.health import CodeHealth, Health, HealthPart, find_health, judge_codes, score_health
from pipeline.curate.history import Conflict, Entry, Made, Opened, list_history, make_act, open_taxonomy, redo, undo
from pipeline.curate.moving import Doubtful, Flow
from pipeline.curate.preview import Preview, Previewer, open_previewer
from pipeline.curate.splitting import cut_by_sentence, suggest_cut
from pipeline.curate.tasks import Found, Task, list_queue, list_tasks, read_found
from pipeline.curate.vectors import map_encoder
from pipeline.errors import ConflictError

__all__ = [
    "Act",
    "Board",
    "CodeHealth",
    "Conflict",
    "ConflictError",
    "Doubtful",
    "Entry",
    "Fields",
    "Flow",
    "Found",
    "Health",
    "HealthPart",
    "Made",
    "Opened",
    "Part",
    "Preview",
    "Previewer",
    "Sentence",
    "Task",
    "add_code",
    "add_examples",
    "cut_by_sentence",
    "find_health",
    "judge_codes",
    "list_history",
    "list_numbers",
    "list_queue",
    "list_tasks",
    "load_board",
    "make_act",
    "map_encoder",
    "merge_codes",
    "move_examples",
    "name_board",
    "open_previewer",
    "open_taxonomy",
    "propose_number",
    "read_found",
    "redo",
    "reinstate_code",
    "remove_examples",
    "rename_code",
    "retire_code",
    "score_health",
    "set_apart",
    "set_fields",
    "set_target",
    "split_candidate",
    "split_code",
    "suggest_cut",
    "undo",
]
