-- Reason utterances that no code fits and no candidate holds or, of codes $a and $b, that fit both; the nearest to a code first.
with picked as (
    select r.call_id, r.utterance_index, r.score_ratio from call_reasons r
    where case when len($a) = 0 then r.no_code = 'none_of_these'
               else r.no_code = 'undecided' and (list_contains($a, r.best_code) and list_contains($b, r.second_code)
                                                 or list_contains($b, r.best_code) and list_contains($a, r.second_code)) end
      and (len($a) > 0 or not exists (from cluster_members m where m.call_id = r.call_id and m.utterance_index = r.utterance_index))
    order by r.score_ratio desc, r.call_id, r.utterance_index limit $n offset $start
)
select p.score_ratio as nearness_ratio, false as is_exemplar, null as part_name, u.call_id, u.utterance_index, u.turn_index,
       u.part_index, u.start_s, u.end_s, u.language, u.text, a.started_at, a.contact_channel, a.sources, f.sentiment_label
from picked p
join reason_utterances u using (call_id, utterance_index)
left join calls a on a.call_id = p.call_id
left join call_sentiment f on f.call_id = p.call_id
order by p.score_ratio desc, u.call_id, u.utterance_index
