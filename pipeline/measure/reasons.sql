-- Reasons: which reasons a call has, and what part of the call each of them took.
-- Inputs: calls, transcripts, call_reasons, reason_utterances, clusters and cluster_members of store/; `rules`, one row
-- of settings; `reasons`, a row a reason. A call's key is a number made of its id: numbers join and sort faster.

create macro key_of(id) as hash(id);

-- What each reason utterance is counted as: its code, else the candidate it belongs to, else its kind of no-code.
create table utterances as
select key_of(r.call_id) as call_key, r.utterance_index, n.reason_index, true as is_reason
from call_reasons r join reasons n on n.reason_kind = 'code' and n.reason_id = r.code
union all
select key_of(r.call_id), r.utterance_index, n.reason_index, n.reason_kind <> 'no_code'
from (from call_reasons where code is null) r
left join (from cluster_members semi join clusters using (cluster_id)) m using (call_id, utterance_index)
join reasons n on n.reason_id = coalesce(m.cluster_id, r.no_code)
    and n.reason_kind = case when m.cluster_id is not null then 'candidate' else 'no_code' end;

-- Calls with several utterances; most calls have one, and need none of what follows.
create table several as select distinct call_key from utterances where utterance_index > 0;

-- A call's reasons: its codes and candidates, each once. A call with neither counts under its first kind of no-code.
create table several_reasons as
with once as (
    select call_key, reason_index, is_reason, min(utterance_index) as first_index
    from utterances semi join several using (call_key) group by all
)
select call_key, reason_index, is_reason,
       row_number() over (partition by call_key order by first_index, reason_index) - 1 as said_index,
       count(*) over (partition by call_key) as n_reasons
from (
    select * from once
    qualify case when bool_or(is_reason) over (partition by call_key) then is_reason
            else row_number() over (partition by call_key order by first_index, reason_index) = 1 end
);

-- Time spent on each reason: from the turn in which the customer says it to the turn in which the next one is said, the
-- last to the end of the call; reasons said in one turn share its time. Not known where a second is missing, as in written
-- contacts, or where the call has several recordings.
create table spent as
with shared as (select distinct call_key from several_reasons where n_reasons > 1),
     said as (
    select u.call_key, u.reason_index, s.turn_index, s.part_index, t.duration_s,
           min(s.start_s) over (partition by u.call_key, s.turn_index) as start_s,
           count(*) over (partition by u.call_key, s.turn_index) as n_said
    from (from utterances semi join shared using (call_key)) u
    left join (select *, key_of(call_id) as call_key from reason_utterances semi join shared on key_of(call_id) = call_key) s
        using (call_key, utterance_index)
    left join (select *, key_of(call_id) as call_key from transcripts semi join shared on key_of(call_id) = call_key) t
        using (call_key)
    where u.is_reason
),
timed as (
    select *, coalesce(min(start_s) over (partition by call_key order by start_s
                                          range between .001 following and unbounded following), duration_s) as until_s
    from said
)
select call_key, reason_index, sum((until_s - start_s) / n_said) as spent_s,
       bool_and(coalesce(part_index = 0 and until_s >= start_s, false)) as is_known
from timed group by all;

create table charged_reasons as
select s.*, row_number() over (partition by s.call_key, n.owner order by s.said_index) = 1 as is_owners_first,
       case (select several_reasons from rules)
            when 'first' then cast(s.said_index = 0 as double)
            when 'full' then 1.0
            when 'time' then case when bool_and(coalesce(p.is_known, false)) over one_call
                                       and sum(p.spent_s) over one_call > 0
                                  then p.spent_s / sum(p.spent_s) over one_call else 1 / s.n_reasons end
            else 1 / s.n_reasons end as charged_ratio
from several_reasons s
join reasons n using (reason_index)
left join spent p using (call_key, reason_index)
window one_call as (partition by s.call_key);

-- What a call says all in all, and its first reason; the others follow in charged_reasons.
create table said as
select call_key, reason_index, 1 as n_reasons, 1.0::double as charged_ratio, n.unit_cost as all_unit_cost,
       n.reason_kind <> 'no_code' or n.reason_id in ('none_of_these', 'undecided') as is_said_why,
       n.reason_kind = 'code' as is_coded, n.is_cancelling
from (from utterances anti join several using (call_key)) join reasons n using (reason_index)
union all
select call_key, any_value(reason_index) filter (said_index = 0), any_value(n_reasons),
       any_value(charged_ratio) filter (said_index = 0), sum(n.unit_cost),
       bool_or(n.reason_kind <> 'no_code' or n.reason_id in ('none_of_these', 'undecided')),
       bool_or(n.reason_kind = 'code'), bool_or(n.is_cancelling)
from charged_reasons join reasons n using (reason_index) group by call_key;
