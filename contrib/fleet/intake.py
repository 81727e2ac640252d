"""A day's files into tables: each row is checked, and a file with a bad one is left out as a whole."""

import os

from columns import COLUMNS, NUMBERS, SCHEMA

TABLES = ["intervals", "buckets", "sweeps", "files"]

# RFC 1123, and the underscores that people use.
_HOST = "^[A-Za-z0-9]([A-Za-z0-9._-]{0,252})$"


def _bad_number(names):
    """SQL: whether one of the columns is not a whole number from 0 to 2^63 - 1."""
    return " OR ".join(f"coalesce(try_cast({name} AS BIGINT), -1) < 0" for name in names)


def _bad_optional(names):
    return " OR ".join(f"({name} <> '' AND coalesce(try_cast({name} AS BIGINT), -1) < 0)" for name in names)


_POLLS = [
    "halt_attempted_poll", "halt_successful_poll", "halt_poll_success_ns", "halt_poll_fail_ns",
    "halt_wait_ns", "halts_left_out",
]
_BAD_ROW = {
    "summary": f"""{_bad_number(NUMBERS["summary"])} OR {_bad_optional(["own_ceiling_ns"])}
      OR row NOT IN ('interval', 'block', 'wake_latency')
      OR (row = 'interval' AND ({_bad_number(NUMBERS["interval"])} OR {_bad_optional(_POLLS)}
        OR (halt_poll_fail_ns = '') <> (halt_poll_success_ns = '')
        OR coalesce(try_cast(halt_poll_fail_ns AS BIGINT), 0) > 2 * try_cast(vcpu_time_ns AS HUGEINT)))
      OR (row <> 'interval' AND ({_bad_number(NUMBERS["bucket"])}
        OR try_cast(lt_ns AS BIGINT) <= try_cast(ge_ns AS BIGINT)))""",
    "sweep": f"""{_bad_number(NUMBERS["sweep"])} OR {_bad_optional(["own_ceiling_ns"])}
      OR is_current NOT IN ('true', 'false') OR in_grid NOT IN ('true', 'false')
      OR try_cast(poll_success_ns AS HUGEINT) + try_cast(poll_fail_ns AS HUGEINT)
        > 2 * try_cast(vcpu_time_ns AS HUGEINT)""",
}
# What is there twice in a file would be summed twice.
_ROW_KEY = {
    "summary": "vm_pid, vm_name, vcpu, tid, row, begin_utc, ge_ns",
    "sweep": "vm, vm_pid, halt_poll_ns, halt_poll_ns_grow, halt_poll_ns_grow_start, halt_poll_ns_shrink",
}


