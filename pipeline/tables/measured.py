"""What was counted: calls and their reasons one by one, what they add up to, the funnel, and what was left out."""

import pyarrow as pa

from pipeline.tables.spec import CALL_ID, TableSpec, make_field

COUNT, NUMBER, TEXT, FLAG, DAY = pa.int64(), pa.float64(), pa.string(), pa.bool_(), pa.date32()

REASON_ID = make_field("reason_id", TEXT, "Code number, candidate's id, or kind of no-code.")
REASON_KIND = make_field("reason_kind", TEXT, "code, candidate or no_code.")
TRIGGER_ID = make_field("trigger_id", TEXT, "The reason that the customer came back to, as reason_id.")
TRIGGER_KIND = make_field("trigger_kind", TEXT, "code, candidate or no_code.")
CALL_DAY = make_field("day", DAY, "Day the call began, in the project's time zone.")
PERIOD = make_field("period", TEXT, "all, month, week or day.")
PERIOD_START = make_field("period_start", DAY, "First day of the period, in the project's time zone.")
CURRENCY = make_field("currency", TEXT, "ISO 4217 code.")

# What was said and asked, of a call and in whatever it is counted in.
SAID = (
    make_field("is_said_called_before", FLAG, "The customer said they had called before."),
    make_field("is_other_department_failed", FLAG, "… that another department had failed them."),
    make_field("is_effort", FLAG, "… that it had cost them effort."),
    make_field("is_threat_to_leave", FLAG, "… that they may leave."),
    make_field("is_chance_to_sell", FLAG, "… that they need something that is sold."),
)
RETURNS = (
    make_field(
        "is_repeat", FLAG, "Came back about the same reason within the window; null when the customer is not known."
    ),
    make_field("is_repeat_of_other", FLAG, "Came back within the window, about another reason."),
    make_field("is_case_start", FLAG, "Begins a case: a customer's calls about one reason, each within the window."),
    make_field("is_over", FLAG, "The window after it is over, so that a repeat would show."),
    make_field("is_followed_by_same", FLAG, "The customer came back about the same within the window."),
    make_field("is_followed_by_other", FLAG, "… about another reason only."),
)
COSTS = (
    make_field("hours", NUMBER, "Handling hours charged to it; null when not known."),
    make_field("handling_cost", NUMBER, "hours × wage, in currency."),
    make_field("telephone_cost", NUMBER, "Minutes of waiting, talk and hold × their price."),
    make_field("unit_cost", NUMBER, "What the code costs besides, once a call."),
    make_field("leaving_cost", NUMBER, "Customers who may be lost × what a customer is worth."),
    make_field("cost", NUMBER, "All of these together."),
)

