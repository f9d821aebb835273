"""Every table declared once: its columns and what each holds, what identifies a row, and what a row is.

`docs/tables.md` is made from this.
"""

from dataclasses import dataclass

import pyarrow as pa

UTC_TIME = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class TableSpec:
    """One table: its columns, what identifies a row, and what a row is."""

    name: str
    key: tuple[str, ...]
    grain: str
    schema: pa.Schema


def _field(name: str, kind: pa.DataType, about: str) -> pa.Field:
    return pa.field(name, kind, metadata={"about": about})


CALL_ID = _field(
    "call_id", pa.string(), "The manifest's call id, else the first 16 hex digits of the content's SHA-256."
)
UTTERANCE_INDEX = _field(
    "utterance_index", pa.int32(), "Position among the call's reason utterances; -1 for a call without any."
)

TABLES: dict[str, TableSpec] = {
    spec.name: spec
    for spec in (
        TableSpec(
            "calls",
            ("call_id",),
            "one contact, whatever its channel, recorded or only offered",
            pa.schema(
                [
                    CALL_ID,
                    _field(
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
                    _field("contact_channel", pa.string(), "phone, chat, email, note or comment."),
                    _field("started_at", UTC_TIME, "Start of the call."),
                    _field("started_at_source", pa.string(), "manifest, file_name, file_time or text."),
                    _field("agent_id", pa.string(), "Keyed hash of the agent's id."),
                    _field("customer_id", pa.string(), "Keyed hash of the customer's id."),
                    _field("queue", pa.string(), "The queue the call came in on."),
                    _field("region", pa.string(), "The customer's region."),
                    _field("wait_s", pa.float64(), "Seconds waited before an agent answered."),
                    _field("talk_s", pa.float64(), "Seconds talked."),
                    _field("hold_s", pa.float64(), "Seconds on hold."),
                    _field("wrap_s", pa.float64(), "Seconds of work after the call."),
                    _field("is_abandoned", pa.bool_(), "The customer hung up before an agent answered."),
                    _field("logged_code", pa.string(), "The code that the agent logged."),
                    _field("csat", pa.float64(), "Customer satisfaction, as surveyed."),
                    _field("nps", pa.float64(), "Likelihood to recommend, 0 to 10."),
                    _field("ces", pa.float64(), "Customer effort, as surveyed."),
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
                    _field("language", pa.string(), "zh, en or mixed; empty when nothing was heard."),
                    _field("duration_s", pa.float64(), "Seconds of recording; null for a written contact."),
                    _field("n_words", pa.int32(), "Words, and Chinese characters, that were heard or read."),
                    _field(
                        "mean_probability_ratio",
                        pa.float64(),
                        "Mean word probability of the transcriber; null for text.",
                    ),
                    _field("is_heard", pa.bool_(), "False when the audio or the transcript is too poor to judge."),
                    _field("roles_from", pa.string(), "channel_map, content, text or unknown: how roles were told."),
                    _field(
                        "is_swapped",
                        pa.bool_(),
                        "What is said contradicts the channel map, so the roles were exchanged.",
                    ),
                    _field("n_unknown_turns", pa.int32(), "Turns whose role could not be told."),
                    _field("n_dropped_segments", pa.int32(), "Segments dropped as invented by the transcriber."),
                    _field("model", pa.string(), "The transcriber's name."),
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
                    _field("turn_index", pa.int32(), "Position in the call, by start time."),
                    _field("role", pa.string(), "customer, agent or unknown."),
                    _field("source", pa.string(), "recording, chat, email, note or comment."),
                    _field("part_index", pa.int32(), "Which recording of the call."),
                    _field("channel", pa.int32(), "0-based track of the recording; null for text."),
                    _field("speaker", pa.string(), "The diarizer's label in a mono recording, else empty."),
                    _field("language", pa.string(), "zh or en."),
                    _field("start_s", pa.float64(), "Start second in the recording; null for text."),
                    _field("end_s", pa.float64(), "End second in the recording; null for text."),
                    _field("text", pa.string(), "Redacted words."),
                ]
            ),
        ),
        TableSpec(
            "reason_utterances",
            ("call_id", "utterance_index"),
            "one span in which the customer says why they call",
            pa.schema(
                [
                    CALL_ID,
                    UTTERANCE_INDEX,
                    _field("turn_index", pa.int32(), "The turn it stands in."),
                    _field("part_index", pa.int32(), "Which recording of the call."),
                    _field("start_s", pa.float64(), "Start second in the recording; null for text."),
                    _field("end_s", pa.float64(), "End second in the recording; null for text."),
                    _field("language", pa.string(), "zh or en."),
                    _field("text", pa.string(), "The clause that states the reason."),
                    _field("text_id", pa.string(), "First 16 hex digits of the text's SHA-256; joins `embeddings`."),
                    _field("score_ratio", pa.float64(), "How surely it states a reason, 0 to 1."),
                    _field("is_first", pa.bool_(), "The first reason stated in the call."),
                ]
            ),
        ),
        TableSpec(
            "embeddings",
            ("text_id",),
            "one text under one encoder",
            pa.schema(
                [
                    _field("text_id", pa.string(), "First 16 hex digits of the text's SHA-256."),
                    _field("embedding", pa.list_(pa.float32()), "Unit length; its size is the encoder's."),
                ]
            ),
        ),
        TableSpec(
            "call_reasons",
            ("call_id", "utterance_index"),
            "one reason utterance, or one call without any",
            pa.schema(
                [
                    CALL_ID,
                    UTTERANCE_INDEX,
                    _field("code", pa.string(), "Number in the taxonomy; null when refused."),
                    _field("no_code", pa.string(), "none_of_these, undecided, not_said, not_heard; null with a code."),
                    _field("score_ratio", pa.float64(), "Calibrated confidence in best_code, 0 to 1."),
                    _field("best_code", pa.string(), "Best code, refused or not."),
                    _field("second_code", pa.string(), "Second best code."),
                    _field("second_score_ratio", pa.float64(), "Its confidence, 0 to 1."),
                ]
            ),
        ),
        TableSpec(
            "clusters",
            ("cluster_id",),
            "one group of like reason utterances that no code took",
            pa.schema(
                [
                    _field("cluster_id", pa.string(), "The candidate's id, kept from run to run."),
                    _field("name", pa.string(), "Name in its members' language, made of what they say."),
                    _field("language", pa.string(), "zh or en: the language most members speak."),
                    _field("n_utterances", pa.int32(), "Members."),
                    _field("n_calls", pa.int32(), "Calls with a member."),
                    _field("n_sub_clusters", pa.int32(), "Sub-reasons it falls into; 0 when it is one reason."),
                    _field("is_new", pa.bool_(), "Came with the last change of candidates; false on the first run."),
                    _field("cohesion_ratio", pa.float64(), "Mean cosine similarity of members to the centre."),
                    _field("medoid_call_id", pa.string(), "Call of the member nearest the centre."),
                    _field("medoid_utterance_index", pa.int32(), "Its position."),
                ]
            ),
        ),
        TableSpec(
            "sub_clusters",
            ("sub_cluster_id",),
            "one sub-reason: a part of a cluster that falls apart by itself",
            pa.schema(
                [
                    _field("sub_cluster_id", pa.string(), "Kept from run to run."),
                    _field("cluster_id", pa.string(), "The candidate it is part of."),
                    _field("name", pa.string(), "What sets it apart from the candidate's other parts."),
                    _field("n_utterances", pa.int32(), "Members."),
                    _field("n_calls", pa.int32(), "Calls with a member."),
                    _field("medoid_call_id", pa.string(), "Call of the member nearest the centre."),
                    _field("medoid_utterance_index", pa.int32(), "Its position."),
                ]
            ),
        ),
        TableSpec(
            "candidate_changes",
            ("changed_at", "cluster_id", "change"),
            "one candidate that came or went",
            pa.schema(
                [
                    _field("changed_at", UTC_TIME, "When the run noticed."),
                    _field("cluster_id", pa.string(), "The candidate's id."),
                    _field("change", pa.string(), "new or gone."),
                    _field("name", pa.string(), "Its name then."),
                    _field("n_calls", pa.int32(), "Its calls: now if new, before if gone."),
                    _field("went_to", pa.string(), "Code or candidate that has most of a gone one's calls, or empty."),
                ]
            ),
        ),
        TableSpec(
            "cluster_members",
            ("call_id", "utterance_index"),
            "one reason utterance in a cluster",
            pa.schema(
                [
                    CALL_ID,
                    UTTERANCE_INDEX,
                    _field("cluster_id", pa.string(), "The candidate's id."),
                    _field("sub_cluster_id", pa.string(), "The sub-reason's id; null where the cluster has none."),
                    _field("similarity_ratio", pa.float64(), "Cosine similarity to the centre."),
                    _field("is_exemplar", pa.bool_(), "Shown to a person as typical."),
                ]
            ),
        ),
        TableSpec(
            "near_pairs",
            ("stage", "pair"),
            "one pair of reasons that must be kept apart, as one stage kept it",
            pa.schema(
                [
                    _field("stage", pa.string(), "assign looked at codes, cluster at candidates."),
                    _field("pair", pa.string(), "The pair's name in near_pairs.yaml."),
                    _field("reason_a_en", pa.string(), "Its one reason in English."),
                    _field("reason_a_zh", pa.string(), "In Chinese, else in English."),
                    _field("reason_b_en", pa.string(), "Its other reason in English."),
                    _field("reason_b_zh", pa.string(), "In Chinese, else in English."),
                    _field("places", pa.list_(pa.string()), "Codes or candidates where both met; empty when apart."),
                    _field(
                        "n_asked",
                        pa.int32(),
                        "assign: test sentences; cluster: candidates' reason utterances of either reason.",
                    ),
                    _field(
                        "n_right",
                        pa.int32(),
                        "Of those: took their own code; or are of the reason that their candidate has more of.",
                    ),
                ]
            ),
        ),
        TableSpec(
            "turn_sentiment",
            ("call_id", "turn_index"),
            "the customer's feeling in one of their turns",
            pa.schema(
                [
                    CALL_ID,
                    _field("turn_index", pa.int32(), "The turn; joins `turns`."),
                    _field("sentiment", pa.float64(), "-1 to 1."),
                    _field("sentiment_label", pa.string(), "negative, neutral or positive."),
                ]
            ),
        ),
        TableSpec(
            "call_sentiment",
            ("call_id",),
            "the customer's feeling over one call",
            pa.schema(
                [
                    CALL_ID,
                    _field("sentiment", pa.float64(), "-1 to 1 over the call; null when the customer said nothing."),
                    _field("sentiment_label", pa.string(), "negative, neutral or positive; null likewise."),
                    _field("start_sentiment", pa.float64(), "First third of the customer's turns."),
                    _field("start_label", pa.string(), "negative, neutral or positive."),
                    _field("end_sentiment", pa.float64(), "Last third of the customer's turns."),
                    _field("end_label", pa.string(), "negative, neutral or positive."),
                    _field("worst_sentiment", pa.float64(), "The lowest turn."),
                    _field("worst_label", pa.string(), "negative, neutral or positive."),
                    _field("worst_turn_index", pa.int32(), "That turn; joins `turns`."),
                ]
            ),
        ),
        TableSpec(
            "call_signals",
            ("call_id", "signal"),
            "one signal of one call",
            pa.schema(
                [
                    CALL_ID,
                    _field(
                        "signal",
                        pa.string(),
                        "called_before, other_department_failed, effort, threat_to_leave or chance_to_sell.",
                    ),
                    _field("is_present", pa.bool_(), "The customer said so."),
                    _field("score_ratio", pa.float64(), "How surely, 0 to 1."),
                    _field("turn_index", pa.int32(), "The turn that says it most plainly; null when none does."),
                    _field(
                        "department",
                        pa.string(),
                        "Who failed the customer, of `departments` in the examples; null when not named.",
                    ),
                ]
            ),
        ),
        TableSpec(
            "reason_calls",
            ("call_id", "reason_kind", "reason_id"),
            "one reason of one call, each counted once, with what is charged to it",
            pa.schema(
                [
                    CALL_ID,
                    _field("reason_id", pa.string(), "Code number, candidate's id, or kind of no-code."),
                    _field("reason_kind", pa.string(), "code, candidate or no_code."),
                    _field("day", pa.date32(), "Day the call began, in the project's time zone."),
                    _field("is_first", pa.bool_(), "The first of the call's reasons."),
                    _field("n_reasons", pa.int64(), "How many reasons the call has."),
                    _field("charged_ratio", pa.float64(), "Part of the handle time charged to this reason, 0 to 1."),
                    _field(
                        "sentiment_label", pa.string(), "negative, neutral or positive; null when nothing was said."
                    ),
                    _field("handle_time_s", pa.float64(), "Handle time of the whole call; null when not known."),
                    _field("is_handle_time_estimated", pa.bool_(), "The recording's length stood in for handle time."),
                    _field(
                        "is_repeat",
                        pa.bool_(),
                        "Same customer, same reason within the window before; null when the customer is not known.",
                    ),
                    _field("is_said_called_before", pa.bool_(), "The customer said they had called before."),
                    _field("hours", pa.float64(), "Handling hours charged to this reason; null when not known."),
                    _field("cost", pa.float64(), "hours × wage + unit cost, in currency."),
                ]
            ),
        ),
        TableSpec(
            "period_metrics",
            ("period", "period_start"),
            "all calls of one period, each counted once",
            pa.schema(
                [
                    _field("period", pa.string(), "all, week or day."),
                    _field("period_start", pa.date32(), "First day of the period, in the project's time zone."),
                    _field("n_offered", pa.int64(), "Contacts, with or without a recording."),
                    _field("n_recorded", pa.int64(), "Of those, with a recording or text."),
                    _field("n_heard", pa.int64(), "Of those, with words good enough to judge."),
                    _field("n_said_why", pa.int64(), "Of those, in which the customer said why."),
                    _field("n_coded", pa.int64(), "Of those, with at least one code."),
                    _field("n_calls", pa.int64(), "Contacts counted in `reason_calls`."),
                    _field("n_negative", pa.int64(), "Of those, calls in which the customer felt bad."),
                    _field("n_neutral", pa.int64(), "… neither."),
                    _field("n_positive", pa.int64(), "… well."),
                    _field("handle_time_s", pa.float64(), "Mean handle time of a counted call."),
                    _field("n_handle_time_estimated", pa.int64(), "Calls whose recording's length stood in."),
                    _field("n_handle_time_missing", pa.int64(), "Calls without handle time; none of it is in hours."),
                    _field("n_customer_known", pa.int64(), "Calls whose customer is known, so that repeats show."),
                    _field("n_repeat_calls", pa.int64(), "Calls that repeat a reason; null if no customer is known."),
                    _field("n_said_called_before", pa.int64(), "Calls whose customer said they had called before."),
                    _field("hours", pa.float64(), "Handling hours."),
                    _field("cost", pa.float64(), "hours × wage + unit costs, in currency."),
                    _field("currency", pa.string(), "ISO 4217 code."),
                ]
            ),
        ),
        TableSpec(
            "reason_metrics",
            ("reason_id", "period", "period_start"),
            "one reason in one period",
            pa.schema(
                [
                    _field("reason_id", pa.string(), "Code number, candidate's id, or kind of no-code."),
                    _field("reason_kind", pa.string(), "code, candidate or no_code."),
                    _field("name_en", pa.string(), "Name shown in an English report."),
                    _field("name_zh", pa.string(), "Name shown in a Chinese report."),
                    _field("owner", pa.string(), "Who in the company must fix it."),
                    _field("period", pa.string(), "all, week or day."),
                    _field("period_start", pa.date32(), "First day of the period, in the project's time zone."),
                    _field("n_calls", pa.int64(), "Calls with this reason, each counted once."),
                    _field("share_ratio", pa.float64(), "n_calls over the period's heard calls; null for not_heard."),
                    _field("n_negative", pa.int64(), "Of those, calls in which the customer felt bad."),
                    _field("n_neutral", pa.int64(), "… neither."),
                    _field("n_positive", pa.int64(), "… well."),
                    _field("handle_time_s", pa.float64(), "Mean handle time of a call with this reason."),
                    _field(
                        "n_handle_time_estimated",
                        pa.int64(),
                        "Calls whose recording's length stood in for handle time.",
                    ),
                    _field(
                        "n_repeat_calls",
                        pa.int64(),
                        "Calls whose customer called about the same in the window before; null if none is known.",
                    ),
                    _field("n_said_called_before", pa.int64(), "Calls whose customer said they had called before."),
                    _field("hours", pa.float64(), "Handling hours charged to this reason."),
                    _field("cost", pa.float64(), "hours × wage + unit costs, in currency."),
                    _field("currency", pa.string(), "ISO 4217 code."),
                ]
            ),
        ),
        TableSpec(
            "funnel",
            ("step",),
            "one step from offered to coded",
            pa.schema(
                [
                    _field("step", pa.string(), "offered, recorded, heard, said_why or coded."),
                    _field("n_calls", pa.int64(), "Calls that reached it."),
                ]
            ),
        ),
        TableSpec(
            "dropped",
            ("stage", "call_id", "item"),
            "one thing that a stage left out",
            pa.schema(
                [
                    _field("stage", pa.string(), "The stage that left it out."),
                    CALL_ID,
                    _field("item", pa.string(), "What it was, by position: segment 3, utterance 1."),
                    _field("reason", pa.string(), "Why."),
                ]
            ),
        ),
    )
}