class Intake:
    """One day's tables in `database`."""

    def __init__(self, database, date, now, max_age):
        self.sql = database.execute
        self.database = database
        self.date, self.max_age = date, max_age
        self.now = now.strftime("%Y-%m-%d %H:%M:%S")
        for kind, names in COLUMNS.items():
            columns = ", ".join(f"{name} VARCHAR" for name in names)
            self.sql(f"CREATE TABLE {kind}_text (file VARCHAR, {columns})")
        self.sql("CREATE TABLE looked (kind VARCHAR, file VARCHAR, folder VARCHAR, reason VARCHAR)")

    def take(self, files):
        """Takes the rows of all files in that were found sound by themselves."""
        if files:
            rows = [(file.kind, file.name, file.folder, file.reason) for file in files]
            for begin in range(0, len(rows), 500):
                some = rows[begin : begin + 500]
                values = ", ".join(["(?, ?, ?, ?)"] * len(some))
                self.sql(f"INSERT INTO looked VALUES {values}", [field for row in some for field in row])
        forms = {}
        for file in files:
            if file.reason is None:
                forms.setdefault((file.kind, file.header), []).append(file)
        for (kind, header), some in forms.items():
            self._read(kind, header, some)
        for kind in COLUMNS:
            self._check(kind)
        self._check_overlaps()

    def _read(self, kind, header, files):
        known = COLUMNS[kind]
        names = list(known) + [f"further_{number}" for number in range(len(header) - len(known))]
        types = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in names) + "}"
        self.sql("CREATE OR REPLACE TEMP TABLE paths (path VARCHAR, name VARCHAR)")
        self.database.executemany(
            "INSERT INTO paths VALUES (?, ?)", [(file.path, file.name) for file in files])
        paths = [file.path for file in files]
        # A row that has too few or too many fields is left out here, and then the file's rows are too few.
        self.sql(
            f"""INSERT INTO {kind}_text
            SELECT p.name, {", ".join(f"coalesce(r.{name}, '')" for name in known)}
            FROM read_csv(?, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
              new_line = '\\n', columns = {types}, filename = true, hive_partitioning = false,
              ignore_errors = true,
              max_line_size = 1000000) AS r
            JOIN paths AS p ON p.path = r.filename""",
            [paths])

    def _check(self, kind):
        """Finds what is wrong with each file of a kind; the first reason is told."""
        self.sql(
            f"""CREATE OR REPLACE TABLE {kind}_checked AS
            WITH rows AS (
              SELECT *, try_cast(begin_utc AS TIMESTAMP) AS begin_at, try_cast(end_utc AS TIMESTAMP) AS end_at
              FROM {kind}_text
            ), doubled AS (
              SELECT DISTINCT file FROM (
                SELECT file FROM {kind}_text GROUP BY file, {_ROW_KEY[kind]} HAVING count(*) > 1)
            ), sums AS (
              SELECT file, count(*) AS rows, min(file_rows) AS said, max(file_rows) AS also_said,
                count(DISTINCT schema) AS schemas, min(schema) AS schema, max(schema) AS other_schema,
                count(DISTINCT host) AS hosts, min(host) AS host,
                count(DISTINCT boot) AS boots, min(boot) AS boot, count(DISTINCT labels) AS label_sets,
                min(labels) AS labels, bool_or({_BAD_ROW[kind]}) AS has_bad_row,
                count(*) FILTER (WHERE begin_utc = '' OR end_utc = '') AS without_time,
                count(*) FILTER (WHERE begin_at IS NULL OR end_at IS NULL) AS bad_time,
                min(begin_at) AS begin_at, max(end_at) AS end_at,
                bool_or(end_at < begin_at OR coalesce(try_cast(recorded_ns AS BIGINT), 0)
                  > 1000 * (epoch_us(end_at) - epoch_us(begin_at)) + 1000000) AS is_backwards,
                min(try_cast(recorded_ns AS BIGINT)) AS least_recorded,
                max(try_cast(events AS BIGINT)) AS events, max(try_cast(lost_events AS BIGINT)) AS lost_events,
                max(try_cast(losses_of_unknown_size AS BIGINT)) AS losses_of_unknown_size
              FROM rows GROUP BY file
            )
            SELECT l.kind, l.file, s.host, s.boot, s.labels, coalesce(s.rows, 0) AS rows,
              epoch_us(s.begin_at) AS begin_us, epoch_us(s.end_at) AS end_us, s.events, s.lost_events,
              s.losses_of_unknown_size,
              CASE
                WHEN l.reason IS NOT NULL THEN l.reason
                WHEN s.rows IS NULL THEN 'no rows'
                WHEN s.schemas > 1 OR s.schema <> '{SCHEMA}' THEN
                  'schema ' || CASE WHEN s.schema = '{SCHEMA}' THEN s.other_schema ELSE s.schema END
                  || ', not {SCHEMA}'
                WHEN s.said <> s.also_said OR coalesce(try_cast(s.said AS BIGINT), -1) <> s.rows THEN
                  'half a file: ' || s.rows || ' of ' || s.said || ' rows'
                WHEN s.hosts > 1 OR s.boots > 1 THEN 'rows of several hosts or boots'
                WHEN s.label_sets > 1 THEN 'rows with different labels'
                WHEN NOT regexp_matches(s.host, '{_HOST}') THEN
                  'host name that is none: ' || left(s.host, 60)
                WHEN s.host <> l.folder THEN 'rows of host ' || s.host || ' in the folder of ' || l.folder
                WHEN s.boot = '' THEN 'no boot id'
                WHEN s.without_time > 0 THEN 'no UTC: recorded by an older or another recorder'
                WHEN s.bad_time > 0 OR s.is_backwards THEN 'a time that is none'
                WHEN s.begin_at > TIMESTAMP '{self.now}' + INTERVAL 1 DAY THEN
                  'clock: begins at ' || s.begin_at || ', which is to come'
                WHEN s.begin_at < TIMESTAMP '{self.now}' - INTERVAL {self.max_age} DAY THEN
                  'clock: begins at ' || s.begin_at || ', more than {self.max_age} days ago'
                WHEN CAST(s.begin_at AS DATE) <> DATE '{self.date}' THEN
                  'clock: begins at ' || s.begin_at || ', not on the day of its folder'
                WHEN s.has_bad_row THEN 'a row with a number that is none or cannot be'
                WHEN d.file IS NOT NULL THEN 'rows that are there twice'
                WHEN s.least_recorded = 0 THEN 'no time recorded'
              END AS reason
            FROM looked AS l LEFT JOIN sums AS s ON s.file = l.file LEFT JOIN doubled AS d ON d.file = l.file
            WHERE l.kind = '{kind}'""")

    def _check_overlaps(self):
        """Leaves files out that cover a time of the same boot that a file before them covers."""
        self.sql(
            "CREATE OR REPLACE TABLE checked AS "
            + " UNION ALL ".join(f"SELECT * FROM {kind}_checked" for kind in COLUMNS))
        rows = self.sql(
            """SELECT kind, file, host, boot, begin_us, end_us FROM checked WHERE reason IS NULL
            ORDER BY kind, host, boot, begin_us, file""").fetchall()
        ends = {}
        for kind, file, host, boot, begin, end in rows:
            before = ends.get((kind, host, boot))
            if before and begin < before[0]:
                self.sql(
                    "UPDATE checked SET reason = ? WHERE kind = ? AND file = ?",
                    [f"covers a time that {before[1]} covers", kind, file])
            else:
                ends[kind, host, boot] = (end, file)

    def write(self, folder):
        """Writes the day's tables below `folder`; gives the names of files left out, with reasons."""
        for name, query in _QUERIES.items():
            os.makedirs(os.path.join(folder, name))
            place = os.path.join(folder, name, "part.parquet").replace("'", "''")
            self.sql(f"COPY ({query}) TO '{place}' (FORMAT parquet, COMPRESSION zstd)")
        return self.sql(
            "SELECT file, reason FROM checked WHERE reason IS NOT NULL ORDER BY kind, file").fetchall()


