-- The setting of each class, what it costs against what its hosts have now, how sure that is over hosts,
-- and what the choice is worth on hosts that had no part in it.
--
-- cost_ratio is a ratio of sums; low and high are its delete-a-group jackknife interval (95 %, Student's t
-- with a degree of freedom less than there are groups). held_out_ratio prices each group of hosts under the
-- setting that the other groups choose. same_choice is the share of groups without which the choice is the
-- same. Null: fewer than two hosts, or no setting keeps the limits. verdict is change only where the whole
-- interval lies below 1 and hosts that had no part in the choice win as well.
WITH t95 AS (
  SELECT * FROM (VALUES (1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (6, 2.447),
    (7, 2.365), (8, 2.306), (9, 2.262), (10, 2.228), (11, 2.201), (12, 2.179), (13, 2.160), (14, 2.145),
    (15, 2.131), (16, 2.120), (17, 2.110), (18, 2.101), (19, 2.093)) AS t(df, factor)
), present AS (
  SELECT c.class, SUM(c.hosts) AS hosts, SUM(c.vms) AS vms, SUM(c.poll) AS poll,
    SUM(c.latency) AS latency, SUM(c.time) AS time, SUM(c.halts) AS halts,
    SUM(CAST(c.poll + a.latency_weight * c.latency AS DECIMAL(38, 0))) AS cost
  FROM current_group AS c CROSS JOIN asked AS a GROUP BY c.class
)
SELECT p.class, CAST(p.hosts AS BIGINT) AS hosts, CAST(p.vms AS BIGINT) AS vm_recordings,
  CASE WHEN b.halt_poll_ns IS NULL THEN 'no setting keeps the limits'
    WHEN s.groups < 2 THEN 'too few hosts'
    WHEN CAST(s.cost AS DOUBLE) + t.factor * s.error * CAST(s.now_cost AS DOUBLE) < CAST(s.now_cost AS DOUBLE)
      AND s.held_out_groups = s.groups AND s.held_out_cost < s.now_cost THEN 'change'
    ELSE 'keep' END AS verdict,
  b.halt_poll_ns, b.grow, b.grow_start, b.shrink,
  CAST(c.cost AS DECIMAL(38, 0)) AS cost, CAST(p.cost AS DECIMAL(38, 0)) AS cost_now,
  CAST(c.cost AS DOUBLE) / NULLIF(CAST(p.cost AS DOUBLE), 0) AS cost_ratio,
  CAST(c.cost AS DOUBLE) / NULLIF(CAST(p.cost AS DOUBLE), 0) - t.factor * s.error AS low,
  CAST(c.cost AS DOUBLE) / NULLIF(CAST(p.cost AS DOUBLE), 0) + t.factor * s.error AS high,
  CASE WHEN s.groups > 1 AND s.held_out_groups = s.groups
    THEN CAST(s.held_out_cost AS DOUBLE) / NULLIF(CAST(s.now_cost AS DOUBLE), 0) END AS held_out_ratio,
  CASE WHEN s.groups > 1 THEN CAST(s.same AS DOUBLE) / CAST(s.groups AS DOUBLE) END AS same_choice,
  CAST(c.poll AS DOUBLE) / NULLIF(CAST(c.time AS DOUBLE), 0) AS poll_share,
  CAST(p.poll AS DOUBLE) / NULLIF(CAST(p.time AS DOUBLE), 0) AS poll_share_now,
  CAST(c.latency AS DOUBLE) / NULLIF(CAST(c.halts AS DOUBLE), 0) AS latency_ns,
  CAST(p.latency AS DOUBLE) / NULLIF(CAST(p.halts AS DOUBLE), 0) AS latency_ns_now
FROM present AS p
LEFT JOIN chosen AS b ON b.class = p.class AND b.grp = -1
LEFT JOIN class_setting AS c ON c.class = b.class AND c.halt_poll_ns = b.halt_poll_ns
  AND c.grow = b.grow AND c.grow_start = b.grow_start AND c.shrink = b.shrink
LEFT JOIN spread AS s ON s.class = p.class
LEFT JOIN t95 AS t ON t.df = s.groups - 1
ORDER BY p.class
