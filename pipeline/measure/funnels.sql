-- Funnels: how many contacts came how far. `$by`, `$sums` and `$groups` are filled in by sums.py.
select $by, coalesce(sum(n_offered), 0) as n_offered, coalesce(sum(n_recorded), 0) as n_recorded, coalesce(sum(n_heard), 0) as n_heard,
       coalesce(sum(n_said_why), 0) as n_said_why, coalesce(sum(n_coded), 0) as n_coded,
       coalesce(sum(n_abandoned), 0) as n_abandoned
from $sums group by $groups
