"""What was counted: calls and their reasons one by one, what they add up to, the funnel, and what was left out."""

import pyarrow as pa

from pipeline.tables.columns import (
    CALL_DAY,
    COSTS,
    COUNT,
    CURRENCY,
    CUT_METRICS,
    FLAG,
    FUNNEL,
    METRICS,
    NUMBER,
    OWNER,
    PERIOD,
    PERIOD_START,
    REASON_ID,
    REASON_KIND,
    RETURNS,
    SAID,
    TEXT,
    TIMES,
    TRIGGER_ID,
    TRIGGER_KIND,
)
from pipeline.tables.spec import CALL_ID, TableSpec, make_field

MEASURED = (
    TableSpec(
        "reason_calls",
        ("call_id", "said_index"),
        "one reason of one call, each counted once, with what is charged to it; `calls` says more of the call",
        pa.schema(
            [
                CALL_ID,
                make_field("said_index", COUNT, "Its place among the call's reasons, in the order they were said."),
                make_field("is_first", FLAG, "The first of the call's reasons."),
                make_field("n_reasons", COUNT, "How many reasons the call has."),
                REASON_ID,
                REASON_KIND,
                OWNER,
                make_field("is_owners_first", FLAG, "The first of the call's reasons that its owner must fix."),
                make_field("charged_ratio", NUMBER, "Part of the handle time charged to this reason, 0 to 1."),
                *RETURNS,
                *COSTS,
                CALL_DAY,
                make_field("hour", COUNT, "Hour of the day in which it began, 0 to 23."),
                make_field("contact_channel", TEXT, "phone, chat, email, note or comment."),
                make_field("queue", TEXT, "The queue the call came in on."),
                make_field("region", TEXT, "The customer's region."),
                make_field("logged_code", TEXT, "The code that the agent logged."),
                make_field("is_abandoned", FLAG, "The customer hung up before an answer."),
                make_field("is_heard", FLAG, "Its words are good enough to judge."),
                make_field("is_said_why", FLAG, "The customer said why."),
                make_field("is_coded", FLAG, "The call has at least one code."),
                make_field("wait_s", NUMBER, "Seconds waited before an agent answered."),
                make_field("talk_s", NUMBER, "Seconds talked."),
                make_field("hold_s", NUMBER, "Seconds on hold."),
                make_field("wrap_s", NUMBER, "Seconds of work after the call."),
                make_field("first_response_s", NUMBER, "Seconds to the first answer in a written contact."),
                make_field("handle_time_s", NUMBER, "Handle time of the whole call; null when not known."),
                make_field("is_handle_time_estimated", FLAG, "The recording's length stood in for handle time."),
                make_field("sentiment_label", TEXT, "negative, neutral or positive; null when nothing was said."),
                make_field("start_label", TEXT, "The same for the start of the call."),
                make_field("end_label", TEXT, "… for its end."),
                make_field("csat", NUMBER, "Customer satisfaction, as surveyed."),
                make_field("nps", NUMBER, "Likelihood to recommend, 0 to 10."),
                make_field("ces", NUMBER, "Customer effort, as surveyed."),
                *SAID,
                make_field("failed_department", TEXT, "Which one failed them, where they named it."),
                make_field("is_transfer", FLAG, "Goes on with a call of the same customer begun just before."),
            ]
        ),
    ),
    TableSpec(
        "repeat_calls",
        ("call_id", "reason_kind", "reason_id", "trigger_kind", "trigger_id"),
        "one reason of one repeat and what it came back to",
        pa.schema(
            [
                CALL_ID,
                REASON_ID,
                REASON_KIND,
                TRIGGER_ID,
                TRIGGER_KIND,
                CALL_DAY,
                make_field("is_same_reason", FLAG, "Came back to its own reason."),
                make_field("part_ratio", NUMBER, "Its part, when the contact before had several reasons."),
                make_field("cost", NUMBER, "The repeat's cost × part_ratio, charged to the trigger."),
            ]
        ),
    ),
    TableSpec(
        "repeat_matrix",
        ("trigger_kind", "trigger_id", "reason_kind", "reason_id"),
        "what customers called about, and what they came back about",
        pa.schema(
            [
                TRIGGER_KIND,
                TRIGGER_ID,
                REASON_KIND,
                REASON_ID,
                make_field("n_repeats", NUMBER, "Repeats; one that came back to several reasons is split."),
                make_field("cost", NUMBER, "Their cost, in currency."),
            ]
        ),
    ),
    TableSpec(
        "period_metrics",
        ("period", "period_start"),
        "all calls of one period, each counted once",
        pa.schema([PERIOD, PERIOD_START, *FUNNEL, *METRICS, *TIMES, CURRENCY]),
    ),
    TableSpec(
        "reason_metrics",
        ("reason_kind", "reason_id", "period", "period_start"),
        "one reason in one period",
        pa.schema(
            [
                REASON_ID,
                REASON_KIND,
                make_field("name_en", TEXT, "Name shown in an English report."),
                make_field("name_zh", TEXT, "Name shown in a Chinese report."),
                OWNER,
                PERIOD,
                PERIOD_START,
                make_field("share_ratio", NUMBER, "n_calls over the period's heard calls; null for not_heard."),
                *METRICS,
                *TIMES,
                make_field(
                    "caused_cost",
                    NUMBER,
                    "cost, less that of repeats that others caused, plus that of those it caused.",
                ),
                CURRENCY,
            ]
        ),
    ),
    TableSpec(
        "reason_cuts",
        ("reason_kind", "reason_id", "dimension", "value"),
        "one reason at one hour, weekday, season, queue, region or channel",
        pa.schema(
            [
                REASON_KIND,
                REASON_ID,
                make_field("dimension", TEXT, "hour, weekday (1 is Monday), season, queue, region or contact_channel."),
                make_field("value", TEXT, "Which one."),
                *CUT_METRICS,
                CURRENCY,
            ]
        ),
    ),
    TableSpec(
        "owner_metrics",
        ("owner", "period", "period_start"),
        "the calls about one department's reasons in one period",
        pa.schema(
            [
                make_field("owner", TEXT, "The department, as the taxonomy names it."),
                PERIOD,
                PERIOD_START,
                make_field("n_calls", COUNT, "Calls with any of its reasons, each counted once."),
                make_field("share_ratio", NUMBER, "n_calls over all counted calls of the period."),
                make_field("n_negative", COUNT, "Of those, calls in which the customer felt bad."),
                make_field("hours", NUMBER, "Handling hours charged to its reasons."),
                *COSTS[1:],
                make_field(
                    "n_said_failed", COUNT, "Calls whose customer said that it had failed them; over all time only."
                ),
                CURRENCY,
            ]
        ),
    ),
    TableSpec(
        "funnel",
        ("step",),
        "one step from offered to coded",
        pa.schema(
            [
                make_field("step", TEXT, "offered, recorded, heard, said_why or coded."),
                make_field("n_calls", COUNT, "Calls that reached it."),
            ]
        ),
        order_by="list_position(['offered', 'recorded', 'heard', 'said_why', 'coded'], step)",
    ),
    TableSpec(
        "dropped",
        ("stage", "call_id", "item"),
        "one thing that a stage left out",
        pa.schema(
            [
                make_field("stage", TEXT, "The stage that left it out."),
                CALL_ID,
                make_field("item", TEXT, "What it was, by position: segment 3, utterance 1."),
                make_field("reason", TEXT, "Why."),
            ]
        ),
    ),
)
