-- Asked: what agents answered to "what did most people call about?", beside what was heard in that week. An answer
-- without a team is set beside all queues. Reasons with as many calls share a rank.

create table asked_heard as
with counted as (
    select a.week, a.queue, r.reason_kind, r.reason_id, count(*) as n_calls
    from (select distinct week, queue from answers) a
    join (select *, cast(date_trunc('week', day) as date) as week from reason_calls where reason_kind <> 'no_code') r
        on r.week = a.week and (a.queue = '' or lower(r.queue) = lower(a.queue))
    group by all
)
select *, rank() over (partition by week, queue order by n_calls desc) as heard_rank from counted;

create table asked_answers as
with counted as (
    select week, queue, reason_kind, reason_id, count(*) as n_answers
    from answers where reason_kind <> 'no_code' group by all
)
select *, rank() over (partition by week, queue order by n_answers desc) as answer_rank from counted;

create table asked_reasons as
select week, queue, reason_kind, reason_id, coalesce(n_answers, 0) as n_answers, answer_rank,
       coalesce(n_calls, 0) as n_calls, heard_rank
from asked_answers full join asked_heard using (week, queue, reason_kind, reason_id)
where n_answers is not null or heard_rank <= 10;

create table asked_agreement as
with counted as (
    select week, queue, count(*) as n_answers, count(*) filter (reason_kind <> 'no_code') as n_named,
           count(*) filter (heard_rank <= 3) as n_agreed
    from answers left join asked_heard using (week, queue, reason_kind, reason_id)
    group by week, queue
)
select *, case when (week, queue) in (select (week, queue) from asked_heard) then n_agreed / n_answers end as agreed_ratio
from counted;
