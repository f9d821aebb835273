-- The codes that came second where this one was taken: what it is closest to being mixed up with.
select second_code as number, count(*) as n_utterances, avg(second_score_ratio) as score_ratio
from call_reasons where code = $reason_id and second_code is not null
group by second_code order by score_ratio desc, number limit $n
