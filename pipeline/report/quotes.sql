-- The plainest quotes of each reason, one a call and no sentence twice: a candidate's medoid and exemplars first, then
-- by how surely the words state a reason, and this one. $n_quotes a reason.
with said as (
    select c.reason_kind, c.reason_id, u.call_id, u.utterance_index, u.text, u.language, u.part_index, u.start_s,
           u.end_s, c.sentiment_label,
           coalesce(k.medoid_call_id = u.call_id and k.medoid_utterance_index = u.utterance_index, false) as is_medoid,
           coalesce(m.is_exemplar, false) as is_exemplar,
           u.score_ratio * coalesce(m.similarity_ratio, r.score_ratio, 0) as score_ratio
    from reason_calls c
    join reason_utterances u using (call_id)
    join call_reasons r using (call_id, utterance_index)
    left join cluster_members m using (call_id, utterance_index)
    left join clusters k on k.cluster_id = m.cluster_id
    where case c.reason_kind when 'code' then r.code = c.reason_id
                             when 'candidate' then r.code is null and m.cluster_id = c.reason_id
                             else r.no_code = c.reason_id end
),
ranked as (
    select *, row_number() over (partition by reason_kind, reason_id
        order by is_medoid desc, is_exemplar desc, score_ratio desc, call_id, utterance_index) as rank from said
),
once_a_call as (select * from ranked qualify row_number() over (partition by reason_kind, reason_id, call_id order by rank) = 1),
once_a_text as (
    select * from once_a_call qualify row_number() over (partition by reason_kind, reason_id, lower(text) order by rank) = 1
)
select q.*, a.started_at, a.contact_channel, a.sources, f.start_label, f.end_label
from once_a_text q join calls a using (call_id) left join call_sentiment f using (call_id)
qualify row_number() over (partition by reason_kind, reason_id order by rank) <= $n_quotes
order by reason_kind, reason_id, rank
