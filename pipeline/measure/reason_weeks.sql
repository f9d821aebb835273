-- Reason weeks: each reason's calls by week and by everything that may be behind a rise; a call without a value counts
-- under none.
select reason_kind, reason_id, $week as week, $places, count(*) as n_calls
from reason_facts where reason_kind <> 'no_code' and week is not null group by all
