"""Columns that several tables of what was counted have, each declared once."""

import pyarrow as pa

from pipeline.tables.spec import make_field

COUNT, NUMBER, TEXT, FLAG, DAY = pa.int64(), pa.float64(), pa.string(), pa.bool_(), pa.date32()

NO_CODES = ("none_of_these", "undecided", "not_said", "not_heard")  # kinds of no-code

REASON_ID = make_field("reason_id", TEXT, "Code number, candidate's id, or kind of no-code.")
REASON_KIND = make_field("reason_kind", TEXT, "code, candidate or no_code.")
TRIGGER_ID = make_field("trigger_id", TEXT, "The reason that the customer came back to, as reason_id.")
TRIGGER_KIND = make_field("trigger_kind", TEXT, "code, candidate or no_code.")
CALL_DAY = make_field("day", DAY, "Day the call began, in the project's time zone.")
PERIOD = make_field("period", TEXT, "all, month, week or day.")
PERIOD_START = make_field("period_start", DAY, "First day of the period, in the project's time zone.")
OWNER = make_field("owner", TEXT, "Who in the company must fix it.")
WEEK = make_field("week", DAY, "Monday of the week.")
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
