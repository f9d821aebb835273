-- Costs: what each repeat cost, charged to the reason that it came back to, and how far each contact came.

create table repeat_calls as
select c.call_id, c.reason_id, c.reason_kind, n.reason_id as trigger_id, n.reason_kind as trigger_kind, c.day,
       t.reason_index = t.trigger_index as is_same_reason, t.part_ratio, c.cost * t.part_ratio as cost
from triggers t
join (
    select key_of(call_id) as call_key, call_id, reason_index, reason_id, reason_kind, day, cost
    from reason_calls join reasons using (reason_kind, reason_id) where is_repeat or is_repeat_of_other
) c using (call_key, reason_index)
join reasons n on n.reason_index = t.trigger_index;

create view moved as
select reason_kind, reason_id, day, -cost as cost from repeat_calls
union all select trigger_kind, trigger_id, day, cost from repeat_calls;

-- Every contact, counted or not, and how far it came; what has a reason was recorded.
create view offered as
select day, wait_s, is_abandoned, true as is_recorded, is_heard, is_said_why, is_coded from reason_calls where is_first
union all
select day, wait_s, is_abandoned, is_recorded, is_heard, false, false from uncounted;
