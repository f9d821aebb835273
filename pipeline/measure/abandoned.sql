-- Abandoned: how long those waited who gave up. `$by`, `$sums` and `$groups` are filled in by sums.py.
select $by, avg(wait_s) as abandoned_wait_s, quantile_cont(wait_s, .5) as abandoned_wait_median_s
from $sums where is_abandoned group by $groups
