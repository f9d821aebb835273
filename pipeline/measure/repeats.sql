-- Repeats: which calls come back to something that was not settled, and what they came back to. Times are milliseconds.

-- Calls with another one of the same customer within the window; all others neither repeat nor are followed.
create table near_calls as
select call_key, customer_key, started_ms, since_ms
from (
    select call_key, customer_key, started_ms, started_ms - lag(started_ms) over one_customer as since_ms,
           lead(started_ms) over one_customer - started_ms as until_ms
    from (
        select key_of(call_id) as call_key, hash(customer_id) as customer_key, epoch_ms(started_at) as started_ms
        from dated_calls where is_own_customer(customer_id) and started_at is not null
    )
    window one_customer as (partition by customer_key order by started_ms, call_key)
)
where least(since_ms, until_ms) <= (select greatest(repeat_window_ms, transfer_window_ms) from rules);

-- A customer's calls that start within the transfer window of the one before are one contact: a transfer.
create table contacts as
select call_key, customer_key, started_ms, coalesce(since_ms <= transfer_window_ms, false) as is_transfer,
       cast(sum(case when is_transfer then 0 else 1 end) over one_customer as int) as contact_index
from near_calls cross join rules
window one_customer as (partition by customer_key order by started_ms, call_key);

-- Whether a contact has another one of the same customer within the window before or after it.
create table neighbours as
select customer_key, contact_index,
       coalesce(started_ms - lag(ended_ms) over one_customer <= repeat_window_ms, false) as has_before,
       coalesce(lead(started_ms) over one_customer - ended_ms <= repeat_window_ms, false) as has_after
from (
    select customer_key, contact_index, min(started_ms) as started_ms, max(started_ms) as ended_ms
    from contacts group by all
) cross join rules
window one_customer as (partition by customer_key order by contact_index);

-- One reason of one near call; a kind of no-code never repeats. Repeat: the customer called in an earlier contact, at most
-- the window before, about the same reason, or else about another. Followed: the same looking ahead, from the contact's
-- last call about the reason.
create table returns as
with seen as (
    select d.call_key, d.reason_index, c.customer_key, c.contact_index, c.is_transfer, n.is_reason,
           lag(c.contact_index) over later as earlier_contact, lead(c.contact_index) over later as later_contact,
           c.started_ms - lag(c.started_ms) over later <= repeat_window_ms as is_soon,
           lead(c.started_ms) over later - c.started_ms <= repeat_window_ms as is_next_soon
    from (select call_key, reason_index from reasons_said) d
    join contacts c using (call_key)
    join known_reasons n using (reason_index)
    cross join rules
    window later as (partition by c.customer_key, d.reason_index order by c.started_ms, d.call_key)
)
select s.call_key, s.reason_index, s.customer_key, s.contact_index, s.is_transfer, s.is_reason,
       is_reason and coalesce(earlier_contact < contact_index and is_soon, false) as is_repeat,
       is_reason and earlier_contact is distinct from contact_index and not is_repeat as is_case_start,
       is_case_start and n.has_before as is_repeat_of_other,
       is_reason and later_contact is not distinct from contact_index as is_followed_in_contact,
       is_reason and coalesce(later_contact > contact_index and is_next_soon, false) as is_followed_by_same,
       is_reason and not is_followed_in_contact and not is_followed_by_same and n.has_after as is_followed_by_other
from seen s join neighbours n using (customer_key, contact_index);

-- What each repeat came back to: its own reason, or else each reason of the contact before, in equal parts.
create table triggers as
with others as (
    select r.call_key, r.reason_index, t.reason_index as trigger_index
    from (from returns where is_repeat_of_other) r
    join (select distinct customer_key, contact_index, reason_index from returns where is_reason) t
      on t.customer_key = r.customer_key and t.contact_index = r.contact_index - 1
)
select call_key, reason_index, reason_index as trigger_index, 1.0::double as part_ratio from returns where is_repeat
union all
select *, 1 / count(*) over (partition by call_key, reason_index) from others;
drop table near_calls;
drop table contacts;
drop table neighbours;
