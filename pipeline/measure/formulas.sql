-- Every formula of docs/measures.md, once, in the order in which they build on each other.
-- Inputs: the tables of store/ by name; `rules`, one row of settings; `reasons`, a row a reason with its names, owner
-- and unit cost. Outputs: the tables reason_calls, period_metrics, reason_metrics, funnel and dropped.

-- What each reason utterance is counted as: its code, else the candidate it belongs to, else its kind of no-code.
create table utterances as
select r.call_id, r.utterance_index,
       coalesce(r.code, m.cluster_id, r.no_code) as reason_id,
       case when r.code is not null then 'code' when m.cluster_id is not null then 'candidate' else 'no_code' end
           as reason_kind
from call_reasons r
left join (select * from cluster_members semi join clusters using (cluster_id)) m using (call_id, utterance_index);

-- A call's reasons: its codes and candidates, each once. A call with neither counts under its first kind of no-code.
create table distinct_reasons as
with once as (
    select call_id, reason_id, reason_kind, min(utterance_index) as first_index from utterances group by all
)
select *, row_number() over (partition by call_id order by first_index, reason_id) = 1 as is_first,
       count(*) over (partition by call_id) as n_reasons
from (
    select * from once
    qualify case when bool_or(reason_kind <> 'no_code') over (partition by call_id) then reason_kind <> 'no_code'
            else row_number() over (partition by call_id order by first_index, reason_id) = 1 end
);

-- How far each call came, from offered to coded.
create table steps as
select c.call_id, cast(timezone((select timezone from rules), c.started_at) as date) as day,
       len(coalesce(c.sources, [])) > 0 as is_recorded,
       is_recorded and coalesce(t.is_heard, false) as is_heard,
       is_heard and coalesce(r.is_said_why, false) as is_said_why,
       is_said_why and r.is_coded as is_coded,
       t.call_id is not null as is_transcribed
from calls c
left join transcripts t using (call_id)
left join (
    select call_id, bool_or(no_code is null or no_code in ('none_of_these', 'undecided')) as is_said_why,
           bool_or(code is not null) as is_coded
    from call_reasons group by call_id
) r using (call_id);

-- Handle time: talk + hold + wrap as the manifest has them. Without talk seconds the recording's length stands in for
-- talk + hold. A negative second is no second.
create table handle_times as
select c.call_id,
       case when c.talk_s >= 0 then c.talk_s + greatest(coalesce(c.hold_s, 0), 0) else t.duration_s end
           + greatest(coalesce(c.wrap_s, 0), 0) as handle_time_s,
       coalesce(c.talk_s, -1) < 0 and t.duration_s is not null as is_handle_time_estimated
from calls c
left join transcripts t using (call_id);

-- A customer's calls that start within the transfer window of the one before are one contact: a transfer.
create table contacts as
select call_id, customer_id, started_at, sum(is_new) over (partition by customer_id order by started_at, call_id)
           as contact_index
from (
    select call_id, customer_id, started_at,
           case when epoch(started_at - lag(started_at) over (partition by customer_id order by started_at, call_id))
                     <= (select transfer_window_s from rules) then 0 else 1 end as is_new
    from calls where customer_id is not null and started_at is not null
);

-- A repeat: the same customer had the same reason in an earlier contact, at most the window before.
create table repeats as
select call_id, reason_kind, reason_id,
       coalesce(contact_index > lag(contact_index) over earlier
                and epoch(started_at - lag(started_at) over earlier) <= (select repeat_window_s from rules), false)
           as is_repeat
from distinct_reasons join contacts using (call_id)
where reason_kind <> 'no_code'
window earlier as (partition by customer_id, reason_kind, reason_id order by started_at, call_id);

-- One reason of one call, with its part of the call's handle time; a unit cost is owed once a call, whole.
create table reason_calls as
select d.call_id, d.reason_id, d.reason_kind, s.day, d.is_first, d.n_reasons,
       case rules.several_reasons when 'equal' then 1 / d.n_reasons when 'first' then cast(d.is_first as double)
            else 1.0 end as charged_ratio,
       f.sentiment_label, h.handle_time_s, h.is_handle_time_estimated, p.is_repeat,
       coalesce(b.is_present, false) as is_said_called_before,
       h.handle_time_s / 3600 * charged_ratio as hours,
       coalesce(h.handle_time_s / 3600 * charged_ratio, 0) * rules.wage_per_hour + n.unit_cost as cost
from distinct_reasons d
cross join rules
join reasons n using (reason_kind, reason_id)
join steps s using (call_id)
join handle_times h using (call_id)
left join repeats p using (call_id, reason_kind, reason_id)
left join call_sentiment f using (call_id)
left join (select call_id, is_present from call_signals where signal = 'called_before') b using (call_id)
order by call_id, first_index, reason_id;

