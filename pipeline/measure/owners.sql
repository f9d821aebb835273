-- Owners: what the calls about each department's reasons cost; a call with two of its reasons is counted once.
select $by, sum(n_owner_calls) as n_calls, sum(n_owner_negative) as n_negative, sum(hours) as hours,
       sum(handling_cost) as handling_cost, sum(telephone_cost) as telephone_cost, sum(unit_cost) as unit_cost,
       sum(leaving_cost) as leaving_cost, sum(cost) as cost
from $sums group by $groups
