-- Tables: what measure writes, from what the formulas before and the metrics by period have made.

create table period_metrics as
select f.*, a.* exclude (period, period_start),
       m.* exclude (period, period_start) replace (coalesce(m.n_calls, 0) as n_calls),
       t.* exclude (period, period_start), rules.currency
from period_funnels f
cross join rules
left join period_abandoned a using (period, period_start)
left join period_sums m using (period, period_start)
left join period_times t using (period, period_start);

create table reason_metrics as
select n.reason_id, n.reason_kind, n.name_en, n.name_zh, n.owner,
       case when n.reason_id <> 'not_heard' then m.n_calls / nullif(f.n_heard, 0) end as share_ratio,
       m.* exclude (reason_kind, reason_id), t.* exclude (reason_kind, reason_id, period, period_start),
       m.cost + coalesce(v.moved_cost, 0) as caused_cost, rules.currency
from reason_sums_by_period m
cross join rules
join reasons n using (reason_kind, reason_id)
join period_funnels f using (period, period_start)
left join reason_times t using (reason_kind, reason_id, period, period_start)
left join moved_costs v using (reason_kind, reason_id, period, period_start);

create table repeat_matrix as
select trigger_kind, trigger_id, reason_kind, reason_id, sum(part_ratio) as n_repeats, sum(cost) as cost
from repeat_calls group by all;

create table funnel as
unpivot (
    select n_offered as offered, n_recorded as recorded, n_heard as heard, n_said_why as said_why, n_coded as coded
    from period_funnels where period = 'all'
) on columns(*) into name step value n_calls;

-- Calls that are in no count of reasons, and why: counted + dropped = offered.
create table dropped as
select 'measure' as stage, call_id, 'call' as item,
       case when is_abandoned and not is_recorded then 'abandoned'
            when not is_recorded then 'not_recorded'
            when not is_transcribed and call_id in (select call_id from failed) then 'not_transcribed'
            when not is_transcribed then 'not_listened' else 'not_assigned' end as reason
from uncounted;

create table reason_cuts as
select c.*, rules.currency from cut_sums c cross join rules where c.value is not null;

create table owner_metrics as
select o.*, o.n_calls / nullif(m.n_calls, 0) as share_ratio, coalesce(s.n_said_failed, 0) as n_said_failed, rules.currency
from owners_by_period o
join period_metrics m using (period, period_start)
cross join rules
left join (
    select lower(failed_department) as owner_key, count(*) as n_said_failed, 'all' as period
    from call_facts where failed_department is not null group by all
) s on s.period = o.period and s.owner_key = lower(o.owner);
