-- What is worth playing of one reason ($kind, $reason_id): in `said` how the customer states it, in `felt` the worst turn
-- of a call that went badly, in `again` that they called before, in `leaving` that they may go. $n_tried of each kind, one
-- a call, the best first: a reason stated surely, a feeling by its strength, a signal by its score. A repeat whose
-- customer does not say so is in `again` too, by its reason. In a call with other reasons too, a feeling or a signal counts
-- only in a turn that states this one.
with theirs as (
    select call_id, bool_or(coalesce(is_repeat, false)) as is_repeat, bool_and(n_reasons = 1) as is_only
    from reason_calls where reason_kind = $kind and reason_id = $reason_id group by call_id
),
stated as (
    select u.call_id, u.turn_index, u.part_index, u.start_s, u.end_s, u.language, u.text,
           u.score_ratio * coalesce(m.similarity_ratio, r.score_ratio, 0) as score
    from call_reasons r join reason_utterances u using (call_id, utterance_index)
    left join cluster_members m on r.code is null and m.call_id = r.call_id and m.utterance_index = r.utterance_index
    where ($kind = 'code' and r.code = $reason_id) or ($kind = 'candidate' and m.cluster_id = $reason_id)
),
spoken as (from turns where role = 'customer' and source = 'recording'),
found as (
    select 'said' as kind, call_id, turn_index, part_index, start_s, end_s, language, text, score from stated
    union all
    select 'felt', t.call_id, t.turn_index, t.part_index, t.start_s, t.end_s, t.language, t.text, -f.worst_sentiment
    from call_sentiment f join spoken t on t.call_id = f.call_id and t.turn_index = f.worst_turn_index
    where f.worst_label = 'negative'
    union all
    select if(s.signal = 'called_before', 'again', 'leaving'), t.call_id, t.turn_index, t.part_index, t.start_s, t.end_s,
           t.language, t.text, 1 + s.score_ratio
    from call_signals s join spoken t on t.call_id = s.call_id and t.turn_index = s.turn_index
    where s.is_present and s.signal in ('called_before', 'threat_to_leave')
    union all
    select 'again', s.* from stated s join theirs t using (call_id) where t.is_repeat
),
ranked as (
    select f.* exclude (call_id), f.call_id,
           row_number() over (partition by kind, f.call_id order by score desc, turn_index) as in_call
    from found f join theirs t using (call_id)
    where f.start_s is not null and f.end_s > f.start_s
      and (t.is_only or exists (from stated s where s.call_id = f.call_id and s.turn_index = f.turn_index))
)
select r.kind, r.call_id, r.turn_index, r.part_index, r.start_s, r.end_s, r.language, r.text, r.score,
       c.customer_id, c.started_at, c.sources, f.start_label, f.end_label
from ranked r join calls c using (call_id) left join call_sentiment f using (call_id) where in_call = 1
qualify row_number() over (partition by r.kind order by r.score desc nulls last, r.call_id) <= $n_tried
order by r.kind, r.score desc nulls last, r.call_id
