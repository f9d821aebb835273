-- Calls: one reason of one call with everything that is known of the call, in one pass over the files, and the calls that
-- are in no count of reasons.

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

-- A negative second is no second.
create view clean_calls as
select * replace (case when wait_s >= 0 then wait_s end as wait_s, case when talk_s >= 0 then talk_s end as talk_s,
                  case when hold_s >= 0 then hold_s end as hold_s, case when wrap_s >= 0 then wrap_s end as wrap_s,
                  case when first_response_s >= 0 then first_response_s end as first_response_s),
       key_of(call_id) as call_key, timezone((select timezone from rules), started_at) as local_time,
       epoch_ms(started_at) as started_ms, customer_key is not null and started_at is not null as is_customer_known
from (select *, case when is_own_customer(customer_id) then hash(customer_id) end as customer_key from dated_calls);

-- Customers who may be lost: each is counted once, in the first call that says so.
create table leaving as
select call_key, leaving_ratio * lifetime_value as lost
from (
    select c.call_key, c.customer_key, c.started_ms, rules.lifetime_value,
           greatest(coalesce(s.is_threat_to_leave, false)::int * rules.threat_leaving_ratio,
                    w.is_cancelling::int * rules.cancel_leaving_ratio) as leaving_ratio
    from clean_calls c
    join (
        select call_key, bool_or(is_cancelling) as is_cancelling
        from (select call_key, reason_index from reasons_said, rules where rules.lifetime_value > 0)
        join reasons using (reason_index) group by call_key
    ) w using (call_key)
    left join said_signals s using (call_key)
    cross join rules
    where w.is_cancelling or s.is_threat_to_leave
)
qualify row_number() over (partition by coalesce(customer_key, call_key) order by started_ms, call_key) = 1;

-- Handle time: talk + hold + wrap as the manifest has them. Without talk seconds the recording's length stands in for
-- talk + hold. A unit cost is owed once a call, whole; all else is charged to a reason by its part of the call's time.
create view reason_rows as
select c.call_id, s.said_index, s.said_index = 0 as is_first, s.n_reasons, n.id_word as reason_id,
       n.kind_word as reason_kind, n.owner_word as owner, s.is_owners_first, s.charged_ratio,
       case when c.is_customer_known and n.is_reason then coalesce(r.is_repeat, false) end as is_repeat,
       coalesce(r.is_repeat_of_other, false) as is_repeat_of_other,
       n.is_reason and c.is_customer_known and coalesce(r.is_case_start, true) as is_case_start,
       n.is_reason and c.is_customer_known and c.started_ms <= last_over_ms
           and not coalesce(r.is_followed_in_contact, false) as is_over,
       coalesce(r.is_followed_by_same, false) as is_followed_by_same,
       coalesce(r.is_followed_by_other, false) as is_followed_by_other,
       coalesce(c.talk_s + coalesce(c.hold_s, 0), t.duration_s) as line_s,
       line_s + coalesce(c.wrap_s, 0) as handle_time_s, c.talk_s is null and t.duration_s is not null as is_handle_time_estimated,
       handle_time_s / 3600 * s.charged_ratio as hours, coalesce(hours, 0) * wage_per_hour as handling_cost,
       case when c.contact_channel = 'phone' then (coalesce(c.wait_s, 0) + coalesce(line_s, 0)) / 60 else 0 end
           * telephone_cost_per_minute * s.charged_ratio as telephone_cost,
       n.unit_cost, coalesce(l.lost, 0) * s.charged_ratio as leaving_cost,
       handling_cost + telephone_cost + n.unit_cost + leaving_cost as cost,
       cast(c.local_time as date) as day, cast(hour(c.local_time) as tinyint) as hour, c.contact_channel, c.queue, c.region,
       c.logged_code, coalesce(c.is_abandoned, false) as is_abandoned,
       coalesce(t.is_heard, false) as is_heard, is_heard and s.is_said_why as is_said_why, is_heard and s.is_coded as is_coded,
       c.wait_s, c.talk_s, c.hold_s, c.wrap_s, c.first_response_s, f.sentiment_label, f.start_label, f.end_label,
       c.csat, c.nps, c.ces, coalesce(g.is_said_called_before, false) as is_said_called_before,
       coalesce(g.is_other_department_failed, false) as is_other_department_failed, g.failed_department,
       coalesce(g.is_effort, false) as is_effort, coalesce(g.is_threat_to_leave, false) as is_threat_to_leave,
       coalesce(g.is_chance_to_sell, false) as is_chance_to_sell, coalesce(r.is_transfer, false) as is_transfer
from clean_calls c
cross join (select *, (select max(epoch_ms(started_at)) from dated_calls) - repeat_window_ms as last_over_ms from rules)
join reasons_said s using (call_key)
join known_reasons n using (reason_index)
left join (select key_of(call_id) as call_key, is_heard, duration_s from transcripts) t using (call_key)
left join (
    select key_of(call_id) as call_key, cast(sentiment_label as feeling) as sentiment_label,
           cast(start_label as feeling) as start_label, cast(end_label as feeling) as end_label
    from call_sentiment
) f using (call_key)
left join said_signals g using (call_key)
left join leaving l using (call_key)
left join returns r on r.call_key = s.call_key and r.reason_index = s.reason_index;

-- Contacts without any reason, and how far they came. They are found by their key alone, since they are few.
create table unexplained as
select call_id, call_key, cast(local_time as date) as day, wait_s, coalesce(is_abandoned, false) as is_abandoned,
       len(coalesce(sources, [])) > 0 as is_recorded
from clean_calls
semi join (from (select key_of(call_id) as call_key from calls) anti join reasons_said using (call_key)) using (call_key);

create table uncounted as
select c.*, t.call_key is not null as is_transcribed, c.is_recorded and coalesce(t.is_heard, false) as is_heard
from unexplained c
left join (
    select key_of(call_id) as call_key, is_heard from transcripts semi join unexplained on key_of(transcripts.call_id) = call_key
) t using (call_key);