_CLASS = """coalesce(nullif(regexp_extract(labels, '(^|;)class=([^;]*)', 2), ''), 'unlabelled')"""
_VM = """CASE WHEN r.vm_uuid <> '' THEN r.vm_uuid ELSE r.vm_name || ' (pid ' || r.vm_pid || ')' END"""


def _whole(*names):
    return ", ".join(f"CAST(r.{name} AS BIGINT) AS {name}" for name in names)


def _rate(value, recorded):
    """SQL: ns a second of the host's recorded time, less what share of the events was lost."""
    return (
        f"CAST(round({value} * 1e9 / {recorded} * CAST(f.events AS DOUBLE)"
        " / greatest(1, f.events + f.lost_events)) AS BIGINT)")


_INTERVALS = f"""
  WITH hours AS (
    SELECT file, begin_utc, epoch_us(CAST(begin_utc AS TIMESTAMP)) // 3600000000 AS hour,
      any_value(CAST(recorded_ns AS BIGINT)) AS recorded_ns
    FROM summary_text GROUP BY file, begin_utc
  ), recorded AS (
    SELECT f.host, h.hour, CAST(sum(h.recorded_ns) AS DOUBLE) AS ns
    FROM hours AS h JOIN checked AS f ON f.file = h.file AND f.kind = 'summary' AND f.reason IS NULL
    GROUP BY f.host, h.hour
  )
  SELECT {_CLASS.replace("labels", "f.labels")} AS class, f.host, f.boot, {_VM} AS vm, r.vcpu, h.hour,
    r.halt_poll_fail_ns <> '' AS has_polls, {_whole("recorded_ns", "vcpu_time_ns", "halts", "polled", "waited",
      "grows", "shrinks", "block_sum_ns", "wake_latency_count", "wake_latency_sum_ns", "gaps")},
    {", ".join(f"coalesce(try_cast(r.{name} AS BIGINT), 0) AS {name}" for name in _POLLS)},
    {_rate("CAST(r.vcpu_time_ns AS DOUBLE)", "t.ns")} AS rate_time,
    {_rate("coalesce(try_cast(r.halt_poll_fail_ns AS DOUBLE), 0)", "t.ns")} AS rate_fail,
    {_rate("coalesce(try_cast(r.halt_poll_success_ns AS DOUBLE), 0)", "t.ns")} AS rate_success
  FROM summary_text AS r
  JOIN checked AS f ON f.file = r.file AND f.kind = 'summary' AND f.reason IS NULL
  JOIN hours AS h ON h.file = r.file AND h.begin_utc = r.begin_utc
  JOIN recorded AS t ON t.host = f.host AND t.hour = h.hour
  WHERE r.row = 'interval'"""

