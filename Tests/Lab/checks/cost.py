"""What recording costs, beside what trace-cmd record takes for the same events."""

import re
from dataclasses import dataclass

from .common import Case, nothing_left
from rows import expect

SHORT, LONG, TURNS = 2, 20, (1, 2)
EVENTS = {"halts": "halts alone", "sched": "with scheduler events"}


@dataclass(frozen=True)
class Cost:
    """User and system time of a recorder and its children, in s, and what it recorded."""

    seconds: float
    events: int
    lost: int


def check(case: Case) -> None:
    for events, what in EVENTS.items():
        case.check(f"{what}: cost", lambda: _compared(case, events))
    nothing_left(case)


def _compared(case: Case, events: str) -> str:
    ours, theirs = ({seconds: _cost(case, f"{events}-{tool}-{seconds}") for seconds in (SHORT, LONG)}
                    for tool in ("polltrace", "trace-cmd"))
    expect(theirs[LONG].lost > 0 or ours[LONG].lost == 0, f"{ours[LONG].lost} events lost, by trace-cmd none")
    near = ours[LONG].events / theirs[LONG].events
    expect(0.7 < near < 1.4, f"{ours[LONG].events} events, trace-cmd {theirs[LONG].events}: not the same workload")
    whole = [costs[LONG].seconds / costs[LONG].events for costs in (ours, theirs)]
    more = [(costs[LONG].seconds - costs[SHORT].seconds) / (costs[LONG].events - costs[SHORT].events) for costs in (ours, theirs)]
    # Few events, on an emulated machine, may cost less than starting varies.
    further = (f"each further event {more[0] * 1e6:.2f} and {more[1] * 1e6:.2f} µs: {more[0] / more[1]:.2f} x"
               if min(more) > 0 else "further events cost less than starting varies")
    return (f"{whole[0] * 1e6:.2f} µs an event, trace-cmd {whole[1] * 1e6:.2f}: {whole[0] / whole[1]:.2f} x; {further};"
            f" {ours[LONG].events} and {theirs[LONG].events} events, {ours[LONG].lost} and {theirs[LONG].lost} lost")


def _cost(case: Case, name: str) -> Cost:
    """The least of the turns."""
    return min((_one(case, f"{name}-{turn}") for turn in TURNS), key=lambda cost: cost.seconds / cost.events)


def _one(case: Case, name: str) -> Cost:
    expect(case.exit_code(name) == 0, f"{name} ended with {case.exit_code(name)}")
    text = case.file(f"{name}.time").read_text()
    user, system = (float(re.search(rf"{what} time \(seconds\): ([0-9.]+)", text)[1]) for what in ("User", "System"))
    report = case.polltrace.report(case.file(f"{name}.dat"), codes=(0, 2))
    return Cost(user + system, sum(trace["events"] for trace in report["trace"]),
                sum(trace["lost_events"] for trace in report["trace"]))
