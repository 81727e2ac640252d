-- By class: sums over its groups of hosts, and the delete-a-group jackknife error of cost / now_cost.
WITH sums AS (
  SELECT class, SUM(cost) AS cost, SUM(now_cost) AS now_cost, SUM(held_out_cost) AS held_out_cost,
    COUNT(held_out_cost) AS held_out_groups, COUNT(*) AS groups, SUM(is_same) AS same
  FROM parts GROUP BY class
), without AS (
  SELECT p.class, CAST(s.cost - p.cost AS DOUBLE) / NULLIF(CAST(s.now_cost - p.now_cost AS DOUBLE), 0) AS ratio
  FROM parts AS p JOIN sums AS s ON p.class = s.class
), mean AS (
  SELECT class, AVG(ratio) AS ratio FROM without GROUP BY class
), squares AS (
  SELECT w.class, SUM((w.ratio - m.ratio) * (w.ratio - m.ratio)) AS sum
  FROM without AS w JOIN mean AS m ON w.class = m.class
  GROUP BY w.class
)
SELECT s.class, s.groups, s.held_out_groups, s.same, s.cost, s.now_cost, s.held_out_cost,
  CASE WHEN s.groups > 1
    THEN sqrt(CAST(s.groups - 1 AS DOUBLE) / CAST(s.groups AS DOUBLE) * q.sum) END AS error
FROM sums AS s JOIN squares AS q ON q.class = s.class
