-- The codes that a candidate's members came closest to, and how close.
select r.best_code as number, count(*) as n_utterances, avg(r.score_ratio) as score_ratio
from cluster_members m join call_reasons r using (call_id, utterance_index)
where m.cluster_id = $reason_id and r.best_code is not null
group by r.best_code order by n_utterances desc, number limit $n
