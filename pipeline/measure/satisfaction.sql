-- Satisfaction: what one more point of CSAT goes with, by least squares: $outcome of the call on its score.
-- The interval allows for errors of any size (HC1: White 1980, with n / (n - 2)), as yes-or-no outcomes need it.
with answered as (
    select csat as x, cast($outcome as double) as y from scored_calls where $outcome is not null and $where
),
line as (
    select count(*) as n_calls, avg(x) as mean_x, avg(y) as mean_y, covar_pop(x, y) / nullif(var_pop(x), 0) as slope
    from answered
)
select '$shown_as' as outcome, any_value(n_calls) as n_calls, any_value(mean_y) as mean, any_value(slope) as per_point,
       sqrt(sum(power((x - mean_x) * (y - mean_y - slope * (x - mean_x)), 2))
            / nullif(power(sum(power(x - mean_x, 2)), 2), 0)
            * any_value(n_calls) / nullif(any_value(n_calls) - 2, 0)) as error
from answered cross join line
