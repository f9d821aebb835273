-- Reason utterances in which some words were said, as they stand in the tables, at most $n.
select u.call_id, u.utterance_index, u.turn_index, u.part_index, u.start_s, u.end_s, u.language, u.text, r.code, m.cluster_id,
       a.started_at, a.contact_channel, a.sources, f.sentiment_label
from (from reason_utterances where contains(lower(text), lower($words)) limit $n) u
left join call_reasons r using (call_id, utterance_index)
left join cluster_members m on m.call_id = u.call_id and m.utterance_index = u.utterance_index
left join calls a on a.call_id = u.call_id
left join call_sentiment f on f.call_id = u.call_id
order by u.call_id, u.utterance_index
