-- Customers: whose calls belong together. A call's key is a number made of its id: numbers join and sort faster.

create macro key_of(id) as hash(id);

-- The time of a copied file is no call's: such a call is in the totals and in no day.
create view dated_calls as
select * replace (case when started_at_source is distinct from 'file_time' or (select trust_file_times from rules)
                       then started_at end as started_at)
from calls;

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
    from (select *, hash(customer_id) as customer_key from dated_calls) semi join many using (customer_key) cross join rules
)
group by customer_id having min(span_ms) <= any_value(repeat_window_ms);

create macro is_own_customer(id) as id is not null and hash(id) not in (select customer_key from shared_customers);
