-- The VMs that waste the most CPU in failed polls, over all that was recorded of them: wasted_cpus is how
-- many CPUs that is, wasted_share of a CPU a vCPU.
WITH vms AS (
  SELECT class, host, vm, COUNT(DISTINCT hour) AS hours, SUM(rate_fail) AS rate_fail,
    SUM(rate_time) AS rate_time,
    CAST(SUM(CAST(vcpu_time_ns AS DECIMAL(18, 0))) AS DECIMAL(38, 0)) AS vcpu_time_ns,
    CAST(SUM(CAST(halt_poll_fail_ns AS DECIMAL(18, 0))) AS DECIMAL(38, 0)) AS halt_poll_fail_ns
  FROM interval_rows
  WHERE has_polls
  GROUP BY class, host, vm
)
SELECT class, host, vm, hours, vcpu_time_ns, halt_poll_fail_ns,
  CAST(rate_fail AS DOUBLE) / (1e9 * CAST(hours AS DOUBLE)) AS wasted_cpus,
  CAST(rate_fail AS DOUBLE) / NULLIF(CAST(rate_time AS DOUBLE), 0) AS wasted_share
FROM vms
ORDER BY rate_fail DESC, class, host, vm
LIMIT 100
