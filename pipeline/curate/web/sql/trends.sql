-- Calls of each reason by week, or by day where that is all there is.
select reason_id, period_start, n_calls from reason_metrics
where reason_kind = $kind and period <> 'all' and list_contains($reason_ids, reason_id)
order by reason_id, period_start
