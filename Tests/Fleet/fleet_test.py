"""Loads a made-up fleet with bad files among the good ones, asks both engines, and compares with plain sums."""

import argparse
import gzip
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

CONTRIB = pathlib.Path(__file__).parents[2] / "contrib" / "fleet"
sys.path.insert(0, str(CONTRIB))

import columns
import engines
import generate
import questions

DATE, NOW = "2026-11-30", "2026-11-30T12:00:00"
HOURS = [3, 4]
failures = []


def check(is_so, words):
    if not is_so:
        failures.append(words)
        print(f"fleet-test: {words}", file=sys.stderr)


def near(one, other):
    if isinstance(one, float) or isinstance(other, float):
        return one is not None and other is not None and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return one == other


def bad_files(inbox, hosts, settings):
    """Puts bad files in, each beside good ones; gives what the reason of each must begin with, by its name."""
    expected = {}

    def put(kind, host, hour, rows, reason, name=None, date=DATE):
        path = name or generate.path(inbox, kind, host, hour, date)
        generate.write_file(path, kind, rows)
        expected[os.path.relpath(path, inbox)] = reason
        return path

    def changed(rows, kind, **values):
        for row in rows:
            for name, value in values.items():
                row[columns.COLUMNS[kind].index(name)] = value
        return rows

    rows = lambda hour: generate.sweep_rows(hosts[0], hour, DATE, settings)
    put("sweep", hosts[0], 10, changed(rows(10), "sweep", schema="2"), "schema 2, not 1")
    put("sweep", hosts[0], 11, rows(11)[:-3], "half a file: ")
    # Half a row more than it should be: a field that is none.
    put("sweep", hosts[0], 12, rows(12)[:-1] + [rows(12)[-1] + ["more"]], "half a file: ")
    put("sweep", hosts[0], 13, changed(rows(13), "sweep", begin_utc="1970-01-01T00:00:10.000000Z"),
        "clock: begins at 1970")
    put("sweep", hosts[0], 14, changed(
        rows(14), "sweep", begin_utc="2031-01-01T00:00:00.000000Z", end_utc="2031-01-01T00:01:00.000000Z"),
        "clock: begins at 2031")
    put("sweep", hosts[0], 15, changed(rows(15), "sweep", begin_utc="", end_utc=""), "no UTC")
    put("sweep", hosts[0], 16, changed(rows(16), "sweep", poll_fail_ns="-5"), "a row with a number")
    put("sweep", hosts[0], 17, changed(rows(17), "sweep", halts="99999999999999999999999"), "a row with a number")
    put("sweep", hosts[0], 18, changed(rows(18), "sweep", host="other.example"), "rows of host other.example")
    # Hostile names, as polltrace writes them.
    for place, name in enumerate(['"a,b"', "'=cmd()", "x\ufffd[2J", '"""; DROP TABLE sweeps; --"', "<script>alert(1)</script>"]):
        put("sweep", hosts[0], 19, changed(rows(19), "sweep", host=name), "host name that is none",
            name=os.path.join(inbox, "sweep", f"date={DATE}", f"host=_{place}_", "a.csv.gz"))
    # The same file twice, a recording twice under other labels, and one of another day.
    good = generate.path(inbox, "sweep", hosts[0], HOURS[0], DATE)
    copy = good.replace(".csv.gz", ".x.csv.gz")
    shutil.copy(good, copy)
    expected[os.path.relpath(copy, inbox)] = "the same as "
    put("sweep", hosts[0], 0, changed(rows(HOURS[0]), "sweep", labels="class=web;tier=a"),
        "covers a time that ", name=good.replace(".csv.gz", ".y.csv.gz"))
    put("sweep", hosts[0], 20, generate.sweep_rows(hosts[0], 20, "2026-11-28", settings), "clock: begins at 2026-11-28")
    put("sweep", hosts[0], 22, rows(22), "its place is none", name=good.replace(".csv.gz", "*.csv.gz"))
    twice = rows(21)
    twice = changed(twice + twice[:1], "sweep", file_rows=len(twice) + 1)
    put("sweep", hosts[0], 21, twice, "rows that are there twice")
    put("summary", hosts[0], 10, changed(generate.summary_rows(hosts[0], 10, DATE), "summary", count="x"), "a row with a number")
    # A stream that is cut, one that is damaged, and one that is none.
    whole = pathlib.Path(good).read_bytes()
    for name, content in {"cut": whole[: len(whole) // 2], "flip": whole[:-300] + bytes([whole[-300] ^ 8]) + whole[-299:],
                          "text": b"not gzip"}.items():
        path = pathlib.Path(good).with_name(f"{name}.csv.gz")
        path.write_bytes(content)
        expected[os.path.relpath(path, inbox)] = "not whole: "
    other = pathlib.Path(good).with_name("columns.csv.gz")
    other.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    expected[os.path.relpath(other, inbox)] = "other columns: a,b"
    return expected


def expected_best(hosts, settings):
    """By class: the setting, its cost, the cost now and the hosts that are hurt, by plain sums."""
    found = {}
    for label in generate.BEST:
        mine = [host for host in hosts if host.label == label]

        def cost(host, setting):
            # In the unit of the tables: ns a second of the host, of 4 vCPUs, less lost events.
            return host.cost(setting) * 4 * 100_000 / (100_000 + host.lost)

        best = min(settings, key=lambda setting: sum(cost(host, setting) for host in mine))
        hurt = {host.name for host in mine if cost(host, best) > cost(host, host.now) * (1 + 1e-6)}
        found[label] = (best, sum(cost(h, best) for h in mine), sum(cost(h, h.now) for h in mine), hurt)
    return found


def check_answers(found, hosts, settings):
    wanted = expected_best(hosts, settings)
    check([row["class"] for row in found["best"]] == sorted(wanted), "not each class has one answer")
    for row in found["best"]:
        best, cost, now, _ = wanted[row["class"]]
        label = row["class"]
        check(best == generate.BEST[label], f"{label}: the made-up fleet has another best setting")
        check((row["halt_poll_ns"], row["grow"], row["grow_start"], row["shrink"]) == best, f"{label}: {row}")
        check(math.isclose(row["cost"], cost, rel_tol=1e-6), f"{label}: cost {row['cost']}, not {cost}")
        check(math.isclose(row["cost_ratio"], cost / now, rel_tol=1e-6), f"{label}: ratio {row['cost_ratio']}")
        check(row["low"] < row["cost_ratio"] < row["high"], f"{label}: interval {row['low']} to {row['high']}")
        check(row["high"] - row["low"] < 0.5, f"{label}: an interval of {row['high'] - row['low']}")
    hurt = {row["host"] for row in found["hosts"] if row["extra_cost"] > 0}
    check(hurt == set().union(*(entry[3] for entry in wanted.values())), f"hosts hurt: {sorted(hurt)}")
    check(hurt == {host.name for host in hosts if host.is_odd}, "others are hurt than those that are odd")
    check(len(found["hosts"]) == len(hosts), f"{len(found['hosts'])} hosts")
    enough = [row["settings"] for row in found["classes"] if row["is_enough"]]
    check(enough == [2], f"{enough} settings are enough, not 2")
    vcpus = sum(row["vcpu_time_ns"] for row in found["waste_by_hour"])
    check(vcpus == sum(4 * host.seconds * 10**9 for host in hosts) * len(HOURS), "time of vCPUs")
    fail = sum(row["halt_poll_fail_ns"] for row in found["waste_by_hour"])
    place = columns.COLUMNS["summary"].index("halt_poll_fail_ns")
    rows = [row for host in hosts for row in generate.summary_rows(host, 3, DATE) if row[13] == "interval"]
    check(fail == sum(row[place] for row in rows) * len(HOURS), "time of failed polls")
    blocks = [(row["ge_ns"], row["n"]) for row in found["histograms"] if row["kind"] == "block"]
    each = 4 * len(HOURS) * len(hosts)
    check(sum(n for low, n in blocks if low == 32768) == 100 * each, "histogram")
    check(sum(n for low, n in blocks if low == 40960) == 200 * each, "histogram")
    own = sum(row["vms_with_own_ceilings"] for row in found["coverage"])
    check(own == len(hosts) * len(HOURS), f"{own} VMs with ceilings of their own")
    lost = sum(row["lost_events"] for row in found["coverage"])
    check(lost == sum(host.lost for host in hosts) * len(HOURS), f"{lost} lost events")


def compare(one, other):
    """Both engines' answers: counts to the unit, ratios to 1e-9."""
    compared = 0
    for name in one:
        check(len(one[name]) == len(other[name]), f"{name}: {len(one[name])} rows and {len(other[name])}")
        for left, right in zip(one[name], other[name]):
            check(left.keys() == right.keys(), f"{name}: other columns")
            for column in left:
                compared += 1
                check(near(left[column], right[column]), f"{name}.{column}: {left[column]!r} and {right[column]!r}")
    return compared


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=60)
    parser.add_argument("--polltrace", help="the program, whose columns and style are compared")
    parser.add_argument("--keep", help="keep the files in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or scratch
        inbox, store = os.path.join(folder, "inbox"), os.path.join(folder, "store")
        hosts = [generate.Host(number) for number in range(options.hosts)]
        settings = generate.small_grid()
        generate.write(inbox, hosts, HOURS, DATE, settings)
        wanted = bad_files(inbox, hosts, settings)
        load = [sys.executable, str(CONTRIB / "load"), inbox, store, "--now", NOW]
        for _ in range(2):
            run = subprocess.run(load, stderr=subprocess.PIPE, text=True)
            check(run.returncode == 2, f"load ended with {run.returncode}: {run.stderr[-2000:]}")
        check(run.stderr.isascii() and "\x1b" not in run.stderr, "load shows what hosts wrote as it came")
        if run.returncode != 2:
            return 1
        found = {}
        # Spark's planning of small tables and its code generation take longer than the sums.
        spark = {"spark.sql.adaptive.enabled": "false", "spark.sql.codegen.wholeStage": "false"}
        made = {"duckdb": lambda: engines.DuckDB(store), "spark": lambda: engines.Spark(store, partitions=1, options=spark)}
        for name, engine in made.items():
            asked = engine()
            questions.prepare(asked)
            found[name] = questions.answers(asked)
            if name == "duckdb":
                limits(asked)
            asked.close()
        reasons = {row["file"]: row["reason"] for row in found["duckdb"]["rejected"]}
        for name, reason in wanted.items():
            check(reasons.get(name, "taken").startswith(reason), f"{name}: {reasons.get(name, 'taken')}, not {reason}")
        check(reasons.keys() == wanted.keys(), f"left out as well: {sorted(reasons.keys() - wanted.keys())}")
        check_answers(found["duckdb"], hosts, settings)
        compared = compare(found["duckdb"], found["spark"])
        page(store, folder, options.polltrace)
    if failures:
        print(f"fleet-test: {len(failures)} failures", file=sys.stderr)
        return 1
    print(f"fleet-test: {len(hosts)} hosts, {len(wanted)} bad files named and left out, "
          f"{compared} values the same in DuckDB and Spark")
    return 0


def limits(engine):
    """A limit that the best setting breaks moves the choice; one that none keeps leaves none."""
    free = engine.rows("SELECT class, MIN(poll * 1.0 / time) AS least FROM class_setting GROUP BY class")
    least = min(row["least"] for row in free)
    questions.prepare(engine, max_poll_share=float(least) / 2)
    rows = engine.rows(questions.text("best"))
    check(len(rows) == 3 and all(row["halt_poll_ns"] is None for row in rows), f"a limit that none keeps: {rows}")
    questions.prepare(engine)


def columns_of(polltrace, trace):
    """polltrace writes the columns that are known here."""
    for kind, command in {"summary": ["export", "--to", "summary"], "sweep": ["sweep", "--format", "csv"]}.items():
        run = subprocess.run([polltrace, command[0], trace, *command[1:]], capture_output=True, text=True)
        names = run.stdout.partition("\n")[0].split(",")
        check(names == columns.COLUMNS[kind], f"{kind}: polltrace writes {names}")


def page(store, folder, polltrace):
    """The page of the answers."""
    path = os.path.join(folder, "fleet.html")
    subprocess.run([sys.executable, str(CONTRIB / "report"), store, "-o", path], check=True)
    text = pathlib.Path(path).read_text()
    if polltrace:
        trace = str(CONTRIB.parents[1] / "Tests" / "Fixtures" / "traces" / "off.dat")
        report = subprocess.run([polltrace, "report", trace, "--format", "html"], capture_output=True, text=True).stdout
        style = report.partition("<style>")[2].partition("</style>")[0]
        check(style.strip() == (CONTRIB / "page.css").read_text().strip(), "page.css is not the report's style: write it anew")
        columns_of(polltrace, trace)
    check("<script>alert" not in text and "&lt;script&gt;alert" in text, "a host's name is not escaped")
    for word in ["web", "50 µs", "1 ms", "Hosts that are hurt", "left out"]:
        check(word in text, f"the page does not say {word}")


if __name__ == "__main__":
    sys.exit(main())
