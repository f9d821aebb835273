-- Lengths: how many calls take how long. `$by`, `$sums` and `$groups` are filled in by sums.py.
select $by, sum(n_calls) as n_calls from $sums group by $groups
