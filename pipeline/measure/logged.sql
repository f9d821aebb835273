-- Logged: what agents logged beside what was heard. A call agrees when what was logged is one of its codes.

create view logged_calls as
select call_id, coalesce(queue, '') as queue, logged_code, reason_kind, reason_id, n_reasons,
       reason_kind = 'code' as is_code, is_code and reason_id = logged_code as is_agreed
from reason_calls where logged_code is not null;

create table logged_reasons as
select queue, logged_code, reason_kind, reason_id, count(*) as n_calls from logged_calls group by all;

create table logged_agreement as
with once as (
    select queue, logged_code, is_agreed, is_code from logged_calls where n_reasons = 1
    union all
    select any_value(queue), any_value(logged_code), bool_or(is_agreed), bool_or(is_code)
    from logged_calls where n_reasons > 1 group by call_id
)
select queue, count(*) as n_logged, count(*) filter (is_code) as n_coded, count(*) filter (is_agreed) as n_agreed,
       count(*) filter (list_contains((select general_codes from rules), lower(logged_code))) as n_general
from once group by queue;
