#!/usr/bin/env python3
"""Loads `polltrace export --to csv` with DuckDB and compares its sums with `polltrace report`.

Usage: duckdb_check.py POLLTRACE TRACE...   (with a python that has duckdb: make export-test)
Prints a line a trace; fails where one differs.
"""
import json
import os
import subprocess
import sys
import tempfile

import duckdb

SUMS = """
SELECT count(*) AS halts,
       count(*) FILTER (ending = 'polled') AS polled,
       count(*) FILTER (ending = 'waited') AS waited,
       count(*) FILTER (NOT valid) AS invalid,
       count(*) FILTER (decision = 'grow') AS grows,
       count(*) FILTER (decision = 'shrink') AS shrinks,
       coalesce(sum(block_ns), 0)::UBIGINT AS block_sum,
       max(block_ns) AS block_max,
       count(wake_latency_ns) AS latency_count,
       coalesce(sum(wake_latency_ns), 0)::UBIGINT AS latency_sum,
       count(*) FILTER (poll IN ('success', 'failed', 'abandoned')) AS attempted,
       coalesce(sum(poll_ns) FILTER (poll = 'success'), 0)::UBIGINT AS success_ns,
       count(*) FILTER (window_before_ns IS NULL) AS unknown,
       max(window_before_ns) AS window_max,
       count(*) FILTER (waker = 'interrupt') AS by_interrupt
FROM halts
"""
# What an empty column would be taken for.
TYPES = {
    "trace": "VARCHAR", "host": "VARCHAR", "vm_pid": "INTEGER", "vm": "VARCHAR",
    "vcpu": "UINTEGER", "tid": "INTEGER", "cpu": "UINTEGER", "woke_ns": "UBIGINT",
    "began_ns": "UBIGINT", "block_ns": "UBIGINT", "ending": "VARCHAR", "valid": "BOOLEAN",
    "window_before_ns": "UINTEGER", "window_after_ns": "UINTEGER", "decision": "VARCHAR",
    "poll": "VARCHAR", "poll_ns": "UBIGINT", "switched_out_ns": "UBIGINT",
    "wake_latency_ns": "UBIGINT", "waker": "VARCHAR", "waker_tid": "INTEGER",
}


def reported(report):
    total = report["total"]
    counters = total["kernel_counters"]
    return {
        "halts": total["halts"], "polled": total["polled"], "waited": total["waited"],
        "invalid": total["invalid"], "grows": total["grows"], "shrinks": total["shrinks"],
        "block_sum": total["block_ns"]["sum"], "block_max": total["block_ns"].get("max"),
        "latency_count": total["wake_latency_ns"]["count"],
        "latency_sum": total["wake_latency_ns"]["sum"],
        "attempted": counters["halt_attempted_poll"],
        "success_ns": counters["halt_poll_success_ns"],
        "unknown": counters["halts_left_out"],
        "window_max": total["window_ns"].get("max"),
        "by_interrupt": total["wakers"]["interrupt"],
    }


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode not in (0, 2):
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}")
    return done.stdout


def differences(polltrace, trace, folder):
    """The names and both values of what differs, and the number of rows."""
    table = os.path.join(folder, "halts.csv")
    run(polltrace, "export", trace, "--to", "csv", "-o", table)
    report = json.loads(run(polltrace, "report", trace, "--format", "json", "--no-recommendation"))
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE halts AS SELECT * FROM read_csv(?, header = true, types = ?)",
        [table, TYPES])
    names = [row[0] for row in connection.execute("DESCRIBE halts").fetchall()]
    if names != list(TYPES):
        return {"columns": (names, list(TYPES))}, 0
    result = connection.execute(SUMS)
    row = dict(zip([column[0] for column in result.description], result.fetchone()))
    wanted = reported(report)
    found = {name: (row[name], wanted[name]) for name in wanted if row[name] != wanted[name]}
    unsorted = connection.execute(
        "SELECT count(*) FROM (SELECT woke_ns < lag(woke_ns) OVER (ORDER BY rowid) AS back"
        " FROM halts) WHERE back").fetchone()[0]
    if unsorted:
        found["rows out of order"] = (unsorted, 0)
    return found, row["halts"]


def main():
    polltrace, traces = sys.argv[1], sys.argv[2:]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for trace in traces:
            found, rows = differences(polltrace, trace, folder)
            failed = failed or bool(found)
            print(f"{os.path.basename(trace)}: {rows} rows, {found or 'sums equal'}")
    return 1 if failed or not traces else 0


if __name__ == "__main__":
    sys.exit(main())