# What any group of calls has (pipeline/measure/metrics.sql).
METRICS = (
    make_field("n_calls", COUNT, "Contacts counted, each once."),
    make_field("n_negative", COUNT, "Of those, calls in which the customer felt bad."),
    make_field("n_neutral", COUNT, "… neither."),
    make_field("n_positive", COUNT, "… well."),
    make_field("n_started_negative", COUNT, "Calls in which the customer felt bad at the start."),
    make_field("n_recovered", COUNT, "Of those, calls that did not end so."),
    make_field("handle_time_s", NUMBER, "Mean handle time: talk, hold and wrap."),
    make_field("talk_s", NUMBER, "Mean talk, where the manifest says it."),
    make_field("hold_s", NUMBER, "Mean hold, likewise."),
    make_field("wrap_s", NUMBER, "Mean work after the call, likewise."),
    make_field("wait_s", NUMBER, "Mean wait before an answer, likewise."),
    make_field("first_response_s", NUMBER, "Mean time to the first answer of written contacts, likewise."),
    make_field("n_handle_time_estimated", COUNT, "Calls whose recording's length stood in for handle time."),
    make_field("n_handle_time_missing", COUNT, "Calls without handle time; none of it is in hours."),
    make_field("n_transfers", COUNT, "Calls that go on with one begun within the transfer window before."),
    make_field("n_customer_known", COUNT, "Calls whose customer is known, so that repeats show."),
    make_field("n_repeat_calls", COUNT, "Repeats of the same reason within the window; null if no customer is known."),
    make_field("n_repeats_of_other", COUNT, "Repeats about another reason than before; null likewise."),
    make_field("n_cases", COUNT, "Cases begun: a customer's calls about one reason are one; null likewise."),
    make_field("case_time_s", NUMBER, "Handle time of calls of known customers over n_cases: a case's calls together."),
    make_field("n_over", COUNT, "Calls whose window is over; null likewise."),
    make_field("n_followed_by_same", COUNT, "Of those, calls that were followed by a repeat about the same."),
    make_field("n_followed_by_other", COUNT, "… about another reason only."),
    make_field("resolved_ratio", NUMBER, "Part of n_over that no repeat followed: first-contact resolution."),
    make_field("n_said_called_before", COUNT, "Calls whose customer said they had called before."),
    make_field("n_other_department_failed", COUNT, "… that another department had failed them."),
    make_field("n_effort", COUNT, "… that it had cost them effort."),
    make_field("n_threat_to_leave", COUNT, "… that they may leave."),
    make_field("n_chance_to_sell", COUNT, "… that they need something that is sold."),
    make_field("n_csat", COUNT, "Calls with a satisfaction score."),
    make_field("csat", NUMBER, "Its mean."),
    make_field("n_nps", COUNT, "Calls with an answer to how likely they recommend."),
    make_field("nps", NUMBER, "Promoters (9, 10) minus detractors (0 to 6), in per cent: -100 to 100."),
    make_field("n_ces", COUNT, "Calls with an effort score."),
    make_field("ces", NUMBER, "Its mean."),
    make_field("hours", NUMBER, "Handling hours."),
    *COSTS[1:],
)
# What each reason has by place and time of day.
CUT_METRICS = tuple(
    one
    for one in METRICS
    if one.name
    in {
        "n_calls", "n_negative", "n_neutral", "n_positive", "handle_time_s", "n_customer_known", "n_repeat_calls",
        "n_repeats_of_other", "n_over", "n_followed_by_same", "n_followed_by_other", "resolved_ratio", "n_csat", "csat",
        "hours", "cost",
    }
)  # fmt: skip
TIMES = (
    make_field("handle_time_median_s", NUMBER, "Handle time that half of the calls stay below."),
    make_field("handle_time_p90_s", NUMBER, "… nine tenths of the calls."),
    make_field("wait_median_s", NUMBER, "Wait that half of the calls stay below."),
    make_field("wait_p90_s", NUMBER, "… nine tenths of the calls."),
)
FUNNEL = (
    make_field("n_offered", COUNT, "Contacts, with or without a recording."),
    make_field("n_recorded", COUNT, "Of those, with a recording or text."),
    make_field("n_heard", COUNT, "Of those, with words good enough to judge."),
    make_field("n_said_why", COUNT, "Of those, in which the customer said why."),
    make_field("n_coded", COUNT, "Of those, with at least one code."),
    make_field("n_abandoned", COUNT, "Contacts that hung up before an answer."),
    make_field("abandoned_wait_s", NUMBER, "Their mean wait."),
    make_field("abandoned_wait_median_s", NUMBER, "The wait that half of them stayed below."),
)

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
                make_field("owner", TEXT, "Who in the company must fix it."),
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
                make_field("owner", TEXT, "Who in the company must fix it."),
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
        "reason_forecasts",
        ("reason_kind", "reason_id"),
        "what one reason will cost in twelve months if nothing is done",
        pa.schema(
            [
                REASON_KIND,
                REASON_ID,
                make_field("n_weeks", COUNT, "Full weeks that it is reckoned from."),
                make_field("weekly_cost", NUMBER, "Mean of what it caused in a week, repeats included, in currency."),
                make_field("yearly_cost", NUMBER, "So much for a year."),
                make_field("yearly_cost_low", NUMBER, "95 % range; null for fewer than four weeks."),
                make_field("yearly_cost_high", NUMBER, "Its other end."),
            ]
        ),
    ),
    TableSpec(
        "reason_values",
        ("reason_kind", "reason_id"),
        "what one reason is worth, and what to do with it",
        pa.schema(
            [
                REASON_KIND,
                REASON_ID,
                make_field("customer", TEXT, "value or irritant, for the customer."),
                make_field("is_customer_proposed", FLAG, "The taxonomy does not say so; the calls do."),
                make_field("company", TEXT, "value or irritant, for the company."),
                make_field("is_company_proposed", FLAG, "The taxonomy does not say so; the calls do."),
                make_field("action", TEXT, "eliminate, automate, simplify or keep."),
            ]
        ),
    ),
    TableSpec(
        "target_progress",
        ("code",),
        "one code's target",
        pa.schema(
            [
                make_field("code", TEXT, "The code's number."),
                make_field("measure", TEXT, "What is measured."),
                make_field("per", TEXT, "week or 1000 calls; empty for the measure's own."),
                make_field("who", TEXT, "Who promised it."),
                make_field("due_on", DAY, "When it is due."),
                make_field(
                    "baseline", NUMBER, "Where it was: the taxonomy's, else the mean of the first four full weeks."
                ),
                make_field("value", NUMBER, "Where it should be."),
                make_field("now", NUMBER, "Mean of the last four full weeks."),
                make_field(
                    "progress_ratio", NUMBER, "Part of the way from baseline to value; below 0 is the wrong way."
                ),
                make_field("state", TEXT, "reached, on_track, behind, missed or unknown."),
            ]
        ),
    ),
    TableSpec(
        "csat_effects",
        ("outcome",),
        "what one more point of CSAT goes with",
        pa.schema(
            [
                make_field("outcome", TEXT, "came_back, handle_time_s or threat_to_leave."),
                make_field("n_calls", COUNT, "Calls with a score."),
                make_field("mean", NUMBER, "The outcome's mean over them."),
                make_field("per_point", NUMBER, "How much more of it goes with one more point; no cause."),
                make_field("per_point_low", NUMBER, "95 % interval."),
                make_field("per_point_high", NUMBER, "Its other end."),
            ]
        ),
    ),
    TableSpec(
        "reason_changes",
        ("reason_kind", "reason_id"),
        "one reason's last full week beside the weeks before it",
        pa.schema(
            [
                REASON_KIND,
                REASON_ID,
                make_field("week", DAY, "Monday of the week."),
                make_field("n_weeks", COUNT, "Full weeks before it that it is compared with."),
                make_field("observed", COUNT, "Its calls in that week."),
                make_field("expected", NUMBER, "Its calls in a week before, on average."),
                make_field("p_value", NUMBER, "How likely so many, or so few, are by chance."),
                make_field("change", TEXT, "rose, fell or same; docs/measures.md says when."),
            ]
        ),
    ),
    TableSpec(
        "chances",
        ("reason_kind", "reason_id"),
        "one reason that rose in the last full week, and what is behind it",
        pa.schema(
            [
                REASON_KIND,
                REASON_ID,
                make_field("week", DAY, "Monday of the week."),
                make_field("observed", COUNT, "Its calls in that week."),
                make_field("expected", NUMBER, "Its calls in a week before, on average."),
                make_field("p_value", NUMBER, "How likely so many are by chance."),
                make_field("dimension", TEXT, "region, queue or contact_channel that is behind it; null when spread."),
                make_field("value", TEXT, "Which one."),
                make_field("share_ratio", NUMBER, "The part of the rise that comes from it."),
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
