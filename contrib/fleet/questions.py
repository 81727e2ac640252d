"""What a fleet is asked: the files of sql/, in order, and how many settings are worth having."""

import pathlib

_SQL = pathlib.Path(__file__).parent / "sql"

# What a nanosecond of waiting is worth in nanoseconds of CPU: polltrace's objectives.
OBJECTIVES = {"efficiency": 1, "balanced": 4, "latency": 20}

# Kept for the questions after them.
STEPS = ["host_group", "setting_group", "current_group", "class_setting", "chosen", "parts", "spread"]
ANSWERS = [
    "best", "hosts", "waste_by_hour", "waste_by_vm", "histograms", "coverage", "rejected",
]
# Settings beside which another one would win less than this are enough.
ENOUGH = 0.01
_MOST_SETTINGS = 8


def text(name):
    return (_SQL / f"{name}.sql").read_text()


def prepare(engine, objective="balanced", max_poll_share=None, max_latency_ns=None, note=None):
    """Makes the tables that the questions share; None is no limit."""
    share = 1e9 if max_poll_share is None else max_poll_share
    latency = 1e18 if max_latency_ns is None else max_latency_ns
    engine.table(
        "asked",
        f"SELECT CAST({OBJECTIVES[objective]} AS BIGINT) AS latency_weight,"
        f" CAST({share!r} AS DOUBLE) AS max_poll_share, CAST({latency!r} AS DOUBLE) AS max_latency_ns")
    for step in STEPS:
        engine.table(step, text(step))
        if note:
            note(step)


def classes(engine):
    """How much each further setting wins: rows of `settings` (how many), the setting, cost, cost_ratio (to a
    setting for each class, 1 at best), is_enough.

    Settings are added one by one, each the one that wins the most: more than that may be won by choosing
    several at once, so cost_ratio is an upper bound.
    """
    own = engine.rows(
        "SELECT CAST(SUM(cost) AS DECIMAL(38, 0)) AS cost, COUNT(*) AS classes FROM"
        " (SELECT class, MIN(cost) AS cost FROM class_setting WHERE is_allowed GROUP BY class) AS c")[0]
    empty = "SELECT halt_poll_ns, grow, grow_start, shrink FROM class_setting WHERE 1 = 0"
    taken, rows = [empty], []
    for count in range(1, min(own["classes"], _MOST_SETTINGS) + 1):
        engine.table("taken", " UNION ALL ".join(taken))
        found = engine.rows(text("next_setting"))
        if not found or (rows and found[0]["cost"] >= rows[-1]["cost"]):
            break
        setting = {name: found[0][name] for name in ["halt_poll_ns", "grow", "grow_start", "shrink"]}
        taken.append(
            "SELECT " + ", ".join(f"CAST({value} AS BIGINT) AS {name}" for name, value in setting.items()))
        ratio = found[0]["cost"] / own["cost"] if own["cost"] else None
        rows.append({"settings": count, **setting, "cost": found[0]["cost"], "cost_ratio": ratio})
    enough = next((row["settings"] for row in rows if (row["cost_ratio"] or 0) <= 1 + ENOUGH), None)
    return [{**row, "is_enough": row["settings"] == enough} for row in rows]


def answers(engine, names=None, note=None):
    """Each question's rows by its name; `prepare` comes first."""
    found = {}
    for name in ANSWERS:
        if not names or name in names:
            found[name] = engine.rows(text(name))
            if note:
                note(name)
    if not names or "classes" in names:
        found["classes"] = classes(engine)
        if note:
            note("classes")
    return found
