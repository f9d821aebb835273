-- Reason utterances that a code took: the surest first, or those it hardly took, $n from the $start-th on.
with picked as (
    select call_id, utterance_index, score_ratio, second_code from call_reasons
    where code = $reason_id
    order by case $order when 'edge' then score_ratio else -score_ratio end, call_id, utterance_index
    limit $n offset $start
)
select p.score_ratio as nearness_ratio, false as is_exemplar, null as part_name, u.call_id, u.utterance_index, u.turn_index,
       u.part_index, u.start_s, u.end_s, u.language, u.text, a.started_at, a.contact_channel, a.sources, f.sentiment_label
from picked p
join reason_utterances u using (call_id, utterance_index)
left join calls a on a.call_id = p.call_id
left join call_sentiment f on f.call_id = p.call_id
order by case $order when 'edge' then p.score_ratio else -p.score_ratio end, u.call_id, u.utterance_index
