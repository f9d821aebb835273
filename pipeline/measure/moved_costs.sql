-- Moved costs: what is moved from the reasons that repeats are about to those that they came back to.
select $by, sum(cost) as moved_cost from $sums group by $groups
