-- Each host under its class's setting against what it has now: extra_cost above 0 is a host that is hurt,
-- by so many ns a second; cost_ratio says by how much of what it pays now.
WITH priced AS (
  SELECT s.class, s.host,
    SUM(CASE WHEN s.is_current THEN s.rate_poll + a.latency_weight * s.rate_latency ELSE 0 END)
      AS cost_now,
    SUM(CASE WHEN s.halt_poll_ns = b.halt_poll_ns AND s.grow = b.grow AND s.grow_start = b.grow_start
      AND s.shrink = b.shrink THEN s.rate_poll + a.latency_weight * s.rate_latency ELSE 0 END) AS cost
  FROM sweep_rows AS s
  JOIN chosen AS b ON s.class = b.class AND b.grp = -1
  CROSS JOIN asked AS a
  WHERE NOT s.has_own_ceiling AND (s.is_current OR (s.halt_poll_ns = b.halt_poll_ns AND s.grow = b.grow
    AND s.grow_start = b.grow_start AND s.shrink = b.shrink))
  GROUP BY s.class, s.host
)
SELECT class, host, CAST(cost AS BIGINT) AS cost, CAST(cost_now AS BIGINT) AS cost_now,
  CAST(cost - cost_now AS BIGINT) AS extra_cost,
  CAST(cost AS DOUBLE) / NULLIF(CAST(cost_now AS DOUBLE), 0) AS cost_ratio
FROM priced
ORDER BY extra_cost DESC, class, host
