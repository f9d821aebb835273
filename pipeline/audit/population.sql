-- Population: what the machine says of all counted calls of a round's days, and of the calls that were drawn.
-- `reason_calls` and `call_reasons` are the store's; `round` has the days, `drawn` the calls, `owners` who must fix each code. A call
-- without a time is in every round.

create table counted as
select * from reason_calls where coalesce(day between (select first_day from round) and (select last_day from round), true);

-- What a whole call costs but for unit costs, however its reasons share it.
create table whole_calls as
select call_id, any_value(is_heard) as is_heard,
       sum(handling_cost + telephone_cost + leaving_cost) / nullif(sum(charged_ratio), 0) as whole_cost
from counted group by call_id;

-- Each call's codes; without one its first kind of no-code, also where it is in a candidate.
create table given as
select call_id, reason_id as label, cost from counted where reason_kind = 'code'
union all
select call_id, k.no_code, c.cost
from (select call_id, sum(cost) as cost from counted group by call_id having not bool_or(reason_kind = 'code')) c
join (
    select call_id, arg_min(no_code, utterance_index) as no_code from call_reasons where no_code is not null group by call_id
) k using (call_id);

create table totals as
select count(*) as n_calls, count(*) filter (is_heard) as n_heard,
       coalesce(sum(whole_cost), 0) as cost, coalesce(sum(whole_cost * whole_cost), 0) as squares
from whole_calls;

-- Each owner's calls: a call with two codes of one owner is one of theirs, and costs both.
create table given_owners as
select c.call_id, o.owner as label, sum(c.cost) as cost
from counted c join owners o on o.code = c.reason_id
where c.reason_kind = 'code'
group by c.call_id, o.owner;

-- Each reason's and each owner's calls and cost as counted, and what all other calls cost, in sums.
create table label_totals as
select g.kind, g.label, count(*) as n_given, sum(g.cost) as cost_given, avg(g.cost) as mean_given,
       stddev_pop(g.cost) as deviation_given, any_value(t.n_calls) - count(*) as n_others, any_value(t.cost) - sum(w.whole_cost) as cost_others,
       any_value(t.squares) - sum(w.whole_cost * w.whole_cost) as squares_others
from (select 'reason' as kind, * from given union all select 'owner', * from given_owners) g
join whole_calls w using (call_id) cross join totals t
group by g.kind, g.label;

create table drawn_calls as
select d.call_id, w.whole_cost, list({'label': g.label, 'cost': g.cost}) as given
from drawn d join whole_calls w using (call_id) join given g using (call_id)
group by d.call_id, w.whole_cost;
