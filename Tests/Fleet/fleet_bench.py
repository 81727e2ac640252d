"""The questions over 10,000 hosts, 24 hours of 100 vCPUs (24 M rows) and 3,041 settings each (30 M rows).

Writes the store as `load` would, for it is the questions that are measured; each has to take at most 30 s and 4 GB on
two cores of DuckDB, and to find the answer that the fleet was made with. Needs about 3 GB below FOLDER.
"""

import argparse
import math
import os
import pathlib
import resource
import sys
import time

CONTRIB = pathlib.Path(__file__).parents[2] / "contrib" / "fleet"
sys.path.insert(0, str(CONTRIB))

import duckdb
import engines
import generate
import questions

DATE = "2026-11-30"
MOST_SECONDS, MOST_BYTES = 30, 4 << 30


def make(folder, hosts):
    """Writes the store; what a host costs is as in `generate`."""
    sql = duckdb.connect().execute
    sql("SET threads = 2")
    sql("SET memory_limit = '4GB'")
    sql("SET preserve_insertion_order = false")
    classes = list(generate.BEST)
    sql("CREATE TABLE distances (class VARCHAR, is_odd BOOLEAN, halt_poll_ns BIGINT, grow BIGINT, grow_start BIGINT,"
        " shrink BIGINT, d DOUBLE, is_current BOOLEAN)")
    rows = []
    for label in classes:
        for is_odd, best in [(False, generate.BEST[label]), (True, generate.ODD[label])]:
            now = best if is_odd else generate.NOW
            rows += [(label, is_odd, *setting, generate.distance(setting, best), setting == now)
                     for setting in generate.grid()]
    for begin in range(0, len(rows), 1000):
        some = rows[begin : begin + 1000]
        sql("INSERT INTO distances VALUES " + ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?)"] * len(some)),
            [field for row in some for field in row])
    sql(f"""CREATE TABLE hosts AS SELECT range AS number,
      ['{"', '".join(classes)}'][range % {len(classes)} + 1] AS class, range // {len(classes)} % 10 = 9 AS is_odd,
      printf('%s-%05d.example', ['{"', '".join(classes)}'][range % {len(classes)} + 1], range) AS host,
      md5(CAST(range AS VARCHAR)) AS boot, 0.5 + (hash(range) % 1000) / 1000.0 AS base FROM range({hosts})""")
    tables = {
        "sweeps": """SELECT h.class, h.host, h.boot, 'vm0 (pid 10)' AS vm, d.halt_poll_ns, d.grow, d.grow_start, d.shrink,
            false AS has_own_ceiling, d.is_current, CAST(100 AS BIGINT) AS vcpus, 3000000000000 AS vcpu_time_ns,
            CAST(150000 AS BIGINT) AS halts, CAST(0 AS BIGINT) AS poll_success_ns, CAST(0 AS BIGINT) AS poll_fail_ns,
            CAST(0 AS BIGINT) AS wake_latency_sum_ns,
            CAST(round(1e9 * h.base * (1 + d.d)) AS BIGINT) AS rate_poll,
            CAST(round(2.5e8 * h.base * (1 + d.d)) AS BIGINT) AS rate_latency,
            100000000000 AS rate_time, CAST(500000 AS BIGINT) AS rate_halts
          FROM hosts AS h JOIN distances AS d ON d.class = h.class AND d.is_odd = h.is_odd""",
        "intervals": """SELECT h.class, h.host, h.boot, printf('vm%d (pid %d)', v.range // 10, v.range // 10) AS vm,
            CAST(v.range AS VARCHAR) AS vcpu, 498744 + t.range AS hour, true AS has_polls, 30000000000 AS recorded_ns,
            30000000000 AS vcpu_time_ns, CAST(150000 AS BIGINT) AS halts, CAST(1 AS BIGINT) AS polled,
            CAST(1 AS BIGINT) AS waited, CAST(150000 + v.range AS BIGINT) AS halt_attempted_poll,
            CAST(40000 AS BIGINT) AS halt_successful_poll, 300000000 AS halt_poll_success_ns,
            CAST(600000000 + 1000 * (hash(h.number * 100 + v.range) % 1000) AS BIGINT) AS halt_poll_fail_ns,
            1000000000 AS rate_time, CAST(10000000 AS BIGINT) AS rate_success,
            CAST(20000000 + (hash(h.number * 100 + v.range) % 1000) AS BIGINT) AS rate_fail
          FROM hosts AS h, range(100) AS v, range(24) AS t""",
        "buckets": """SELECT h.class, h.host, printf('vm%d (pid %d)', v.range // 10, v.range // 10) AS vm, 'block' AS kind,
            CAST(1024 * (1 << b.range) AS BIGINT) AS ge_ns, CAST(2048 * (1 << b.range) AS BIGINT) AS lt_ns,
            CAST(100 + b.range AS BIGINT) AS n
          FROM hosts AS h, range(100) AS v, range(24) AS b""",
        "files": """SELECT 'sweep' AS kind, host || '.csv.gz' AS file, CAST(NULL AS VARCHAR) AS reason, host, class,
            CAST(3041 AS BIGINT) AS rows, CAST(0 AS BIGINT) AS begin_us, CAST(0 AS BIGINT) AS end_us,
            30000000000 AS recorded_ns, CAST(1000000 AS BIGINT) AS events, CAST(0 AS BIGINT) AS lost_events,
            CAST(0 AS BIGINT) AS losses_of_unknown_size FROM hosts""",
    }
    for name, query in tables.items():
        place = os.path.join(folder, name, f"date={DATE}")
        os.makedirs(place, exist_ok=True)
        sql(f"COPY ({query}) TO '{place}/part.parquet' (FORMAT parquet, COMPRESSION zstd)")


