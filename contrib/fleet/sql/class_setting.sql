-- The settings that every VM of a class was replayed under, their cost, and whether they keep the limits.
-- cost is ns of CPU, and of weighted waiting, in a second of each host.
WITH total AS (
  SELECT class, halt_poll_ns, grow, grow_start, shrink, SUM(vms) AS vms, SUM(poll) AS poll,
    SUM(latency) AS latency, SUM(time) AS time, SUM(halts) AS halts
  FROM setting_group
  GROUP BY class, halt_poll_ns, grow, grow_start, shrink
), present AS (
  SELECT class, SUM(vms) AS vms FROM current_group GROUP BY class
)
SELECT t.class, t.halt_poll_ns, t.grow, t.grow_start, t.shrink,
  CAST(t.poll AS BIGINT) AS poll, CAST(t.latency AS BIGINT) AS latency,
  CAST(t.time AS BIGINT) AS time, CAST(t.halts AS BIGINT) AS halts,
  CAST(t.poll + a.latency_weight * t.latency AS DECIMAL(38, 0)) AS cost,
  CAST(t.poll AS DOUBLE) <= a.max_poll_share * CAST(t.time AS DOUBLE)
    AND CAST(t.latency AS DOUBLE) <= a.max_latency_ns * CAST(t.halts AS DOUBLE) AS is_allowed
FROM total AS t
JOIN present AS p ON t.class = p.class AND t.vms = p.vms
CROSS JOIN asked AS a
