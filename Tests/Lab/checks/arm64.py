"""A recording from an arm64 host, analysed here."""

from .common import Case, counters, decisions
from rows import expect


def check(case: Case) -> None:
    case.check("WFI through the vGIC: recorded", lambda: _recorded(case))
    case.check("WFI through the vGIC: decisions reproduced", lambda: decisions(case.polltrace.report(case.file("wfi.dat"))))
    case.check("WFI through the vGIC: counters are KVM's", lambda: counters(case, "wfi.dat", "wfi.json"))


def _recorded(case: Case) -> str:
    expect(case.exit_code("wfi") == 0, f"trace-cmd record ended with {case.exit_code('wfi')}")
    halts = case.polltrace.report(case.file("wfi.dat"))["total"]["halts"]
    expect(halts > 0, "no halts")
    return f"{halts} halts"