def check(found, hosts):
    """Whether the answers are those that the fleet was made with."""
    wrong = []
    for row in found["best"]:
        best = generate.BEST[row["class"]]
        if (row["halt_poll_ns"], row["grow"], row["grow_start"], row["shrink"]) != best:
            wrong.append(f"{row['class']}: {row}")
        if not row["low"] < row["cost_ratio"] < row["high"] < 1:
            wrong.append(f"{row['class']}: interval {row['low']}, {row['high']}")
    hurt = {row["host"] for row in found["hosts"] if row["extra_cost"] > 0}
    odd = {f"{list(generate.BEST)[n % 3]}-{n:05d}.example" for n in range(hosts) if n // 3 % 10 == 9}
    if hurt != odd:
        wrong.append(f"{len(hurt)} hosts hurt, {len(odd)} are odd")
    if [row["settings"] for row in found["classes"] if row["is_enough"]] != [2]:
        wrong.append("not two settings are enough")
    if sum(row["vcpu_time_ns"] for row in found["waste_by_hour"]) != hosts * 100 * 24 * 30_000_000_000:
        wrong.append("time of vCPUs")
    if sum(row["n"] for row in found["histograms"]) != hosts * 100 * sum(100 + b for b in range(24)):
        wrong.append("histograms")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--hosts", type=int, default=10_000)
    parser.add_argument("--spark", action="store_true", help="ask Spark (local[2]) as well")
    options = parser.parse_args()
    begin = time.monotonic()
    if not os.path.isdir(os.path.join(options.folder, "files")):
        make(options.folder, options.hosts)
        print(f"made the store in {time.monotonic() - begin:.1f} s", flush=True)
    makers = {"DuckDB": lambda: engines.DuckDB(options.folder, 2, "3GB", options.folder)}
    if options.spark:
        makers["Spark"] = lambda: engines.Spark(options.folder, "local[2]", "4g", options.folder, partitions=8)
    failed, answers = 0, {}
    for name, maker in makers.items():
        engine = maker()
        took, last = {}, [time.monotonic()]

        def note(step):
            now = time.monotonic()
            took[step], last[0] = now - last[0], now
            print(f"{name}: {step}: {took[step]:.1f} s", flush=True)

        questions.prepare(engine, note=note)
        answers[name] = questions.answers(engine, note=note)
        engine.close()
        # What a question takes with all that is made for it.
        shared = sum(took[step] for step in questions.STEPS)
        print(f"{name}: settings, with what is shared: {shared + took['best']:.1f} s")
        wrong = check(answers[name], options.hosts)
        if name == "DuckDB":
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            print(f"{name}: peak memory {peak / 2**30:.2f} GB")
            slow = {step: seconds for step, seconds in took.items() if seconds > MOST_SECONDS}
            if shared + took["best"] > MOST_SECONDS:
                slow["best, with what is shared"] = shared + took["best"]
            wrong += [f"{step} took {seconds:.1f} s" for step, seconds in slow.items()]
            wrong += [f"peak memory {peak}"] * (peak > MOST_BYTES)
        for words in wrong:
            failed = 1
            print(f"{name}: WRONG: {words}")
        print(f"{name}: load at the end {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs", flush=True)
    if len(answers) == 2:
        one, other = answers.values()
        same = all(
            a.keys() == b.keys() and all(
                math.isclose(a[k], b[k], rel_tol=1e-9) if isinstance(a[k], float) else a[k] == b[k] for k in a)
            for question in one for a, b in zip(one[question], other[question], strict=True))
        print("both engines say the same" if same else "WRONG: the engines differ")
        failed |= not same
    return failed


if __name__ == "__main__":
    sys.exit(main())
