-- Which setting to add to those of `taken`, so that classes, each under the best of them that keeps its
-- limits, cost least together. A class that none of them is allowed for counts 1e30.
WITH have AS (
  SELECT c.class, MIN(c.cost) AS cost
  FROM class_setting AS c
  JOIN taken AS t ON c.halt_poll_ns = t.halt_poll_ns AND c.grow = t.grow AND c.grow_start = t.grow_start
    AND c.shrink = t.shrink
  WHERE c.is_allowed
  GROUP BY c.class
), classes AS (
  SELECT class FROM class_setting WHERE is_allowed GROUP BY class
), settings AS (
  SELECT DISTINCT halt_poll_ns, grow, grow_start, shrink FROM class_setting WHERE is_allowed
), allowed AS (
  SELECT * FROM class_setting WHERE is_allowed
), priced AS (
  SELECT s.halt_poll_ns, s.grow, s.grow_start, s.shrink,
    SUM(LEAST(COALESCE(a.cost, CAST(1e30 AS DECIMAL(38, 0))), COALESCE(h.cost, CAST(1e30 AS DECIMAL(38, 0)))))
      AS cost
  FROM settings AS s
  CROSS JOIN classes AS c
  LEFT JOIN allowed AS a ON a.class = c.class AND a.halt_poll_ns = s.halt_poll_ns AND a.grow = s.grow
    AND a.grow_start = s.grow_start AND a.shrink = s.shrink
  LEFT JOIN have AS h ON h.class = c.class
  GROUP BY s.halt_poll_ns, s.grow, s.grow_start, s.shrink
)
SELECT halt_poll_ns, grow, grow_start, shrink, CAST(cost AS DECIMAL(38, 0)) AS cost
FROM priced
ORDER BY cost, halt_poll_ns, grow, grow_start, shrink
LIMIT 1
