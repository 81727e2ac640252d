-- The same of the setting that each host has now: one row a VM is marked as its current setting.
SELECT s.class, g.grp, COUNT(*) AS vms, COUNT(DISTINCT s.host) AS hosts,
  SUM(s.rate_poll) AS poll, SUM(s.rate_latency) AS latency, SUM(s.rate_time) AS time,
  SUM(s.rate_halts) AS halts
FROM sweep_rows AS s
JOIN host_group AS g ON s.class = g.class AND s.host = g.host
WHERE s.is_current AND NOT s.has_own_ceiling
GROUP BY s.class, g.grp
