"""Recordings from an arm64 host, analysed here."""

from pathlib import Path

from .common import Case, counters, decisions
from .fixture import kept, small
from rows import expect


def check(case: Case) -> None:
    for name, what in [("wfi", "WFI through the vGIC"), ("fixture", "a short one")]:
        case.check(f"{what}: recorded", lambda: _recorded(case, name))
        case.check(f"{what}: decisions reproduced", lambda: decisions(case.polltrace.report(case.file(f"{name}.dat"))))
        case.check(f"{what}: counters are KVM's", lambda: counters(case, f"{name}.dat", f"{name}.json"))
    case.check("a short one: is small", lambda: small(case))


def keep(results: Path, version: str) -> str:
    """Puts the short recording among the fixtures."""
    return kept(results, "arm64", "dat", "json")


def _recorded(case: Case, name: str) -> str:
    expect(case.exit_code(name) == 0, f"trace-cmd record ended with {case.exit_code(name)}")
    halts = case.polltrace.report(case.file(f"{name}.dat"))["total"]["halts"]
    expect(halts > 0, "no halts")
    return f"{halts} halts"