-- Every call once: how far it came and, when it is counted, what it took, whatever the rule for several reasons.
create table counted_calls as
select s.*, r.call_id is not null as is_counted, r.* exclude (call_id, unit_cost),
       k.call_id is not null and is_counted as is_customer_known,
       r.handle_time_s / 3600 as hours,
       coalesce(r.handle_time_s / 3600, 0) * rules.wage_per_hour + r.unit_cost as cost
from steps s
cross join rules
left join (
    select call_id, any_value(sentiment_label) as sentiment_label, any_value(handle_time_s) as handle_time_s,
           any_value(is_handle_time_estimated) as is_handle_time_estimated,
           any_value(is_said_called_before) as is_said_called_before,
           bool_or(coalesce(is_repeat, false)) as is_repeat, sum(unit_cost) as unit_cost
    from reason_calls join reasons using (reason_kind, reason_id) group by call_id
) r using (call_id)
left join contacts k using (call_id);

-- Periods: all, and each week (from Monday) and day of the project's time zone.
create table call_periods as
select call_id, 'all' as period, (select min(day) from steps) as period_start from steps
union all select call_id, 'week', cast(date_trunc('week', day) as date) from steps where day is not null
union all select call_id, 'day', day from steps where day is not null;

-- Repeats are null, not none, where no customer is known.
create table period_metrics as
select period, period_start, count(*) as n_offered,
       count(*) filter (is_recorded) as n_recorded, count(*) filter (is_heard) as n_heard,
       count(*) filter (is_said_why) as n_said_why,
       count(*) filter (is_coded) as n_coded, count(*) filter (is_counted) as n_calls,
       count(*) filter (sentiment_label = 'negative') as n_negative,
       count(*) filter (sentiment_label = 'neutral') as n_neutral,
       count(*) filter (sentiment_label = 'positive') as n_positive,
       avg(handle_time_s) as handle_time_s, count(*) filter (is_handle_time_estimated) as n_handle_time_estimated,
       count(*) filter (is_counted and handle_time_s is null) as n_handle_time_missing,
       count(*) filter (is_customer_known) as n_customer_known, case when n_customer_known > 0 then count(*) filter (is_repeat) end as n_repeat_calls,
       count(*) filter (is_said_called_before) as n_said_called_before,
       coalesce(sum(hours), 0) as hours, coalesce(sum(cost), 0) as cost, (select currency from rules) as currency
from call_periods join counted_calls using (call_id)
group by period, period_start
order by period, period_start;

create table reason_metrics as
select reason_id, reason_kind, any_value(n.name_en) as name_en, any_value(n.name_zh) as name_zh,
       any_value(n.owner) as owner, period, period_start, count(*) as n_calls,
       case when reason_id <> 'not_heard' then count(*) / nullif(any_value(p.n_heard), 0) end as share_ratio,
       count(*) filter (c.sentiment_label = 'negative') as n_negative,
       count(*) filter (c.sentiment_label = 'neutral') as n_neutral,
       count(*) filter (c.sentiment_label = 'positive') as n_positive,
       avg(c.handle_time_s) as handle_time_s, count(*) filter (c.is_handle_time_estimated) as n_handle_time_estimated,
       case when count(c.is_repeat) > 0 then count(*) filter (c.is_repeat) end as n_repeat_calls,
       count(*) filter (c.is_said_called_before) as n_said_called_before,
       coalesce(sum(c.hours), 0) as hours, sum(c.cost) as cost, any_value(p.currency) as currency
from reason_calls c
join call_periods using (call_id)
join period_metrics p using (period, period_start)
join reasons n using (reason_kind, reason_id)
group by reason_id, reason_kind, period, period_start
order by period, period_start, reason_kind, reason_id;

create table funnel as
unpivot (
    select n_offered as offered, n_recorded as recorded, n_heard as heard, n_said_why as said_why, n_coded as coded
    from period_metrics where period = 'all'
    union all select 0, 0, 0, 0, 0 where not exists (from period_metrics)
) on columns(*) into name step value n_calls;

-- Calls that are in no count of reasons, and why: counted + dropped = offered.
create table dropped as
select 'measure' as stage, call_id, 'call' as item,
       case when coalesce(c.is_abandoned, false) and not s.is_recorded then 'abandoned'
            when not s.is_recorded then 'not_recorded'
            when not s.is_transcribed and s.call_id in (select call_id from failed) then 'not_transcribed'
            when not s.is_transcribed then 'not_listened' else 'not_assigned' end as reason
from calls c join steps s using (call_id)
where call_id not in (select call_id from reason_calls)
order by call_id;
