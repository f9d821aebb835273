-- Groups: facts from what measure wrote, with all that calls can be grouped by.
select r.*, c.agent_id, t.language, n.name_en, n.name_zh
from reason_calls r
join calls c using (call_id)
left join transcripts t using (call_id)
join (select reason_kind, reason_id, name_en, name_zh from reason_metrics where period = 'all') n
  using (reason_kind, reason_id)
