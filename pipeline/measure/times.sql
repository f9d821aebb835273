-- Times: how long calls take at the middle and at the slow end; sums cannot say it.
select * exclude (handle, wait), handle[1] as handle_time_median_s, handle[2] as handle_time_p90_s,
       wait[1] as wait_median_s, wait[2] as wait_p90_s
from (
    select $by, quantile_cont(handle_time_s, [.5, .9]) as handle, quantile_cont(wait_s, [.5, .9]) as wait
    from $sums group by $groups
)
