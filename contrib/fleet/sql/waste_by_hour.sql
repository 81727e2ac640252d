-- Time spent in polls that failed, by class and hour of UTC. wasted_share is of a CPU a vCPU; each host's
-- hour weighs the same, however much of it was recorded, less what of its events was lost. The sums are of
-- what was recorded.
SELECT class, hour, COUNT(DISTINCT host) AS hosts,
  CAST(SUM(CAST(vcpu_time_ns AS DECIMAL(18, 0))) AS DECIMAL(38, 0)) AS vcpu_time_ns,
  CAST(SUM(CAST(halts AS DECIMAL(18, 0))) AS DECIMAL(38, 0)) AS halts,
  CAST(SUM(CAST(halt_poll_success_ns AS DECIMAL(18, 0))) AS DECIMAL(38, 0)) AS halt_poll_success_ns,
  CAST(SUM(CAST(halt_poll_fail_ns AS DECIMAL(18, 0))) AS DECIMAL(38, 0)) AS halt_poll_fail_ns,
  CAST(SUM(rate_fail) AS DOUBLE) / NULLIF(CAST(SUM(rate_time) AS DOUBLE), 0) AS wasted_share,
  CAST(SUM(rate_success) AS DOUBLE) / NULLIF(CAST(SUM(rate_time) AS DOUBLE), 0) AS useful_share
FROM interval_rows
WHERE has_polls
GROUP BY class, hour
ORDER BY class, hour
