"""What agents say calls were about, beside what was heard: codes they logged, notes, answers to the weekly question."""

import pyarrow as pa

from pipeline.tables.columns import COUNT, NUMBER, REASON_ID, REASON_KIND, TEXT, WEEK
from pipeline.tables.spec import CALL_ID, TableSpec, make_field

SOURCE = make_field("source", TEXT, "code: what the agent logged; note: what the agent's note was matched to.")
QUEUE = make_field("queue", TEXT, "The queue; empty when not known.")
TEAM = make_field("queue", TEXT, "The team that was asked, as queues are called; empty for all queues.")
AGREEMENT = (
    make_field("n_logged", COUNT, "Calls that an agent logged a code for, or wrote a note about."),
    make_field("n_coded", COUNT, "Of those, calls in which a code was heard."),
    make_field("n_agreed", COUNT, "Of those, calls in which it was the one logged."),
    make_field("n_general", COUNT, "Of n_logged, calls logged under a code that says nothing, or with such a note."),
    make_field("kappa", NUMBER, "Cohen's kappa over n_coded: agreement beyond chance, 1 at most; null for one code."),
    make_field("kappa_low", NUMBER, "95 % interval; null for fewer than 30 calls."),
    make_field("kappa_high", NUMBER, "Its other end."),
)

LOGGED = (
    TableSpec(
        "note_reasons",
        ("call_id",),
        "what the agent's note of one call was matched to",
        pa.schema(
            [
                CALL_ID,
                make_field("code", TEXT, "The code; null when none took it."),
                make_field("no_code", TEXT, "none_of_these or undecided; null with a code."),
                make_field("score_ratio", NUMBER, "How surely the best code fits, 0 to 1."),
            ]
        ),
    ),
    TableSpec(
        "logged_reasons",
        ("source", "queue", "logged_code", "reason_kind", "reason_id"),
        "what agents of one queue logged, and what was heard",
        pa.schema(
            [
                SOURCE,
                QUEUE,
                make_field("logged_code", TEXT, "The code that the agent logged; a note's may be a kind of no-code."),
                REASON_KIND,
                REASON_ID,
                make_field("n_calls", COUNT, "Calls with both."),
            ]
        ),
    ),
    TableSpec(
        "logged_agreement",
        ("source", "queue"),
        "one queue's logging beside what was heard",
        pa.schema([SOURCE, QUEUE, *AGREEMENT]),
    ),
    TableSpec(
        "agent_agreement",
        ("source", "agent_id"),
        "one agent's logging beside what was heard; no row unless `show_agents` asks for it",
        pa.schema([SOURCE, make_field("agent_id", TEXT, "Keyed hash of the agent's id."), *AGREEMENT]),
    ),
    TableSpec(
        "asked_reasons",
        ("week", "queue", "reason_kind", "reason_id"),
        "one reason in one week, as a team answered what most people called about, and as it was heard",
        pa.schema(
            [
                WEEK,
                TEAM,
                REASON_KIND,
                REASON_ID,
                make_field("n_answers", COUNT, "Answers that name it."),
                make_field("answer_rank", COUNT, "Its place among the answers, 1 for most; null when nobody names it."),
                make_field("n_calls", COUNT, "Calls in which it was heard."),
                make_field("heard_rank", COUNT, "Its place among what was heard, likewise."),
            ]
        ),
    ),
    TableSpec(
        "asked_agreement",
        ("week", "queue"),
        "one team's answers of one week beside what was heard",
        pa.schema(
            [
                WEEK,
                TEAM,
                make_field("n_answers", COUNT, "Answers."),
                make_field("n_named", COUNT, "Of those, answers that name a code."),
                make_field("n_agreed", COUNT, "Of those, answers that name one of the three reasons most heard."),
                make_field("agreed_ratio", NUMBER, "n_agreed over n_answers; null when nothing was heard that week."),
            ]
        ),
    ),
)
