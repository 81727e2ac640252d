-- Each group of hosts under the setting of its class, now, and under the setting that the other groups
-- choose (held_out_cost); is_same is 1 where that is the same setting.
WITH now AS (
  SELECT c.class, c.grp, CAST(c.poll + a.latency_weight * c.latency AS DECIMAL(38, 0)) AS cost
  FROM current_group AS c CROSS JOIN asked AS a
), under AS (
  SELECT s.class, s.grp, s.halt_poll_ns, s.grow, s.grow_start, s.shrink,
    CAST(s.poll + a.latency_weight * s.latency AS DECIMAL(38, 0)) AS cost
  FROM setting_group AS s CROSS JOIN asked AS a
)
SELECT u.class, u.grp, u.cost, n.cost AS now_cost,
  o.cost AS held_out_cost,
  CASE WHEN l.halt_poll_ns = b.halt_poll_ns AND l.grow = b.grow AND l.grow_start = b.grow_start
    AND l.shrink = b.shrink THEN 1 ELSE 0 END AS is_same
FROM chosen AS b
JOIN under AS u ON u.class = b.class AND u.halt_poll_ns = b.halt_poll_ns AND u.grow = b.grow
  AND u.grow_start = b.grow_start AND u.shrink = b.shrink
JOIN now AS n ON n.class = u.class AND n.grp = u.grp
LEFT JOIN chosen AS l ON l.class = u.class AND l.grp = u.grp
LEFT JOIN under AS o ON o.class = l.class AND o.grp = l.grp AND o.halt_poll_ns = l.halt_poll_ns
  AND o.grow = l.grow AND o.grow_start = l.grow_start AND o.shrink = l.shrink
WHERE b.grp = -1
