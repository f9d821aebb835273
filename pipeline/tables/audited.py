"""What people found when they coded a sample blind: every count corrected by it."""

import pyarrow as pa

from pipeline.tables.columns import COUNT, CURRENCY, DAY, NUMBER, TEXT
from pipeline.tables.spec import TableSpec, make_field

AUDITED = TableSpec(
    "audited_reasons",
    ("reason_kind", "reason_id"),
    "one code, kind of no-code or owner, corrected by an audited sample; only where there is an audit",
    pa.schema(
        [
            make_field(
                "reason_kind",
                TEXT,
                "code, no_code, owner for all codes of one owner, or total for all calls, each counted once.",
            ),
            make_field("reason_id", TEXT, "Code number, kind of no-code or owner; all in the total."),
            make_field("name_en", TEXT, "Name shown in an English report; null in the total."),
            make_field("name_zh", TEXT, "Name shown in a Chinese report; null in the total."),
            make_field("round_id", COUNT, "Which draw it is corrected by."),
            make_field("first_day", DAY, "First day of the calls that were drawn from and are corrected."),
            make_field("last_day", DAY, "Last day of them."),
            make_field("n_counted", COUNT, "Calls of these days as the machine counts them."),
            make_field("n_calls", NUMBER, "Calls, corrected; all of them in the total."),
            make_field("n_calls_low", NUMBER, "95 % interval; null in the total."),
            make_field("n_calls_high", NUMBER, "Its other end."),
            make_field("share_ratio", NUMBER, "n_calls over the heard calls of these days; null for not_heard."),
            make_field("share_ratio_low", NUMBER, "95 % interval."),
            make_field("share_ratio_high", NUMBER, "Its other end."),
            make_field("cost_counted", NUMBER, "Cost as the machine counts it, in currency."),
            make_field("cost", NUMBER, "Cost, corrected."),
            make_field("cost_low", NUMBER, "95 % interval."),
            make_field("cost_high", NUMBER, "Its other end."),
            make_field(
                "n_audited", COUNT, "Audited calls that the machine or people give it; all audited in the total."
            ),
            make_field(
                "n_right", COUNT, "Of those, calls that both give it; in the total, calls with the same answer."
            ),
            make_field("precision_ratio", NUMBER, "Share of the machine's calls that are right."),
            make_field("precision_ratio_low", NUMBER, "95 % interval."),
            make_field("precision_ratio_high", NUMBER, "Its other end."),
            make_field("recall_ratio", NUMBER, "Share of the true calls that the machine gives it."),
            make_field("recall_ratio_low", NUMBER, "95 % interval."),
            make_field("recall_ratio_high", NUMBER, "Its other end."),
            make_field("n_twice", COUNT, "Audited calls that two or more people answered."),
            make_field("kappa", NUMBER, "Cohen's kappa of two people; null for more, or without both answers."),
            make_field("kappa_low", NUMBER, "95 % interval."),
            make_field("kappa_high", NUMBER, "Its other end."),
            make_field("alpha", NUMBER, "Krippendorff's alpha of all people."),
            make_field("alpha_low", NUMBER, "95 % interval."),
            make_field("alpha_high", NUMBER, "Its other end."),
            CURRENCY,
        ]
    ),
)
