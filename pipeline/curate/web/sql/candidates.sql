-- Candidates with what they cost, $n from the $start-th on, in the order of $sort; n_found counts those that fit $words.
select c.cluster_id, c.name, c.other_name, c.language, c.n_calls, c.n_utterances, c.n_sub_clusters, c.is_new, c.cohesion_ratio,
       m.share_ratio, m.n_negative, m.n_neutral, m.n_positive, m.handle_time_s, m.cost, m.currency, m.n_repeat_calls,
       count(*) over () as n_found
from clusters c
left join reason_metrics m on m.reason_kind = 'candidate' and m.period = 'all' and m.reason_id = c.cluster_id
where ($words = '' or contains(lower(concat_ws(' ', c.name, c.other_name)), lower($words)) or c.cluster_id = $words)
  and (not $only_new or c.is_new) and ($reason_id = '' or c.cluster_id = $reason_id)
order by case $sort when 'cost' then m.cost when 'feeling' then m.n_negative / m.n_calls when 'loose' then 1 - c.cohesion_ratio
              else c.n_calls end desc nulls last, c.cluster_id
limit $n offset $start
