-- Offered: how many contacts of a day came how far.
select day, count(*) as n_offered, count(*) filter (is_recorded) as n_recorded, count(*) filter (is_heard) as n_heard,
       count(*) filter (is_said_why) as n_said_why, count(*) filter (is_coded) as n_coded,
       count(*) filter (is_abandoned) as n_abandoned
from offered group by all
