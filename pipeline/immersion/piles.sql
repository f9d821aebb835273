-- The calls that could be listened to, in piles: one of each reason, and one of each kind of doubt. A pile's calls stand
-- in the order in which they are taken: the latest week first, within a week as the seed draws them, but the doubtful
-- codes by how narrowly they were given. $n_tried a pile.
with days as (select call_id, min(day) as day from reason_calls group by call_id),
heard as (
    select call_id, c.started_at, c.sources, t.duration_s, t.language,
           (max(d.day) over () - d.day) // 7 as weeks_ago, md5($seed || ' ' || call_id) as draw
    from days d join calls c using (call_id) join transcripts t using (call_id)
    where t.duration_s > 0
),
weeks as (
    select weeks_ago, sum(sum(duration_s)) over (order by weeks_ago) as seconds from heard group by weeks_ago
),
pool as (select coalesce(min(weeks_ago) filter (seconds >= $seconds), max(weeks_ago)) as last_week from weeks),
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
ranked as (
    select p.pile, p.anchor, h.*, h.weeks_ago <= pool.last_week as is_in_pool,
           row_number() over (partition by p.pile, p.anchor order by not is_in_pool, p.margin_ratio, weeks_ago, draw) as place,
           count(*) filter (is_in_pool) over (partition by p.pile, p.anchor) as n_pool,
           max(weeks_ago) over (partition by p.pile, p.anchor) as first_heard_weeks_ago
    from piled p join heard h using (call_id), pool
),
first_places as (from ranked where place <= $n_tried),
said as (
    select call_id, list(reason_kind || '-' || reason_id order by said_index) as anchors
    from reason_calls semi join first_places using (call_id) group by call_id
)
select pile, anchor, call_id, started_at, sources, duration_s, language, weeks_ago, n_pool, first_heard_weeks_ago, anchors,
       (select avg(duration_s) from heard, pool where weeks_ago <= last_week) as mean_duration_s,
       (select count(*) from heard, pool where weeks_ago <= last_week) as n_calls,
       (select last_week + 1 from pool) as n_weeks
from first_places join said using (call_id)
order by pile, anchor, place
