"""What was counted: reasons by call and period, the funnel, and what was left out."""

import pyarrow as pa

from pipeline.tables.spec import CALL_ID, TableSpec, make_field

MEASURED = (
    TableSpec(
        "reason_calls",
        ("call_id", "reason_kind", "reason_id"),
        "one reason of one call, each counted once, with what is charged to it",
        pa.schema(
            [
                CALL_ID,
                make_field("reason_id", pa.string(), "Code number, candidate's id, or kind of no-code."),
                make_field("reason_kind", pa.string(), "code, candidate or no_code."),
                make_field("day", pa.date32(), "Day the call began, in the project's time zone."),
                make_field("is_first", pa.bool_(), "The first of the call's reasons."),
                make_field("n_reasons", pa.int64(), "How many reasons the call has."),
                make_field("charged_ratio", pa.float64(), "Part of the handle time charged to this reason, 0 to 1."),
                make_field(
                    "sentiment_label", pa.string(), "negative, neutral or positive; null when nothing was said."
                ),
                make_field("handle_time_s", pa.float64(), "Handle time of the whole call; null when not known."),
                make_field("is_handle_time_estimated", pa.bool_(), "The recording's length stood in for handle time."),
                make_field(
                    "is_repeat",
                    pa.bool_(),
                    "Same customer, same reason within the window before; null when the customer is not known.",
                ),
                make_field("is_said_called_before", pa.bool_(), "The customer said they had called before."),
                make_field("hours", pa.float64(), "Handling hours charged to this reason; null when not known."),
                make_field("cost", pa.float64(), "hours × wage + unit cost, in currency."),
            ]
        ),
    ),
    TableSpec(
        "period_metrics",
        ("period", "period_start"),
        "all calls of one period, each counted once",
        pa.schema(
            [
                make_field("period", pa.string(), "all, week or day."),
                make_field("period_start", pa.date32(), "First day of the period, in the project's time zone."),
                make_field("n_offered", pa.int64(), "Contacts, with or without a recording."),
                make_field("n_recorded", pa.int64(), "Of those, with a recording or text."),
                make_field("n_heard", pa.int64(), "Of those, with words good enough to judge."),
                make_field("n_said_why", pa.int64(), "Of those, in which the customer said why."),
                make_field("n_coded", pa.int64(), "Of those, with at least one code."),
                make_field("n_calls", pa.int64(), "Contacts counted in `reason_calls`."),
                make_field("n_negative", pa.int64(), "Of those, calls in which the customer felt bad."),
                make_field("n_neutral", pa.int64(), "… neither."),
                make_field("n_positive", pa.int64(), "… well."),
                make_field("handle_time_s", pa.float64(), "Mean handle time of a counted call."),
                make_field("n_handle_time_estimated", pa.int64(), "Calls whose recording's length stood in."),
                make_field("n_handle_time_missing", pa.int64(), "Calls without handle time; none of it is in hours."),
                make_field("n_customer_known", pa.int64(), "Calls whose customer is known, so that repeats show."),
                make_field("n_repeat_calls", pa.int64(), "Calls that repeat a reason; null if no customer is known."),
                make_field("n_said_called_before", pa.int64(), "Calls whose customer said they had called before."),
                make_field("hours", pa.float64(), "Handling hours."),
                make_field("cost", pa.float64(), "hours × wage + unit costs, in currency."),
                make_field("currency", pa.string(), "ISO 4217 code."),
            ]
        ),
    ),
    TableSpec(
        "reason_metrics",
        ("reason_id", "period", "period_start"),
        "one reason in one period",
        pa.schema(
            [
                make_field("reason_id", pa.string(), "Code number, candidate's id, or kind of no-code."),
                make_field("reason_kind", pa.string(), "code, candidate or no_code."),
                make_field("name_en", pa.string(), "Name shown in an English report."),
                make_field("name_zh", pa.string(), "Name shown in a Chinese report."),
                make_field("owner", pa.string(), "Who in the company must fix it."),
                make_field("period", pa.string(), "all, week or day."),
                make_field("period_start", pa.date32(), "First day of the period, in the project's time zone."),
                make_field("n_calls", pa.int64(), "Calls with this reason, each counted once."),
                make_field("share_ratio", pa.float64(), "n_calls over the period's heard calls; null for not_heard."),
                make_field("n_negative", pa.int64(), "Of those, calls in which the customer felt bad."),
                make_field("n_neutral", pa.int64(), "… neither."),
                make_field("n_positive", pa.int64(), "… well."),
                make_field("handle_time_s", pa.float64(), "Mean handle time of a call with this reason."),
                make_field(
                    "n_handle_time_estimated",
                    pa.int64(),
                    "Calls whose recording's length stood in for handle time.",
                ),
                make_field(
                    "n_repeat_calls",
                    pa.int64(),
                    "Calls whose customer called about the same in the window before; null if none is known.",
                ),
                make_field("n_said_called_before", pa.int64(), "Calls whose customer said they had called before."),
                make_field("hours", pa.float64(), "Handling hours charged to this reason."),
                make_field("cost", pa.float64(), "hours × wage + unit costs, in currency."),
                make_field("currency", pa.string(), "ISO 4217 code."),
            ]
        ),
    ),
    TableSpec(
        "funnel",
        ("step",),
        "one step from offered to coded",
        pa.schema(
            [
                make_field("step", pa.string(), "offered, recorded, heard, said_why or coded."),
                make_field("n_calls", pa.int64(), "Calls that reached it."),
            ]
        ),
    ),
    TableSpec(
        "dropped",
        ("stage", "call_id", "item"),
        "one thing that a stage left out",
        pa.schema(
            [
                make_field("stage", pa.string(), "The stage that left it out."),
                CALL_ID,
                make_field("item", pa.string(), "What it was, by position: segment 3, utterance 1."),
                make_field("reason", pa.string(), "Why."),
            ]
        ),
    ),
)
