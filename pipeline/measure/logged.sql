-- Logged: what agents logged, as a code and in their notes, beside what was heard. A call agrees when what was logged is
-- one of its codes. A note says the code that it was matched to, or its kind of no-code.

create view logged_calls as
select 'code' as source, call_id, coalesce(queue, '') as queue, logged_code, reason_kind, reason_id, said_index, n_reasons,
       list_contains((select general_codes from rules), lower(logged_code)) as is_general
from reason_calls where logged_code is not null
union all
select 'note', r.call_id, coalesce(r.queue, ''), coalesce(n.code, n.no_code), r.reason_kind, r.reason_id, r.said_index,
       r.n_reasons, n.code is null
from reason_calls r join note_reasons n using (call_id);

create table logged_reasons as
select source, queue, logged_code, reason_kind, reason_id, count(*) as n_calls from logged_calls group by all;

-- Each call once, with the one code that was heard: the logged one where the customer said it, else the first. Most calls
-- have one reason, and need not be put together. `$agent_id` and `$agents` are filled in by sums.py.
create table logged_pairs as
with once as (
    select call_id, source, queue, logged_code, is_general, case when reason_kind = 'code' then reason_id end as heard_code
    from logged_calls where n_reasons = 1
    union all
    select call_id, source, any_value(queue), any_value(logged_code), any_value(is_general),
           case when bool_or(reason_kind = 'code' and reason_id = logged_code) then any_value(logged_code)
                else arg_min(reason_id, said_index) filter (reason_kind = 'code') end
    from logged_calls where n_reasons > 1 group by call_id, source
)
select source, queue, $agent_id as agent_id, logged_code, heard_code, is_general, count(*) as n_calls
from once $agents
group by all;
