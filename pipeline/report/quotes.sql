-- The plainest quotes of each reason, one a call and no sentence twice: a candidate's medoid and exemplars first, then
-- by how surely the words state a reason, and this one. $n_quotes a reason, of $n_tried that rank highest.
with said as (
    select case when r.code is not null then 'code' when m.cluster_id is not null then 'candidate' else 'no_code' end
               as reason_kind,
           coalesce(r.code, m.cluster_id, r.no_code) as reason_id, r.call_id, r.utterance_index,
           coalesce(k.medoid_call_id = r.call_id and k.medoid_utterance_index = r.utterance_index, false) as is_medoid,
           coalesce(m.is_exemplar, false) as is_exemplar,
           u.score_ratio * coalesce(m.similarity_ratio, r.score_ratio, 0) as score_ratio
    from call_reasons r
    join reason_utterances u using (call_id, utterance_index)
    left join cluster_members m on r.code is null and m.call_id = r.call_id and m.utterance_index = r.utterance_index
    left join clusters k on k.cluster_id = m.cluster_id
),
best as (
    select reason_kind, reason_id,
           max_by(struct_pack(call_id, utterance_index, is_medoid, is_exemplar, score_ratio),
                  (is_medoid, is_exemplar, score_ratio, call_id, -utterance_index), $n_tried) as tried
    from said group by reason_kind, reason_id
),
ranked as (
    select b.reason_kind, b.reason_id, u.call_id, u.utterance_index, u.text, u.language, u.part_index, u.start_s, u.end_s,
           row_number() over (partition by b.reason_kind, b.reason_id
               order by one.is_medoid desc, one.is_exemplar desc, one.score_ratio desc, u.call_id, u.utterance_index) as rank
    from (select reason_kind, reason_id, unnest(tried) as one from best) b
    join reason_utterances u on u.call_id = one.call_id and u.utterance_index = one.utterance_index
    where exists (from reason_calls c where c.call_id = u.call_id and c.reason_kind = b.reason_kind
                                        and c.reason_id = b.reason_id)
),
once_a_call as (select * from ranked qualify row_number() over (partition by reason_kind, reason_id, call_id order by rank) = 1),
once_a_text as (
    select * from once_a_call qualify row_number() over (partition by reason_kind, reason_id, lower(text) order by rank) = 1
)
select q.*, f.sentiment_label, a.started_at, a.contact_channel, a.sources, f.start_label, f.end_label
from once_a_text q join calls a using (call_id) left join call_sentiment f using (call_id)
qualify row_number() over (partition by reason_kind, reason_id order by rank) <= $n_quotes
order by reason_kind, reason_id, rank
