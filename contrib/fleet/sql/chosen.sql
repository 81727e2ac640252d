-- The setting that costs least for each class and keeps the limits: of all hosts (grp -1), and without
-- each group of hosts in turn.
WITH sums AS (
  SELECT s.class, g.grp, s.halt_poll_ns, s.grow, s.grow_start, s.shrink,
    c.poll - s.poll AS poll, c.latency - s.latency AS latency, c.time - s.time AS time,
    c.halts - s.halts AS halts
  FROM setting_group AS s
  JOIN current_group AS g ON s.class = g.class AND s.grp = g.grp
  JOIN class_setting AS c ON s.class = c.class AND s.halt_poll_ns = c.halt_poll_ns
    AND s.grow = c.grow AND s.grow_start = c.grow_start AND s.shrink = c.shrink
  UNION ALL
  SELECT class, CAST(-1 AS BIGINT), halt_poll_ns, grow, grow_start, shrink, poll, latency, time, halts
  FROM class_setting
), priced AS (
  SELECT s.class, s.grp, s.halt_poll_ns, s.grow, s.grow_start, s.shrink,
    CAST(s.poll + a.latency_weight * s.latency AS DECIMAL(38, 0)) AS cost
  FROM sums AS s
  CROSS JOIN asked AS a
  WHERE CAST(s.poll AS DOUBLE) <= a.max_poll_share * CAST(s.time AS DOUBLE)
    AND CAST(s.latency AS DOUBLE) <= a.max_latency_ns * CAST(s.halts AS DOUBLE)
    AND s.time > 0
), ranked AS (
  SELECT *, row_number() OVER (
    PARTITION BY class, grp ORDER BY cost, halt_poll_ns, grow, grow_start, shrink) AS place
  FROM priced
)
SELECT class, grp, halt_poll_ns, grow, grow_start, shrink FROM ranked WHERE place = 1
