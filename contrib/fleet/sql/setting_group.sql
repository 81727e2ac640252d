-- What each setting would do to the hosts of a class, group by group; what the module parameters do not
-- reach is left out. vms counts the VMs that were replayed under the setting.
SELECT s.class, g.grp, s.halt_poll_ns, s.grow, s.grow_start, s.shrink,
  COUNT(*) AS vms, SUM(s.rate_poll) AS poll, SUM(s.rate_latency) AS latency,
  SUM(s.rate_time) AS time, SUM(s.rate_halts) AS halts
FROM sweep_rows AS s
JOIN host_group AS g ON s.class = g.class AND s.host = g.host
WHERE NOT s.has_own_ceiling
GROUP BY s.class, g.grp, s.halt_poll_ns, s.grow, s.grow_start, s.shrink
