"""What was heard and read: calls, their transcripts and turns."""

import pyarrow as pa

from pipeline.tables.spec import CALL_ID, UTC_TIME, TableSpec, make_field

HEARD = (
    TableSpec(
        "calls",
        ("call_id",),
        "one contact, whatever its channel, recorded or only offered",
        pa.schema(
            [
                CALL_ID,
                make_field(
                    "sources",
                    pa.list_(
                        pa.struct(
                            [
                                pa.field("kind", pa.string()),
                                pa.field("path", pa.string()),
                                pa.field("row_key", pa.string()),
                                pa.field("sha256", pa.string()),
                            ]
                        )
                    ),
                    "What there is to hear or read, in order: kind is recording, chat, email, note or comment.",
                ),
                make_field("contact_channel", pa.string(), "phone, chat, email, note or comment."),
                make_field("started_at", UTC_TIME, "Start of the call."),
                make_field("started_at_source", pa.string(), "manifest, file_name, file_time or text."),
                make_field("agent_id", pa.string(), "Keyed hash of the agent's id."),
                make_field("customer_id", pa.string(), "Keyed hash of the customer's id."),
                make_field("queue", pa.string(), "The queue the call came in on."),
                make_field("region", pa.string(), "The customer's region."),
                make_field("wait_s", pa.float64(), "Seconds waited before an agent answered."),
                make_field("talk_s", pa.float64(), "Seconds talked."),
                make_field("hold_s", pa.float64(), "Seconds on hold."),
                make_field("wrap_s", pa.float64(), "Seconds of work after the call."),
                make_field("first_response_s", pa.float64(), "Seconds to the first answer in a written contact."),
                make_field("is_abandoned", pa.bool_(), "The customer hung up before an agent answered."),
                make_field("logged_code", pa.string(), "The code that the agent logged."),
                make_field("csat", pa.float64(), "Customer satisfaction, as surveyed."),
                make_field("nps", pa.float64(), "Likelihood to recommend, 0 to 10."),
                make_field("ces", pa.float64(), "Customer effort, as surveyed."),
                make_field(
                    "unread_columns",
                    pa.list_(pa.string()),
                    "Columns that the manifest fills for this call with something that cannot be read; they are null.",
                ),
                make_field(
                    "row_hashes",
                    pa.list_(pa.string()),
                    "Keyed hashes of the manifest's rows that say it, cells as written.",
                ),
            ]
        ),
    ),
    TableSpec(
        "transcripts",
        ("call_id",),
        "one transcript file",
        pa.schema(
            [
                CALL_ID,
                make_field("language", pa.string(), "zh, en or mixed; empty when nothing was heard."),
                make_field("duration_s", pa.float64(), "Seconds of recording; null for a written contact."),
                make_field("n_words", pa.int32(), "Words, and Chinese characters, that were heard or read."),
                make_field(
                    "mean_probability_ratio",
                    pa.float64(),
                    "Mean word probability of the transcriber; null for text.",
                ),
                make_field("is_heard", pa.bool_(), "False when the audio or the transcript is too poor to judge."),
                make_field("roles_from", pa.string(), "channel_map, content, text or unknown: how roles were told."),
                make_field(
                    "is_swapped",
                    pa.bool_(),
                    "What is said contradicts the channel map, so the roles were exchanged.",
                ),
                make_field("n_unknown_turns", pa.int32(), "Turns whose role could not be told."),
                make_field("n_dropped_segments", pa.int32(), "Segments dropped as invented by the transcriber."),
                make_field("model", pa.string(), "The transcriber's name."),
            ]
        ),
    ),
    TableSpec(
        "turns",
        ("call_id", "turn_index"),
        "one unbroken stretch by one role",
        pa.schema(
            [
                CALL_ID,
                make_field("turn_index", pa.int32(), "Position in the call, by start time."),
                make_field("role", pa.string(), "customer, agent or unknown."),
                make_field("source", pa.string(), "recording, chat, email, note or comment."),
                make_field("part_index", pa.int32(), "Which recording of the call."),
                make_field("channel", pa.int32(), "0-based track of the recording; null for text."),
                make_field("speaker", pa.string(), "The diarizer's label in a mono recording, else empty."),
                make_field("language", pa.string(), "zh or en."),
                make_field("start_s", pa.float64(), "Start second in the recording; null for text."),
                make_field("end_s", pa.float64(), "End second in the recording; null for text."),
                make_field("text", pa.string(), "Redacted words."),
            ]
        ),
    ),
)
