"""What was reported: the one table that is not derived; it lies in `state/reported/`, a file a day."""

import pyarrow as pa

from pipeline.tables.columns import CURRENCY, DAY, FUNNEL, METRICS, NUMBER, PERIOD_START, TEXT
from pipeline.tables.spec import UTC_TIME, TableSpec, make_field

REPORTED_MEASURES = (
    "n_calls", "n_negative", "n_neutral", "n_positive", "n_repeat_calls", "n_repeats_of_other", "n_said_called_before",
    "hours", "cost",
)  # fmt: skip

REPORTED = TableSpec(
    "reported",
    ("reported_on", "reason_kind", "reason_id", "period", "period_start"),
    "one reason in one period as a report said it on one day; `state/reported/<day>.parquet`, never in store/",
    pa.schema(
        [
            make_field("reported_on", DAY, "Day of the report, in the project's time zone."),
            make_field("reason_kind", TEXT, "code, candidate, no_code, or total for all calls, each counted once."),
            make_field("reason_id", TEXT, "Code number, candidate's id, or kind of no-code; all in a total."),
            make_field("name_en", TEXT, "Its English name on that day."),
            make_field("name_zh", TEXT, "Its Chinese name on that day."),
            make_field("owner", TEXT, "Who in the company had to fix it."),
            make_field("period", TEXT, "all, month or week."),
            PERIOD_START,
            make_field("share_ratio", NUMBER, "n_calls over the period's heard calls."),
            *(field for field in METRICS if field.name in REPORTED_MEASURES),
            *(field for field in FUNNEL if field.name != "n_abandoned" and field.name.startswith("n_")),
            CURRENCY,
            make_field("first_day", DAY, "First day of the calls reported on."),
            make_field("last_day", DAY, "Last day of the calls reported on."),
            make_field("unit_cost", NUMBER, "What the code costs a call besides; null but for codes, over all time."),
            make_field("status", TEXT, "The code's status then; null likewise."),
            make_field("merged_into", TEXT, "The code that it was merged into; empty for none, null likewise."),
            make_field("examples_id", TEXT, "Names the code's examples; null likewise."),
            make_field("made_at", UTC_TIME, "When the report was made."),
            make_field("made_with", TEXT, "Names all that the rows of every stage were made with."),
            make_field(
                "coded_with", TEXT, "Names what calls were coded with; several where old calls kept their codes."
            ),
            make_field("taxonomy", TEXT, "Names all that the taxonomy said."),
            make_field("encoder", TEXT, "The model that told reasons apart."),
            make_field("settings", TEXT, "Names the settings of the stages."),
        ]
    ),
)
