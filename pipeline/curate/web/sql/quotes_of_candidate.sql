-- Members of a candidate with their words: typical ones first, or those at its edge, $n from the $start-th on.
with picked as (
    select call_id, utterance_index, similarity_ratio, is_exemplar, sub_cluster_id from cluster_members
    where cluster_id = $reason_id
    order by case $order when 'typical' then -coalesce(is_exemplar::int, 0) else 0 end,
             case $order when 'edge' then similarity_ratio else -similarity_ratio end, call_id, utterance_index
    limit $n offset $start
)
select p.similarity_ratio as nearness_ratio, p.is_exemplar, s.name as part_name, u.call_id, u.utterance_index, u.turn_index,
       u.part_index, u.start_s, u.end_s, u.language, u.text, a.started_at, a.contact_channel, a.sources, f.sentiment_label
from picked p
join reason_utterances u using (call_id, utterance_index)
left join calls a on a.call_id = p.call_id
left join call_sentiment f on f.call_id = p.call_id
left join sub_clusters s on s.sub_cluster_id = p.sub_cluster_id
order by case $order when 'typical' then -coalesce(p.is_exemplar::int, 0) else 0 end,
         case $order when 'edge' then p.similarity_ratio else -p.similarity_ratio end, u.call_id, u.utterance_index
