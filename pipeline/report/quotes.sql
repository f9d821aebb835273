-- The plainest quotes of each reason, one a call and no sentence twice: a candidate's medoid and exemplars first, then
-- by how surely the words state a reason, and this one. $n_quotes a reason, of $n_tried that rank highest, of $n_likeliest
-- that are most surely about this reason: words are read of those alone.
with likeliest as (
    select reason_kind, reason_id,
           max_by(struct_pack(call_id, utterance_index, is_medoid, is_exemplar, about_ratio),
                  (is_medoid, is_exemplar, about_ratio, call_id, -utterance_index), $n_likeliest) as likely
    from (
        select case when r.code is not null then 'code' when m.cluster_id is not null then 'candidate' else 'no_code' end
                   as reason_kind,
               coalesce(r.code, m.cluster_id, r.no_code) as reason_id, r.call_id, r.utterance_index,
               coalesce(k.medoid_call_id = r.call_id and k.medoid_utterance_index = r.utterance_index, false) as is_medoid,
               coalesce(m.is_exemplar, false) as is_exemplar, coalesce(m.similarity_ratio, r.score_ratio, 0) as about_ratio
        from call_reasons r
        left join cluster_members m on r.code is null and m.call_id = r.call_id and m.utterance_index = r.utterance_index
        left join clusters k on k.cluster_id = m.cluster_id
    ) group by reason_kind, reason_id
),
said as materialized (
    select b.reason_kind, b.reason_id, u.call_id, u.utterance_index, u.text, u.language, u.part_index, u.start_s, u.end_s,
           row_number() over (partition by b.reason_kind, b.reason_id
               order by one.is_medoid desc, one.is_exemplar desc, u.score_ratio * one.about_ratio desc,
                        u.call_id, u.utterance_index) as rank
    from (select reason_kind, reason_id, unnest(likely) as one from likeliest) b
    join reason_utterances u on u.call_id = one.call_id and u.utterance_index = one.utterance_index
    qualify rank <= $n_tried
),
ranked as materialized (
    from said s where exists (from reason_calls c where c.call_id = s.call_id and c.reason_kind = s.reason_kind
                                                    and c.reason_id = s.reason_id)
),
once_a_call as (select * from ranked qualify row_number() over (partition by reason_kind, reason_id, call_id order by rank) = 1),
once_a_text as (
    select * from once_a_call qualify row_number() over (partition by reason_kind, reason_id, lower(text) order by rank) = 1
),
quoted as materialized (
    select * from once_a_text qualify row_number() over (partition by reason_kind, reason_id order by rank) <= $n_quotes
)
select q.*, f.sentiment_label, a.started_at, a.contact_channel, a.sources, f.start_label, f.end_label
from quoted q join calls a using (call_id) left join call_sentiment f using (call_id)
order by reason_kind, reason_id, rank
