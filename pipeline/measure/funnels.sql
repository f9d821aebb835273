-- Funnels: how many contacts came how far, and how long those waited who gave up.
select $by, count(*) as n_offered,
       count(*) filter (is_recorded) as n_recorded, count(*) filter (is_heard) as n_heard,
       count(*) filter (is_said_why) as n_said_why, count(*) filter (is_coded) as n_coded,
       count(*) filter (is_abandoned) as n_abandoned, avg(wait_s) filter (is_abandoned) as abandoned_wait_s,
       quantile_cont(wait_s, .5) filter (is_abandoned) as abandoned_wait_median_s
from $sums group by $groups
