-- Costs: what each call and each of its reasons costs, and everything a metric is a sum of.

-- Customers who may be lost: each is counted once, in the first call that says so.
create table leaving as
select call_key, leaving_ratio * lifetime_value as lost
from (
    select f.call_key, f.customer_key, f.started_ms, rules.lifetime_value,
           greatest(coalesce(s.is_threat_to_leave, false)::int * rules.threat_leaving_ratio,
                    w.is_cancelling::int * rules.cancel_leaving_ratio) as leaving_ratio
    from facts f join said w using (call_key) left join said_signals s using (call_key) cross join rules
    where rules.lifetime_value > 0 and (w.is_cancelling or s.is_threat_to_leave)
)
qualify row_number() over (partition by coalesce(customer_key, call_key) order by started_ms, call_key) = 1;

create view call_costs as
select f.*, f.customer_key is not null and f.started_ms is not null as is_customer_known,
       coalesce(c.is_transfer, false) as is_transfer,
       f.customer_key is not null and f.started_ms <= rules.last_over_ms as is_window_over,
       f.handle_time_s / 3600 as call_hours, coalesce(f.handle_time_s, 0) / 3600 * rules.wage_per_hour as wages,
       case when f.contact_channel = 'phone' then (coalesce(f.wait_s, 0) + coalesce(f.line_s, 0)) / 60 else 0 end
           * rules.telephone_cost_per_minute as telephone,
       coalesce(l.lost, 0) as lost
from (from facts where is_counted) f
cross join (select *, (select max(started_ms) from facts) - repeat_window_ms as last_over_ms from rules) rules
left join contacts c using (call_key)
left join leaving l using (call_key);

-- Every counted call once: its whole time and cost, whatever the rule for several reasons.
create view call_facts as
select c.*, case when is_customer_known then coalesce(r.is_repeat, false) end as is_repeat,
       coalesce(r.is_repeat_of_other and not r.is_repeat, false) as is_repeat_of_other,
       is_window_over and not coalesce(r.is_all_followed_in_contact, false) as is_over,
       coalesce(r.is_followed_by_same, false) as is_followed_by_same,
       coalesce(r.is_followed_by_other and not r.is_followed_by_same, false) as is_followed_by_other,
       true as is_owners_first, call_hours as hours, wages as handling_cost, telephone as telephone_cost,
       all_unit_cost as unit_cost, lost as leaving_cost, wages + telephone + all_unit_cost + lost as cost
from call_costs c
left join (
    select call_key, bool_or(is_repeat) as is_repeat, bool_or(is_repeat_of_other) as is_repeat_of_other,
           bool_and(is_followed_in_contact) as is_all_followed_in_contact,
           bool_or(is_followed_by_same) as is_followed_by_same, bool_or(is_followed_by_other) as is_followed_by_other
    from returns group by call_key
) r using (call_key);

-- One reason of one call, with its part of the call's time; a unit cost is owed once a call, whole.
create table reason_calls as
select s.* exclude (reason_index, customer_key, started_ms, line_s, is_recorded, is_heard, is_said_why, is_counted,
                    is_transcribed, is_abandoned, all_unit_cost, call_hours, wages, telephone, lost),
       s.said_index = 0 as is_first, n.reason_index, n.reason_id, n.reason_kind, n.owner,
       case when is_customer_known and n.reason_kind <> 'no_code' then coalesce(r.is_repeat, false) end as is_repeat,
       coalesce(r.is_repeat_of_other, false) as is_repeat_of_other,
       is_window_over and n.reason_kind <> 'no_code' and not coalesce(r.is_followed_in_contact, false) as is_over,
       coalesce(r.is_followed_by_same, false) as is_followed_by_same,
       coalesce(r.is_followed_by_other, false) as is_followed_by_other,
       call_hours * charged_ratio as hours, wages * charged_ratio as handling_cost,
       telephone * charged_ratio as telephone_cost, n.unit_cost as unit_cost, lost * charged_ratio as leaving_cost,
       wages * charged_ratio + telephone * charged_ratio + n.unit_cost + lost * charged_ratio as cost
from (
    select *, 0 as said_index, true as is_owners_first from call_costs
    union all
    select c.* replace (o.reason_index as reason_index, o.charged_ratio as charged_ratio), o.said_index, o.is_owners_first
    from call_costs c join (from charged_reasons where said_index > 0) o using (call_key)
) s
join reasons n using (reason_index)
left join returns r on r.call_key = s.call_key and r.reason_index = n.reason_index;

-- What each repeat cost, charged to the reason that it came back to.
create table repeat_calls as
select c.call_id, c.reason_id, c.reason_kind, n.reason_id as trigger_id, n.reason_kind as trigger_kind, c.day,
       t.reason_index = t.trigger_index as is_same_reason, t.part_ratio, c.cost * t.part_ratio as cost,
       t.reason_index, t.trigger_index
from triggers t
join (from reason_calls where is_repeat or is_repeat_of_other) c using (call_key, reason_index)
join reasons n on n.reason_index = t.trigger_index;

create view moved as
select reason_index, day, -cost as cost from repeat_calls
union all select trigger_index, day, cost from repeat_calls;
