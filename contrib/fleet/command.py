"""The options that `ask` and `report` share."""

import argparse
import os
import tempfile

import engines
import questions


def parser(description):
    options = argparse.ArgumentParser(description=description)
    options.add_argument("store", help="the folder that load wrote")
    options.add_argument("--engine", choices=["duckdb", "spark"], default="duckdb")
    options.add_argument("--master", default="local[2]", help="where Spark runs")
    options.add_argument("--threads", type=int, help="of DuckDB; default: a processor each")
    options.add_argument("--memory", default="3GB", help="the most that the engine takes")
    options.add_argument("--objective", choices=list(questions.OBJECTIVES), default="balanced")
    options.add_argument("--max-poll-cpu", type=float, help="percent of a CPU a vCPU, of each class")
    options.add_argument("--max-wake-latency", type=float, help="mean wake-up latency in ns, of each class")
    return options


def limits(options):
    """The limits in words."""
    words = ""
    if options.max_poll_cpu is not None:
        words += f", polling at most {options.max_poll_cpu:g} % of a CPU a vCPU"
    if options.max_wake_latency is not None:
        words += f", wake-ups {options.max_wake_latency:g} ns on average at most"
    return words


def answers(options, names=None, note=None):
    """Asks what the options say."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as scratch:
        if options.engine == "spark":
            memory = options.memory.upper().replace("GB", "g").replace("MB", "m")
            engine = engines.Spark(options.store, options.master, memory, scratch)
        else:
            engine = engines.DuckDB(options.store, options.threads, options.memory, scratch)
        share = None if options.max_poll_cpu is None else options.max_poll_cpu / 100
        questions.prepare(engine, options.objective, share, options.max_wake_latency, note)
        found = questions.answers(engine, names, note)
        engine.close()
    return found
