-- Up to 20 groups of hosts in each class, the groups that a delete-a-group jackknife leaves out in turn
-- (Kott, Journal of Official Statistics 17(4), 2001). Up to 20 hosts, each host is a group.
SELECT class, host,
  CAST((row_number() OVER (PARTITION BY class ORDER BY md5(host), host) - 1) % 20 AS BIGINT) AS grp
FROM (SELECT DISTINCT class, host FROM sweep_rows WHERE NOT has_own_ceiling) AS hosts
