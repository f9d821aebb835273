-- Times: how long calls take at the middle and at the slow end; sums cannot say it. `$counted` has the calls of each length,
-- since a year has many calls and few lengths. Between two calls the line is straight, as in quantile_cont.
with placed as (
    select *, sum(n_calls) over (partition by $keys, measure order by length_s) as upto,
           sum(n_calls) over (partition by $keys, measure) - 1 as last
    from $counted
),
found as (
    select $keys, measure, any_value(.5::double * last) as middle, any_value(.9::double * last) as slow,
           min(length_s) filter (upto > floor(.5::double * last)) as below_middle,
           min(length_s) filter (upto > ceil(.5::double * last)) as above_middle,
           min(length_s) filter (upto > floor(.9::double * last)) as below_slow,
           min(length_s) filter (upto > ceil(.9::double * last)) as above_slow,
           below_middle + (above_middle - below_middle) * (middle - floor(middle)) as median_s,
           below_slow + (above_slow - below_slow) * (slow - floor(slow)) as p90_s
    from placed group by all
)
select $keys, any_value(median_s) filter (measure = 'handle_time_s') as handle_time_median_s,
       any_value(p90_s) filter (measure = 'handle_time_s') as handle_time_p90_s,
       any_value(median_s) filter (measure = 'wait_s') as wait_median_s, any_value(p90_s) filter (measure = 'wait_s') as wait_p90_s
from found group by $keys
