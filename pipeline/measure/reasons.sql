-- Reasons: which reasons a call has, and what part of the call each of them took.
-- Inputs: calls, transcripts, call_reasons, reason_utterances, clusters and cluster_members of store/; `rules`, one row
-- of settings; `reasons`, a row a reason.

-- Words of which there are few are written several times faster as numbers with a list of them.
create type reason_word as enum (
    select distinct word from (select unnest([reason_kind, reason_id, owner]) as word from reasons) where word is not null
);

create view known_reasons as
select *, cast(reason_kind as reason_word) as kind_word, cast(reason_id as reason_word) as id_word,
       cast(owner as reason_word) as owner_word, reason_kind <> 'no_code' as is_reason, reason_kind = 'code' as is_code,
       reason_kind <> 'no_code' or reason_id in ('none_of_these', 'undecided') as is_why
from reasons;

-- What each reason utterance is counted as: its code, else the candidate it belongs to, else its kind of no-code.
create table utterances as
select key_of(r.call_id) as call_key, r.utterance_index, n.reason_index
from call_reasons r join reasons n on n.reason_kind = 'code' and n.reason_id = r.code
union all
select key_of(r.call_id), r.utterance_index, n.reason_index
from (from call_reasons where code is null) r
left join (from cluster_members semi join clusters using (cluster_id)) m using (call_id, utterance_index)
join reasons n on n.reason_id = coalesce(m.cluster_id, r.no_code)
    and n.reason_kind = case when m.cluster_id is not null then 'candidate' else 'no_code' end;

-- Calls with several utterances; most calls have one, and need none of what follows.
create table several as
from utterances semi join (from utterances where utterance_index > 0) later using (call_key);

-- A call's reasons: its codes and candidates, each once. A call with neither counts under its first kind of no-code.
create table several_reasons as
with once as (
    select call_key, reason_index, is_reason, min(utterance_index) as first_index
    from several join known_reasons using (reason_index) group by all
)
select call_key, reason_index, is_reason,
       cast(row_number() over (partition by call_key order by first_index, reason_index) - 1 as int) as said_index,
       cast(count(*) over (partition by call_key) as int) as n_reasons
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
    select u.call_key, u.reason_index, s.turn_index, s.part_index, s.start_s
    from (from several semi join shared using (call_key)) u
    semi join (from several_reasons where is_reason) r using (call_key, reason_index)
    left join (
        select key_of(call_id) as call_key, utterance_index, turn_index, part_index, start_s
        from reason_utterances semi join shared on key_of(call_id) = call_key
    ) s using (call_key, utterance_index)
),
turned as (
    select call_key, turn_index, min(start_s) as start_s, count(*) as n_said, bool_and(part_index = 0) as is_one_part
    from said group by all
),
timed as (
    select d.*, coalesce(lead(start_s) over (partition by d.call_key order by start_s, turn_index), t.duration_s) as until_s
    from turned d
    left join (
        select key_of(call_id) as call_key, duration_s from transcripts semi join shared on key_of(call_id) = call_key
    ) t using (call_key)
)
select said.call_key, reason_index, sum((until_s - timed.start_s) / n_said) as spent_s,
       bool_and(coalesce(is_one_part and until_s >= timed.start_s, false)) as is_known
from said join timed on timed.call_key = said.call_key and timed.turn_index is not distinct from said.turn_index
group by all;

-- Every reason of every call once, in the order they were said.
create table reasons_said as
select call_key, reason_index, 0::int as said_index, 1::int as n_reasons, 1.0::double as charged_ratio,
       true as is_owners_first, is_why as is_said_why, is_code as is_coded
from (from utterances anti join several using (call_key)) join known_reasons using (reason_index)
union all
select s.call_key, s.reason_index, s.said_index, s.n_reasons,
       case (select several_reasons from rules)
            when 'first' then cast(s.said_index = 0 as double)
            when 'full' then 1.0
            when 'time' then case when bool_and(coalesce(p.is_known, false)) over one_call
                                       and sum(p.spent_s) over one_call > 0
                                  then p.spent_s / sum(p.spent_s) over one_call else 1 / s.n_reasons end
            else 1 / s.n_reasons end,
       row_number() over (partition by s.call_key, n.owner order by s.said_index) = 1,
       bool_or(n.is_why) over one_call, bool_or(n.is_code) over one_call
from several_reasons s
join known_reasons n using (reason_index)
left join spent p using (call_key, reason_index)
window one_call as (partition by s.call_key);
drop table utterances;
drop table several;
drop table spent;
drop table several_reasons;
