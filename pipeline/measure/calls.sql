-- Calls: everything that is known of each contact once, and how far it came from offered to coded.

create type feeling as enum ('negative', 'neutral', 'positive');  -- takes a byte, where a word takes sixteen

create table said_signals as
select key_of(call_id) as call_key,
       bool_or(signal = 'called_before') as is_said_called_before,
       bool_or(signal = 'other_department_failed') as is_other_department_failed,
       any_value(department) filter (signal = 'other_department_failed') as failed_department,
       bool_or(signal = 'effort') as is_effort,
       bool_or(signal = 'threat_to_leave') as is_threat_to_leave,
       bool_or(signal = 'chance_to_sell') as is_chance_to_sell
from call_signals where is_present group by call_key;

-- A number from which more calls come within the window than one customer makes is shared: a switchboard, a gateway.
create table shared_customers as
with many as (
    select hash(customer_id) as customer_key from calls, rules
    where customer_id is not null and shared_customer_calls > 0
    group by customer_key having count(*) > any_value(shared_customer_calls)
)
select customer_id, any_value(customer_key) as customer_key, count(*) as n_calls
from (
    select customer_id, customer_key, repeat_window_ms,
           epoch_ms(started_at) - lag(epoch_ms(started_at), shared_customer_calls) over (
               partition by customer_key order by started_at
           ) as span_ms
    from (select *, hash(customer_id) as customer_key from calls) semi join many using (customer_key) cross join rules
)
group by customer_id having min(span_ms) <= any_value(repeat_window_ms);

-- A negative second is no second; places are numbered, since numbers group faster.
create macro is_own_customer(id) as id is not null and hash(id) not in (select customer_key from shared_customers);
create view clean_calls as
select *, key_of(call_id) as call_key, case when is_own_customer(customer_id) then hash(customer_id) end as customer_key, epoch_ms(started_at) as started_ms,
       case when wait_s >= 0 then wait_s end as wait, case when talk_s >= 0 then talk_s end as talk,
       case when hold_s >= 0 then hold_s end as hold, case when wrap_s >= 0 then wrap_s end as wrap,
       case when first_response_s >= 0 then first_response_s end as first_response
from calls;

-- Handle time: talk + hold + wrap as the manifest has them. Without talk seconds the recording's length stands in for
-- talk + hold.
create table facts as
select c.call_key, c.call_id, c.customer_key, c.started_ms,
       cast(timezone(rules.timezone, c.started_at) as date) as day, c.contact_channel, c.queue, c.region, c.logged_code,
       cast(hour(timezone(rules.timezone, c.started_at)) as tinyint) as hour,
       len(coalesce(c.sources, [])) > 0 as is_recorded, is_recorded and coalesce(t.is_heard, false) as is_heard,
       is_heard and coalesce(w.is_said_why, false) as is_said_why, is_said_why and w.is_coded as is_coded,
       w.call_key is not null as is_counted, t.call_key is not null as is_transcribed,
       coalesce(c.is_abandoned, false) as is_abandoned,
       c.wait as wait_s, c.talk as talk_s, c.hold as hold_s, c.wrap as wrap_s, c.first_response as first_response_s,
       coalesce(talk + coalesce(hold, 0), t.duration_s) as line_s, line_s + coalesce(wrap, 0) as handle_time_s,
       talk is null and t.duration_s is not null as is_handle_time_estimated,
       f.sentiment_label, f.start_label, f.end_label, c.csat, c.nps, c.ces,
       coalesce(s.is_said_called_before, false) as is_said_called_before,
       coalesce(s.is_other_department_failed, false) as is_other_department_failed, s.failed_department,
       coalesce(s.is_effort, false) as is_effort, coalesce(s.is_threat_to_leave, false) as is_threat_to_leave,
       coalesce(s.is_chance_to_sell, false) as is_chance_to_sell,
       w.reason_index, w.n_reasons, w.charged_ratio, w.all_unit_cost
from clean_calls c
cross join rules
left join said w using (call_key)
left join (select key_of(call_id) as call_key, is_heard, duration_s from transcripts) t using (call_key)
left join (
    select key_of(call_id) as call_key, cast(sentiment_label as feeling) as sentiment_label,
           cast(start_label as feeling) as start_label, cast(end_label as feeling) as end_label
    from call_sentiment
) f using (call_key)
left join said_signals s using (call_key);
