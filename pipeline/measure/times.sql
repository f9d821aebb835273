-- Times: how long calls take at the middle and at the slow end; sums cannot say it. `$counted` has the calls of each length,
-- since a year has many calls and few lengths. Between two calls the line is straight, as in quantile_cont.
with counted as materialized ($counted),
-- A number stands for each group: numbers sort faster than words.
numbered as materialized (
    select $keys, measure, row_number() over () as group_index, sum(n_calls) - 1 as last from counted group by all
),
placed as (
    select group_index, last, length_s, sum(n_calls) over (partition by group_index order by length_s) as upto
    from counted join numbered using ($keys, measure)
),
found as (
    select group_index, any_value(.5::double * last) as middle, any_value(.9::double * last) as slow,
           min(length_s) filter (upto > floor(.5::double * last)) as below_middle,
           min(length_s) filter (upto > ceil(.5::double * last)) as above_middle,
           min(length_s) filter (upto > floor(.9::double * last)) as below_slow,
           min(length_s) filter (upto > ceil(.9::double * last)) as above_slow,
           below_middle + (above_middle - below_middle) * (middle - floor(middle)) as median_s,
           below_slow + (above_slow - below_slow) * (slow - floor(slow)) as p90_s
    from placed group by group_index
)
select $keys, any_value(median_s) filter (measure = 'handle_time_s') as handle_time_median_s,
       any_value(p90_s) filter (measure = 'handle_time_s') as handle_time_p90_s,
       any_value(median_s) filter (measure = 'wait_s') as wait_median_s, any_value(p90_s) filter (measure = 'wait_s') as wait_p90_s
from found join numbered using (group_index) group by $keys
