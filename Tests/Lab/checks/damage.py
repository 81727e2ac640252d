"""Lost events and a killed recorder: what is missing is said, what is there is used."""

from .common import Case, nothing_left, recorded_truly
from rows import expect


def check(case: Case) -> None:
    case.check("losses are counted and said", lambda: _losses(case))
    case.check("killed: recovered", lambda: _recovered(case))
    recorded_truly(case, "after", "after a kill")
    nothing_left(case)


def _losses(case: Case) -> str:
    expect(case.exit_code("losses") == 2, f"polltrace record ended with {case.exit_code('losses')}, expected 2")
    report = case.polltrace.report(case.file("losses.dat"), codes=(2,))
    lost = sum(trace["lost_events"] for trace in report["trace"])
    expect(lost > 0, "no loss counted, though the reader stood still for 3 s")
    contradicted = report["total"]["decisions"]["contradicted"]
    expect(contradicted == 0, f"{contradicted} decisions contradict the rules across the gap")
    return f"{lost} events lost"


def _recovered(case: Case) -> str:
    expect(case.exit_code("recover") in (0, 2), f"polltrace record --recover ended with {case.exit_code('recover')}")
    report = case.polltrace.report(case.file("killed.dat"), codes=(2,))
    halts = report["total"]["halts"]
    expect(halts > 0, "no halts in what was recovered")
    contradicted = report["total"]["decisions"]["contradicted"]
    expect(contradicted == 0, f"{contradicted} decisions contradict the rules where a CPU's end is missing")
    return f"{halts} halts"
