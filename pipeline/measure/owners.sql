-- Owners: what the calls about each department's reasons cost, a call with two of its reasons counted once, and how often
-- customers said themselves that it had failed them.
select $by, count(*) filter (n_reasons = 1) + count(distinct call_key) filter (n_reasons > 1) as n_calls,
       count(*) filter (n_reasons = 1 and sentiment_label = 'negative')
           + count(distinct call_key) filter (n_reasons > 1 and sentiment_label = 'negative') as n_negative,
       coalesce(sum(hours), 0) as hours, sum(handling_cost) as handling_cost, sum(telephone_cost) as telephone_cost,
       sum(unit_cost) as unit_cost, sum(leaving_cost) as leaving_cost, sum(cost) as cost
from $sums group by $groups
