"""Checks that several scenarios share."""

from dataclasses import dataclass
from pathlib import Path
from collections.abc import Callable

import truth
from polltrace import Polltrace
from rows import Failed, Rows, expect


@dataclass(frozen=True)
class Case:
    """One scenario's results on one kernel, and where its rows go."""

    kernel: str
    version: str
    scenario: str
    results: Path
    polltrace: Polltrace
    rows: Rows

    def check(self, what: str, body: Callable[[], str | None]) -> bool:
        return self.rows.check(self.kernel, self.scenario, what, body)

    def file(self, name: str) -> Path:
        return self.results / name

    def exit_code(self, name: str) -> int:
        return int(self.file(f"{name}.exit").read_text())


def recorded(case: Case, name: str, what: str, decides: bool = True) -> bool:
    """A recording ended well, reads well, and its decisions follow the rules."""
    return (case.check(f"{what}: recorded", lambda: _ended_well(case, name))
            and (not decides or case.check(f"{what}: decisions reproduced",
                                           lambda: decisions(case.polltrace.report(case.file(f"{name}.dat"))))))


def recorded_truly(case: Case, name: str, what: str, *stats: str, decides: bool = True, slack: int = 0) -> None:
    """The same, and what it shows is what KVM counted."""
    if recorded(case, name, what, decides):
        case.check(f"{what}: counters are KVM's",
                   lambda: counters(case, f"{name}.dat", *stats or (f"{name}.json",), slack=slack))


def _ended_well(case: Case, name: str) -> str:
    code = case.exit_code(name)
    if code != 0:
        said = case.file(f"{name}.err").read_text().strip().splitlines()
        raise Failed(f"polltrace record ended with {code}: {said[-1] if said else 'nothing said'}")
    report = case.polltrace.report(case.file(f"{name}.dat"))
    lost = sum(trace["lost_events"] for trace in report["trace"])
    expect(lost == 0, f"{lost} events lost")
    expect(report["total"]["halts"] > 0, "no halts")
    return f"{report['total']['halts']} halts"


def decisions(report: dict) -> str:
    found = report["total"]["decisions"]
    # A closed window stays closed as long as every halt is longer than the ceiling.
    stays_closed = report["total"]["block_ns"]["min"] > report["parameters"]["halt_poll_ns"]
    expect(found["recorded"] > 0 or stays_closed, "no decisions")
    expect(found["contradicted"] == 0, f"{found['contradicted']} of {found['recorded']} decisions contradict the rules")
    expect(found["reproduced"] == found["recorded"], f"{found['reproduced']} of {found['recorded']} reproduced")
    return f"{found['reproduced']} of {found['recorded']}"


def counters(case: Case, trace: str, *stats: str, measured: bool = True, slack: int = 0) -> str:
    """Counters rebuilt from a trace are KVM's, vCPU by vCPU where it counts so."""
    report = case.polltrace.report(case.file(trace))
    truths = truth.counted(*[case.file(name) for name in stats])
    ran = {tid: vcpu for one in truths for tid, vcpu in one.vcpus.items()}
    seen = {vcpu["tid"]: vcpu["vcpu"] for vcpu in report["vcpus"]}
    expect(seen == ran, f"vCPUs by thread {seen} in the trace, {ran} ran")
    pairs = [(one.rebuilt(report), one.counters) for one in truths]
    found = [f"{one.who}: {text}" for one, pair in zip(truths, pairs) for text in truth.differences(*pair, case.version, measured, slack)]
    expect(not found, "; ".join(found))
    return truth.agreement(pairs, measured)


def sums(case: Case, trace: str, file: str, measured: bool = True) -> str:
    """Sums of a trace are those of debugfs."""
    counted = truth.debugfs(case.file(file))
    rebuilt = case.polltrace.report(case.file(trace))["total"]["kernel_counters"]
    found = truth.differences(rebuilt, counted, case.version, measured)
    expect(not found, "; ".join(found))
    return truth.agreement([(rebuilt, counted)], measured)


def nothing_left(case: Case) -> None:
    def body() -> None:
        left = case.file("left-behind").read_text().split("\n")
        expect(left == [""], "left behind: " + ", ".join(filter(None, left)))
    case.check("nothing left behind in tracefs", body)
