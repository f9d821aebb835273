-- Times: how long calls take at the middle and at the slow end; sums cannot say it.
select $by, quantile_cont(handle_time_s, .5) as handle_time_median_s, quantile_cont(handle_time_s, .9) as handle_time_p90_s,
       quantile_cont(wait_s, .5) as wait_median_s, quantile_cont(wait_s, .9) as wait_p90_s
from $sums group by $groups
