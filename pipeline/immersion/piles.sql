-- The calls that could be listened to, in piles: one of each reason, and one of each kind of doubt. A pile's calls stand
-- in the order in which they are taken: the latest week first, within a week as the seed draws them, but the doubtful
-- codes by how narrowly they were given. $n_tried a pile.
with days as materialized (select call_id, min(day) as day from reason_calls group by call_id),
heard as materialized (
    select d.call_id, t.duration_s, (l.last_day - d.day) // 7 as weeks_ago, md5_number_lower($seed || ' ' || d.call_id) as draw
    from days d join transcripts t on t.call_id = d.call_id, (select max(day) as last_day from days) l
    where t.duration_s > 0
),
weeks as (
    select weeks_ago, sum(sum(duration_s)) over (order by weeks_ago) as seconds from heard group by weeks_ago
),
pool as materialized (
    select last_week, count(*) as n_calls, avg(h.duration_s) as mean_duration_s
    from (select coalesce(min(weeks_ago) filter (seconds >= $seconds), max(weeks_ago)) as last_week from weeks)
    join heard h on h.weeks_ago <= last_week group by last_week
),
doubted as (
    select call_id, 'undecided' as pile, 0.0 as margin_ratio from call_reasons where no_code = 'undecided'
    union all
    select r.call_id, 'none_of_these', 0.0
    from call_reasons r anti join cluster_members m using (call_id, utterance_index) where r.no_code = 'none_of_these'
    union all
    select call_id, 'low_margin', score_ratio - coalesce(second_score_ratio, 0)
    from call_reasons where code is not null and score_ratio - coalesce(second_score_ratio, 0) < $low_margin
),
piled as (
    select 'reason' as pile, r.reason_kind || '-' || r.reason_id as anchor, r.call_id, 0.0 as margin_ratio
    from reason_calls r where r.reason_kind <> 'no_code'
    union all
    select pile, '', call_id, min(margin_ratio) from doubted group by pile, call_id
),
placed as materialized (
    select p.pile, p.anchor, h.*, h.weeks_ago <= pool.last_week as is_in_pool, p.margin_ratio
    from piled p join heard h on h.call_id = p.call_id, pool
),
sizes as (
    select pile, anchor, count(*) filter (is_in_pool) as n_pool, max(weeks_ago) as first_heard_weeks_ago
    from placed group by pile, anchor
),
first_places as materialized (
    select p.*, s.n_pool, s.first_heard_weeks_ago,
           row_number() over (partition by p.pile, p.anchor
               order by not p.is_in_pool, p.margin_ratio, p.weeks_ago, p.draw, p.call_id) as place
    from placed p join sizes s using (pile, anchor)
    qualify place <= $n_tried
),
tried as materialized (select distinct call_id from first_places),
said as (
    select call_id, list(reason_kind || '-' || reason_id order by said_index) as anchors
    from reason_calls semi join tried using (call_id) group by call_id
)
select f.pile, f.anchor, f.call_id, c.started_at, c.sources, f.duration_s, t.language, f.weeks_ago, f.n_pool,
       f.first_heard_weeks_ago, s.anchors, pool.mean_duration_s, pool.n_calls, pool.last_week + 1 as n_weeks
from first_places f join said s using (call_id)
join (from calls semi join tried using (call_id)) c using (call_id)
join (from transcripts semi join tried using (call_id)) t using (call_id), pool
order by f.pile, f.anchor, f.place
