"""What the counts come to: forecasts, values, targets, what satisfaction goes with, what changed and why."""

import pyarrow as pa

from pipeline.tables.columns import COUNT, DAY, FLAG, NUMBER, REASON_ID, REASON_KIND, TEXT, WEEK
from pipeline.tables.spec import TableSpec, make_field

OBSERVED = make_field("observed", COUNT, "Its calls in that week.")
EXPECTED = make_field("expected", NUMBER, "Its calls in a week before, on average.")
JUDGED = (
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
                make_field("yearly_cost", NUMBER, "So much for a year; null for fewer than four weeks."),
                make_field("yearly_cost_low", NUMBER, "95 % range; null likewise."),
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
                WEEK,
                make_field("n_weeks", COUNT, "Full weeks before it that it is compared with."),
                OBSERVED,
                EXPECTED,
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
                WEEK,
                OBSERVED,
                EXPECTED,
                make_field("p_value", NUMBER, "How likely so many are by chance."),
                make_field("dimension", TEXT, "region, queue or contact_channel that is behind it; null when spread."),
                make_field("value", TEXT, "Which one."),
                make_field("share_ratio", NUMBER, "The part of the rise that comes from it."),
            ]
        ),
    ),
)
