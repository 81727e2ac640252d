-- What the answers rest on, by class: hosts, seconds recorded, events lost, VMs that module parameters do
-- not reach. Files that were left out are in `rejected`.
WITH files AS (
  SELECT class, COUNT(*) AS files, COUNT(DISTINCT host) AS hosts,
    SUM(CAST(recorded_ns AS DECIMAL(18, 0))) AS recorded_ns,
    SUM(CAST(events AS DECIMAL(18, 0))) AS events,
    SUM(CAST(lost_events AS DECIMAL(18, 0))) AS lost_events,
    SUM(CASE WHEN losses_of_unknown_size > 0 THEN 1 ELSE 0 END) AS files_with_unknown_losses
  FROM file_rows WHERE reason IS NULL AND kind = 'sweep'
  GROUP BY class
), own AS (
  SELECT class, COUNT(*) AS vms FROM sweep_rows WHERE is_current AND has_own_ceiling GROUP BY class
)
SELECT f.class, f.files, f.hosts, CAST(f.recorded_ns AS DECIMAL(38, 0)) AS recorded_ns,
  CAST(f.events AS DECIMAL(38, 0)) AS events, CAST(f.lost_events AS DECIMAL(38, 0)) AS lost_events,
  CAST(f.lost_events AS DOUBLE) / NULLIF(CAST(f.events + f.lost_events AS DOUBLE), 0) AS lost_share,
  CAST(f.files_with_unknown_losses AS BIGINT) AS files_with_unknown_losses,
  COALESCE(o.vms, 0) AS vms_with_own_ceilings
FROM files AS f LEFT JOIN own AS o ON f.class = o.class
ORDER BY f.class
