-- Facts: what every metric is a sum of, from reason_calls. `$but` leaves out of single calls what nobody asks of them.

-- Every reason of every call.
create view reason_facts as $reason_facts;

create table several_calls as select * $but from reason_facts where n_reasons > 1;

-- Every call with several reasons once; where each reason is charged the whole call (`full`), it is charged once all the same.
create view several_facts as
select f.* replace (s.is_repeat as is_repeat, s.is_repeat_of_other and not coalesce(s.is_repeat, false) as is_repeat_of_other,
                    s.is_case_start as is_case_start, s.is_over as is_over, s.is_followed_by_same as is_followed_by_same,
                    s.is_followed_by_other and not s.is_followed_by_same as is_followed_by_other,
                    s.hours as hours, s.handling_cost as handling_cost, s.telephone_cost as telephone_cost,
                    s.unit_cost as unit_cost, s.leaving_cost as leaving_cost,
                    s.handling_cost + s.telephone_cost + s.unit_cost + s.leaving_cost as cost)
from (from several_calls where is_first) f
join (
    select call_id, bool_or(is_repeat) as is_repeat, bool_or(is_repeat_of_other) as is_repeat_of_other,
           bool_or(is_case_start) as is_case_start, bool_or(is_over) as is_over, bool_or(is_followed_by_same and is_over) as is_followed_by_same,
           bool_or(is_followed_by_other and is_over) as is_followed_by_other,
           sum(hours) / sum(charged_ratio) as hours, sum(handling_cost) / sum(charged_ratio) as handling_cost,
           sum(telephone_cost) / sum(charged_ratio) as telephone_cost, sum(unit_cost) as unit_cost,
           sum(leaving_cost) / sum(charged_ratio) as leaving_cost
    from several_calls group by call_id
) s using (call_id);

-- Every counted call once.
create view call_facts as select * $but from reason_facts where n_reasons = 1 union all by name from several_facts;
