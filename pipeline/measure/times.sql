-- Times: how long calls take at the middle and at the slow end; sums cannot say it. `$counted` has the calls of each length,
-- since a year has many calls and few lengths. Between two calls the line is straight, as in quantile_cont.
with placed as (
    select *, sum(n_calls) over (partition by $keys, measure order by length_s) as upto,
           sum(n_calls) over (partition by $keys, measure) - 1 as last
    from $counted
),
found as (
    select $keys, measure, ratio, any_value(ratio * last) as place,
           min(length_s) filter (upto > floor(ratio * last)) as below, min(length_s) filter (upto > ceil(ratio * last)) as above,
           below + (above - below) * (place - floor(place)) as length_s
    from placed cross join (values (.5::double), (.9::double)) ratios(ratio) group by all
)
select $keys, any_value(length_s) filter (measure = 'handle_time_s' and ratio = .5) as handle_time_median_s,
       any_value(length_s) filter (measure = 'handle_time_s' and ratio = .9) as handle_time_p90_s,
       any_value(length_s) filter (measure = 'wait_s' and ratio = .5) as wait_median_s,
       any_value(length_s) filter (measure = 'wait_s' and ratio = .9) as wait_p90_s
from found group by $keys
