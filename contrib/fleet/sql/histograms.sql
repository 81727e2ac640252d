-- How long halts lasted and wake-ups took, by class: buckets have the same bounds in every file, so that
-- merging them is a sum. up_to_share is the share of all that were shorter than lt_ns: no percentile is ever
-- averaged.
WITH merged AS (
  SELECT class, kind, ge_ns, lt_ns, SUM(n) AS n FROM bucket_rows GROUP BY class, kind, ge_ns, lt_ns
)
SELECT class, kind, ge_ns, lt_ns, CAST(n AS BIGINT) AS n,
  CAST(SUM(n) OVER (PARTITION BY class, kind ORDER BY ge_ns, lt_ns
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS DOUBLE)
    / CAST(SUM(n) OVER (PARTITION BY class, kind) AS DOUBLE) AS up_to_share
FROM merged
ORDER BY class, kind, ge_ns, lt_ns
