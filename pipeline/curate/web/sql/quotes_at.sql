-- What was said at some places, `index:call_id`.
select u.call_id, u.utterance_index, u.turn_index, u.part_index, u.start_s, u.end_s, u.language, u.text,
       a.started_at, a.contact_channel, a.sources, f.sentiment_label
from reason_utterances u
left join calls a using (call_id)
left join call_sentiment f using (call_id)
where list_contains($call_ids, u.call_id) and list_contains($places, u.utterance_index || ':' || u.call_id)
order by u.call_id, u.utterance_index
