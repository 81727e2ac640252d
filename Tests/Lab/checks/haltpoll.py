"""A guest that polls itself, seen from both sides."""

import sys
from pathlib import Path

import truth
from rows import expect

from .common import Case, nothing_left, recorded, sums
from .sides import agreement, host_halts, offset

# What reads a guest's trace without polltrace.
sys.path.append(str(Path(__file__).resolve().parents[2] / "Guest"))
from independent import Printed  # noqa: E402

# Halts without one on the other side: an interrupt came before the way to the host was over, or on the way back.
ALONE = 0.02


def check(case: Case) -> None:
    case.check("the guest loads haltpoll", lambda: _loaded(case))
    if recorded(case, "whole", "before, meanwhile and after"):
        case.check("before, meanwhile and after: sums are debugfs's",
                   lambda: sums(case, "whole.dat", "last.counters", measured=False))
        case.check("the host does not poll while the guest does", lambda: _refused(case))
    recorded(case, "host", "the host's side", decides=False)
    if case.check("the guest's side: recorded", lambda: _recorded(case)):
        case.check("the guest's side: decisions reproduced", lambda: _decisions(case))
        case.check("the guest's side: counts are trace-cmd's", lambda: _printed(case))
        case.check("each halt of the guest is one of the host's", lambda: _both(case))
    nothing_left(case)


def _loaded(case: Case) -> str:
    found = dict(line.split(" ") for line in case.file("idling").read_text().splitlines())
    expect(found["current_driver"] == found["current_governor_ro"] == "haltpoll" and found["force"] == "Y", f"{found}")
    said = case.file("guest.dmesg").read_text()
    expect("does not support poll control" not in said, "KVM offers no poll control")
    expect("governor haltpoll" in case.file("check.out").read_text(), case.file("check.out").read_text())
    return f"guest_halt_poll_ns {found['guest_halt_poll_ns']}, grow_start {found['guest_halt_poll_grow_start']}"


def _report(case: Case) -> dict:
    return case.polltrace.report(case.file("guest.dat"))


def _recorded(case: Case) -> str:
    code = int(case.file("guest.exit").read_text())
    expect(code == 0, f"polltrace record --guest ended with {code}: {case.file('guest.err').read_text().strip()}")
    report = _report(case)
    expect(report["side"] == "guest" and len(report["cpus"]) == 2, f"{report['side']}, {len(report['cpus'])} CPUs")
    lost = sum(trace["lost_events"] for trace in report["trace"])
    expect(lost == 0, f"{lost} events lost")
    return ", ".join(f"CPU {cpu['cpu']}: {cpu['idles']} idle times, {cpu['polled']} polled" for cpu in report["cpus"])


def _decisions(case: Case) -> str:
    found = _report(case)["total"]["decisions"]
    expect(found["recorded"] >= 100, f"{found['recorded']} decisions")
    expect(found["contradicted"] == 0 and found["reproduced"] + found["delayed"] == found["recorded"], f"{found}")
    total = _report(case)["total"]
    expect(total["grows"] > 0 and total["shrinks"] > 0, f"{total['grows']} grows, {total['shrinks']} shrinks")
    return f"{found['reproduced']} of {found['recorded']}"


def _printed(case: Case) -> str:
    printed, halted = Printed(case.file("guest.dat")), 0
    for cpu in _report(case)["cpus"]:
        number = cpu["cpu"]
        # Of the first and the last idle time only a part may be in the trace.
        for name, here, there in [
                ("polls", cpu["poll_ns"]["count"], printed.count(number, 0)), ("halts", cpu["halted"], printed.count(number, 1)),
                ("grows", cpu["grows"], printed.moves[number]["grow"]), ("shrinks", cpu["shrinks"], printed.moves[number]["shrink"])]:
            expect(abs(here - there) <= 1, f"CPU {number} {name}: {here}, trace-cmd prints {there}")
        halted += cpu["halted"]
    return f"{halted} halts"


def _refused(case: Case) -> str:
    """KVM's own counts stand still between two moments at which the guest polled itself, and move before and after."""
    begin, end, last = (truth.debugfs(case.file(f"{name}.counters")) for name in ("begin", "end", "last"))
    polls = [counts["halt_attempted_poll"] for counts in (begin, end, last)]
    expect(0 < polls[0] == polls[1] < polls[2], f"polls counted by KVM: {polls}")
    expect(end["halt_wait_ns"] > begin["halt_wait_ns"], "the vCPUs did not halt")
    ledger = {entry["kind"]: entry["count"] for entry in case.polltrace.report(case.file("whole.dat"))["ledger"]}
    expect(ledger.get("polling_refused", 0) > 0, f"the host's report does not say so: {ledger}")
    return f"{polls[0]} polls before, none meanwhile, {polls[2] - polls[1]} after; {ledger['polling_refused']} refused"


def _both(case: Case) -> str:
    host = host_halts(case.polltrace, case.file("host.dat"))
    stays = Printed(case.file("guest.dat")).stays
    guest = {cpu: sorted(stays[cpu, 1]) for cpu in host}
    clocks = offset(host, guest)
    parts = {cpu: agreement(host[cpu], guest[cpu], clocks) for cpu in host}
    text = "; ".join(f"CPU {cpu}: {part.guest} halts, {part.guest_alone} without one there; the host saw {part.host},"
                     f" {part.host_alone} without one here, polled at {part.host_polled}" for cpu, part in sorted(parts.items()))
    for part in parts.values():
        expect(part.guest_alone <= max(3, ALONE * part.guest) and part.host_alone <= max(3, ALONE * part.host), text)
        expect(part.host_polled == 0, text)
    return text
