-- Customers: whose calls belong together. A call's key is a number made of its id: numbers join and sort faster.

create macro key_of(id) as hash(id);

-- The time of a copied file is no call's: such a call is in the totals and in no day.
create view dated_calls as
select * replace (case when started_at_source is distinct from 'file_time' or (select trust_file_times from rules)
                       then started_at end as started_at)
from calls;

-- Calls with another one of the same customer within the window; all others neither repeat nor are followed. One sort says
-- too how long ago the customer made as many calls as one customer does not make: a number that is filled in, since the
-- same number in a column takes half as long again. Times are milliseconds.
create table near_calls as
select call_key, customer_key, started_ms, since_ms, many_since_ms
from (
    select call_key, customer_key, started_ms, started_ms - lag(started_ms) over one_customer as since_ms,
           lead(started_ms) over one_customer - started_ms as until_ms,
           started_ms - lag(started_ms, $shared_customer_calls) over one_customer as many_since_ms
    from (
        select key_of(call_id) as call_key, hash(customer_id) as customer_key, epoch_ms(started_at) as started_ms
        from dated_calls where customer_id is not null and started_at is not null
    )
    window one_customer as (partition by customer_key order by started_ms, call_key)
)
where least(since_ms, until_ms) <= (select greatest(repeat_window_ms, transfer_window_ms) from rules);

-- A number from which more calls come within the window than one customer makes is shared: a switchboard, a gateway.
create table shared_customers as
select customer_id, any_value(hash(customer_id)) as customer_key, count(*) as n_calls
from calls
where hash(customer_id) in (
    select customer_key from near_calls cross join rules
    where $shared_customer_calls > 0 and many_since_ms <= repeat_window_ms
)
group by customer_id;

create macro is_own_customer(id) as id is not null and hash(id) not in (select customer_key from shared_customers);