_BUCKETS = f"""
  SELECT {_CLASS.replace("labels", "f.labels")} AS class, f.host, {_VM} AS vm, r.row AS kind,
    {_whole("ge_ns", "lt_ns")}, CAST(r.count AS BIGINT) AS n
  FROM summary_text AS r
  JOIN checked AS f ON f.file = r.file AND f.kind = 'summary' AND f.reason IS NULL
  WHERE r.row <> 'interval'"""

_SWEEPS = f"""
  WITH runs AS (
    SELECT file, max(CAST(recorded_ns AS BIGINT)) AS recorded_ns FROM sweep_text GROUP BY file
  ), recorded AS (
    SELECT f.host, CAST(sum(n.recorded_ns) AS DOUBLE) AS ns
    FROM runs AS n JOIN checked AS f ON f.file = n.file AND f.kind = 'sweep' AND f.reason IS NULL
    GROUP BY f.host
  )
  SELECT {_CLASS.replace("labels", "f.labels")} AS class, f.host, f.boot, {_VM} AS vm,
    CAST(r.halt_poll_ns AS BIGINT) AS halt_poll_ns, CAST(r.halt_poll_ns_grow AS BIGINT) AS grow,
    CAST(r.halt_poll_ns_grow_start AS BIGINT) AS grow_start,
    CAST(r.halt_poll_ns_shrink AS BIGINT) AS shrink, r.own_ceiling_ns <> '' AS has_own_ceiling,
    r.is_current = 'true' AS is_current,
    {_whole("vcpus", "vcpu_time_ns", "halts", "poll_success_ns", "poll_fail_ns", "wake_latency_sum_ns")},
    {_rate("(CAST(r.poll_success_ns AS DOUBLE) + CAST(r.poll_fail_ns AS DOUBLE))", "t.ns")} AS rate_poll,
    {_rate("CAST(r.wake_latency_sum_ns AS DOUBLE)", "t.ns")} AS rate_latency,
    {_rate("CAST(r.vcpu_time_ns AS DOUBLE)", "t.ns")} AS rate_time,
    {_rate("CAST(r.halts AS DOUBLE)", "t.ns")} AS rate_halts
  FROM sweep_text AS r
  JOIN checked AS f ON f.file = r.file AND f.kind = 'sweep' AND f.reason IS NULL
  JOIN recorded AS t ON t.host = f.host"""

_FILES = f"""
  WITH recorded AS (
    SELECT file, sum(ns) AS recorded_ns FROM (
      SELECT file, begin_utc, max(try_cast(recorded_ns AS BIGINT)) AS ns FROM summary_text GROUP BY file, begin_utc
      UNION ALL
      SELECT file, '', max(try_cast(recorded_ns AS BIGINT)) FROM sweep_text GROUP BY file)
    GROUP BY file
  )
  SELECT f.kind, f.file, f.reason, f.host, {_CLASS.replace("labels", "f.labels")} AS class, f.rows,
    f.begin_us, f.end_us, CAST(r.recorded_ns AS BIGINT) AS recorded_ns, f.events, f.lost_events,
    f.losses_of_unknown_size
  FROM checked AS f LEFT JOIN recorded AS r ON r.file = f.file"""

_QUERIES = {"intervals": _INTERVALS, "buckets": _BUCKETS, "sweeps": _SWEEPS, "files": _FILES}
