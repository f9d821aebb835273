-- What one call was about, in the order it was said.
select r.utterance_index, r.code, r.no_code, r.score_ratio, u.turn_index, u.text, u.start_s, u.part_index, m.cluster_id, c.name
from call_reasons r
left join reason_utterances u using (call_id, utterance_index)
left join cluster_members m on r.code is null and m.call_id = r.call_id and m.utterance_index = r.utterance_index
left join clusters c on c.cluster_id = m.cluster_id
where r.call_id = $call_id order by r.utterance_index
