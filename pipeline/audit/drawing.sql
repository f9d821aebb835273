-- Drawing: every counted call with its stratum: the rarest of its codes, else its kind of no-code; whether that is in doubt.
-- `reason_calls` and `call_reasons` are the store's; `rules` has the seed and the lead that ends doubt.

create table labels as
select call_id, reason_id as label from reason_calls where reason_kind = 'code'
union all
select call_id, arg_min(no_code, utterance_index) from call_reasons
where no_code is not null and call_id not in (select call_id from reason_calls where reason_kind = 'code')
group by call_id;

create table doubts as
select call_id, bool_or(coalesce(no_code in ('none_of_these', 'undecided'), false)
                        or score_ratio - second_score_ratio < (select certain_lead from rules)) as is_doubtful
from call_reasons group by call_id;

-- Along this line calls are drawn: what stands together is in the sample in proportion, so weeks are too.
create table line as
select row_number() over (order by stratum, is_doubtful, week, key) - 1 as position, call_id, stratum, is_doubtful, day
from (
    select c.call_id, arg_min(l.label, (n.n_calls, l.label)) as stratum, coalesce(bool_or(d.is_doubtful), false) as is_doubtful,
           any_value(c.day) as day, date_trunc('week', any_value(c.day)) as week,
           md5((select seed from rules)::text || ' ' || c.call_id) as key
    from (from reason_calls where is_first) c
    join labels l using (call_id)
    join (select label, count(*) as n_calls from labels group by label) n using (label)
    left join doubts d using (call_id)
    group by c.call_id
);
