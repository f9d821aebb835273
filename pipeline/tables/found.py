"""What was found in it: reasons, codes, candidates, feelings and signals."""

import pyarrow as pa

from pipeline.tables.spec import CALL_ID, UTC_TIME, UTTERANCE_INDEX, TableSpec, make_field

FOUND = (
    TableSpec(
        "reason_utterances",
        ("call_id", "utterance_index"),
        "one span in which the customer says why they call",
        pa.schema(
            [
                CALL_ID,
                UTTERANCE_INDEX,
                make_field("turn_index", pa.int32(), "The turn it stands in."),
                make_field("part_index", pa.int32(), "Which recording of the call."),
                make_field("start_s", pa.float64(), "Start second in the recording; null for text."),
                make_field("end_s", pa.float64(), "End second in the recording; null for text."),
                make_field("language", pa.string(), "zh or en."),
                make_field("text", pa.string(), "The clause that states the reason."),
                make_field("text_id", pa.string(), "First 16 hex digits of the text's SHA-256; joins `embeddings`."),
                make_field("score_ratio", pa.float64(), "How surely it states a reason, 0 to 1."),
                make_field("is_first", pa.bool_(), "The first reason stated in the call."),
            ]
        ),
    ),
    TableSpec(
        "embeddings",
        ("text_id",),
        "one text under one encoder",
        pa.schema(
            [
                make_field("text_id", pa.string(), "First 16 hex digits of the text's SHA-256."),
                make_field("embedding", pa.list_(pa.float32()), "Unit length; its size is the encoder's."),
            ]
        ),
    ),
    TableSpec(
        "text_signs",
        ("text_id",),
        "what one text shows of its reason whatever the codes are",
        pa.schema(
            [
                make_field("text_id", pa.string(), "First 16 hex digits of the text's SHA-256."),
                make_field("language", pa.string(), "zh or en."),
                make_field("words", pa.list_(pa.string()), "Its words in order, lower case; each Chinese character."),
                make_field("letters", pa.list_(pa.string()), "Its words in Latin letters and figures."),
                make_field("sounds", pa.list_(pa.string()), "Chinese syllables without tones, empty between two runs."),
                make_field("reasons", pa.list_(pa.int32()), "Positions of known reasons that it sounds like."),
                make_field("reason_roots", pa.list_(pa.float32()), "The root of how probably it gives each of them."),
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
                make_field("code", pa.string(), "Number in the taxonomy; null when refused."),
                make_field("no_code", pa.string(), "none_of_these, undecided, not_said, not_heard; null with a code."),
                make_field("score_ratio", pa.float64(), "Calibrated confidence in best_code, 0 to 1."),
                make_field("best_code", pa.string(), "Best code, refused or not."),
                make_field("second_code", pa.string(), "Second best code."),
                make_field("second_score_ratio", pa.float64(), "Its confidence, 0 to 1."),
            ]
        ),
    ),
    TableSpec(
        "clusters",
        ("cluster_id",),
        "one group of like reason utterances that no code took",
        pa.schema(
            [
                make_field("cluster_id", pa.string(), "The candidate's id, kept from run to run."),
                make_field("name", pa.string(), "Name in its members' language, made of what they say."),
                make_field(
                    "other_name", pa.string(), "Name in the other language; null where fewer than two speak it."
                ),
                make_field("language", pa.string(), "zh or en: the language most members speak."),
                make_field("n_utterances", pa.int32(), "Members."),
                make_field("n_calls", pa.int32(), "Calls with a member."),
                make_field("n_sub_clusters", pa.int32(), "Sub-reasons it falls into; 0 when it is one reason."),
                make_field("is_new", pa.bool_(), "Came with the last change of candidates; false on the first run."),
                make_field("cohesion_ratio", pa.float64(), "Mean cosine similarity of members to the centre."),
                make_field("medoid_call_id", pa.string(), "Call of the member nearest the centre."),
                make_field("medoid_utterance_index", pa.int32(), "Its position."),
            ]
        ),
    ),
    TableSpec(
        "sub_clusters",
        ("sub_cluster_id",),
        "one sub-reason: a part of a cluster that falls apart by itself",
        pa.schema(
            [
                make_field("sub_cluster_id", pa.string(), "Kept from run to run."),
                make_field("cluster_id", pa.string(), "The candidate it is part of."),
                make_field("name", pa.string(), "What sets it apart from the candidate's other parts."),
                make_field("n_utterances", pa.int32(), "Members."),
                make_field("n_calls", pa.int32(), "Calls with a member."),
                make_field("medoid_call_id", pa.string(), "Call of the member nearest the centre."),
                make_field("medoid_utterance_index", pa.int32(), "Its position."),
            ]
        ),
    ),
    TableSpec(
        "candidate_changes",
        ("changed_at", "cluster_id", "change"),
        "one candidate that came or went",
        pa.schema(
            [
                make_field("changed_at", UTC_TIME, "When the run noticed."),
                make_field("cluster_id", pa.string(), "The candidate's id."),
                make_field("change", pa.string(), "new or gone."),
                make_field("name", pa.string(), "Its name then."),
                make_field("n_calls", pa.int32(), "Its calls: now if new, before if gone."),
                make_field("went_to", pa.string(), "Code or candidate that has most of a gone one's calls, or empty."),
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
                make_field("cluster_id", pa.string(), "The candidate's id."),
                make_field("sub_cluster_id", pa.string(), "The sub-reason's id; null where the cluster has none."),
                make_field("similarity_ratio", pa.float64(), "Cosine similarity to the centre."),
                make_field("is_exemplar", pa.bool_(), "Shown to a person as typical."),
            ]
        ),
    ),
    TableSpec(
        "near_pairs",
        ("stage", "pair"),
        "one pair of reasons that must be kept apart, as one stage kept it",
        pa.schema(
            [
                make_field("stage", pa.string(), "assign looked at codes, cluster at candidates."),
                make_field("pair", pa.string(), "The pair's name in near_pairs.yaml."),
                make_field("reason_a_en", pa.string(), "Its one reason in English."),
                make_field("reason_a_zh", pa.string(), "In Chinese, else in English."),
                make_field("reason_b_en", pa.string(), "Its other reason in English."),
                make_field("reason_b_zh", pa.string(), "In Chinese, else in English."),
                make_field("places", pa.list_(pa.string()), "Codes or candidates where both met; empty when apart."),
                make_field(
                    "n_asked",
                    pa.int32(),
                    "assign: test sentences; cluster: candidates' reason utterances of either reason.",
                ),
                make_field(
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
                make_field("turn_index", pa.int32(), "The turn; joins `turns`."),
                make_field("sentiment", pa.float64(), "-1 to 1."),
                make_field("sentiment_label", pa.string(), "negative, neutral or positive."),
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
                make_field("sentiment", pa.float64(), "-1 to 1 over the call; null when the customer said nothing."),
                make_field("sentiment_label", pa.string(), "negative, neutral or positive; null likewise."),
                make_field("start_sentiment", pa.float64(), "First third of the customer's turns."),
                make_field("start_label", pa.string(), "negative, neutral or positive."),
                make_field("end_sentiment", pa.float64(), "Last third of the customer's turns."),
                make_field("end_label", pa.string(), "negative, neutral or positive."),
                make_field("worst_sentiment", pa.float64(), "The lowest turn."),
                make_field("worst_label", pa.string(), "negative, neutral or positive."),
                make_field("worst_turn_index", pa.int32(), "That turn; joins `turns`."),
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
                make_field(
                    "signal",
                    pa.string(),
                    "called_before, other_department_failed, effort, threat_to_leave or chance_to_sell.",
                ),
                make_field("is_present", pa.bool_(), "The customer said so."),
                make_field("score_ratio", pa.float64(), "How surely, 0 to 1."),
                make_field("turn_index", pa.int32(), "The turn that says it most plainly; null when none does."),
                make_field(
                    "department",
                    pa.string(),
                    "Who failed the customer, of `departments` in the examples; null when not named.",
                ),
            ]
        ),
    ),
)
