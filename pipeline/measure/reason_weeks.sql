-- Each reason's calls by week and by what may be behind a rise; a call without a value counts under none.
unpivot (
    select n.reason_kind, n.reason_id, cast(date_trunc('week', s.day) as date) as week, coalesce(s.region, '') as region,
           coalesce(s.queue, '') as queue, coalesce(s.contact_channel, '') as contact_channel,
           cast(sum(s.n_calls) as bigint) as n_calls
    from reason_sums s join reasons n using (reason_index)
    where n.reason_kind <> 'no_code' and s.day is not null group by all
) on region, queue, contact_channel into name dimension value value
