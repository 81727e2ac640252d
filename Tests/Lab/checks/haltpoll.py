"""A guest that polls itself, seen from both sides."""

import subprocess
import sys
from pathlib import Path

import truth
from rows import expect

from .common import Case, nothing_left, recorded
from .fixture import FOLDER
from .sides import Sides, difference, host_halts, sides

# What reads a guest's trace without polltrace.
sys.path.append(str(Path(__file__).resolve().parents[2] / "Guest"))
from independent import Printed  # noqa: E402

# Halts of the host's outside those of the guest's idle CPUs: whoever waits for a lock halts as well (kvm_wait() of Linux).
ELSEWHERE = 0.02
# A VM that is stopped and goes on halts once more without the guest's knowing, and so at a wake-up that was none.
FEW = 5


def check(case: Case) -> None:
    case.check("the guest loads haltpoll", lambda: _loaded(case))
    recorded(case, "host", "the host's side", decides=False)
    case.check("the host does not poll while the guest does", lambda: _refused(case))
    if case.check("the guest's side: recorded", lambda: _recorded(case)):
        case.check("the guest's side: counts are trace-cmd's", lambda: _printed(case))
        case.check("the guest's side: decisions reproduced", lambda: _decisions(case))
        case.check("both sides: the host's halts lie in the guest's", lambda: _both(case))
        case.check("both sides: decisions follow from the halts that the host saw", lambda: _follow(case))
    nothing_left(case)


def keep(results: Path, version: str) -> str:
    """Puts both recordings among the fixtures, packed."""
    for side in ["host", "guest"]:
        into = FOLDER.with_name("sides") / f"{side}.dat.zst"
        into.parent.mkdir(exist_ok=True)
        subprocess.run(["zstd", "-19", "-q", "-f", results / f"{side}.dat", "-o", into], check=True)
    return "sides"


def _loaded(case: Case) -> str:
    found = _idling(case)
    expect(found["current_driver"] == found["current_governor_ro"] == "haltpoll" and found["force"] == "Y", f"{found}")
    said = case.file("guest.dmesg").read_text()
    expect("does not support poll control" not in said, "KVM offers no poll control")
    check = case.file("check.out").read_text()
    expect(case.exit_code("check") == 0 and "governor haltpoll" in check and "fix:" not in check, check)
    return f"guest_halt_poll_ns {found['guest_halt_poll_ns']}, grow_start {found['guest_halt_poll_grow_start']}"


def _idling(case: Case) -> dict[str, str]:
    return dict(line.split(" ") for line in case.file("idling").read_text().splitlines())


def _refused(case: Case) -> str:
    """KVM counted no poll meanwhile, and the report shows none."""
    begin, end = (truth.debugfs(case.file(f"{name}.counters")) for name in ("begin", "end"))
    polls = end["halt_attempted_poll"] - begin["halt_attempted_poll"]
    expect(polls == 0, f"KVM counted {polls} polls: the guest did not switch them off")
    expect(end["halt_wait_ns"] > begin["halt_wait_ns"], "the vCPUs did not halt")
    total = case.polltrace.report(case.file("host.dat"))["total"]
    shown = total["kernel_counters"]["halt_attempted_poll"]
    expect(shown == 0, f"the report shows {shown} polls, KVM counted none")
    return f"{total['halts']} halts without a poll"


def _report(case: Case) -> dict:
    # 2: more halts than chance would have it were shorter than their events say, see _decisions.
    return case.polltrace.report(case.file("guest.dat"), codes=(0, 2))


def _recorded(case: Case) -> str:
    code = int(case.file("guest.exit").read_text())
    expect(code == 0, f"polltrace record --guest ended with {code}: {case.file('guest.err').read_text().strip()}")
    report = _report(case)
    expect(report["side"] == "guest" and len(report["cpus"]) == 2, f"{report['side']}, {len(report['cpus'])} CPUs")
    lost = sum(trace["lost_events"] for trace in report["trace"])
    expect(lost == 0, f"{lost} events lost")
    return ", ".join(f"CPU {cpu['cpu']}: {cpu['idles']} idle times, {cpu['polled']} polled" for cpu in report["cpus"])


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


def _decisions(case: Case) -> str:
    """Each decision is the rule's, of the halt or of a shorter one: two vCPUs share one CPU, which is often taken away
    between an event and the kernel's look at its clock. The host's recording tells how short it was (_follow)."""
    total = _report(case)["total"]
    found, recorded = total["decisions"], total["decisions"]["recorded"]
    expect(recorded >= 100 and total["grows"] > 0 and total["shrinks"] > 0, f"{found}")
    expect(found["contradicted"] in (0, found["delayed"]) and found["reproduced"] + found["delayed"] >= recorded, f"{found}")
    return f"{found['reproduced']} of {recorded}"


def _both(case: Case) -> str:
    """On a common clock the host's halts lie in the guest's. Those of the guest's that have none are HLT instructions at which
    an interrupt was there already: KVM counts the exit, and does not halt the vCPU."""
    found = _sides(case)
    begin, end = (truth.debugfs(case.file(f"{name}.counters"))["halt_exits"] for name in ("begin", "end"))
    since = float(case.file("begin.seconds").read_text()) * 1e9
    halts = sum(began > since for halts in host_halts(case.polltrace, case.file("host.dat")).values() for began, _ in halts)
    answered = max(0, end - begin - halts)
    text = "; ".join(f"CPU {cpu}: {len(one.guest)} halts, {one.guest_alone} alone, the host's {one.host}, {one.host_alone} alone"
                     for cpu, one in sorted(found.items())) + f"; {answered} HLTs that KVM answered at once"
    for one in found.values():
        expect(one.host_alone <= max(FEW, ELSEWHERE * one.host), text)
    expect(sum(one.guest_alone for one in found.values()) <= answered + FEW, text)
    return text


def _follow(case: Case) -> str:
    """What the governor did is what its rule does (haltpoll.c of Linux 6.9 and newer) at a residency from as long as the host
    saw the halt to as long as its events in the guest lie apart."""
    idling = _idling(case)
    most, start, factor, divisor = (int(idling[f"guest_halt_poll_{name}"]) for name in ("ns", "grow_start", "grow", "shrink"))
    decisions, checked, wrong = Printed(case.file("guest.dat")).decisions, 0, []
    for cpu, one in _sides(case).items():
        limit = None
        for halt, shortest in one.guest:
            longest = halt[1] - halt[0]
            kind, old, new = decisions.get((cpu, halt), (None, limit, limit))
            if kind == "grow":
                holds = new == min(max(old * factor, start), most) and max(shortest, old + 1) <= min(longest, most)
            elif kind == "shrink":
                closes = old // divisor < start
                holds = new == (0 if closes else old // divisor) and longest > most
            else:
                # A limit of 0 that stays so is not recorded.
                holds = limit is None or shortest <= limit or limit == 0 and longest > most
            if not holds or limit not in (None, old):
                wrong.append(f"CPU {cpu} at {halt[1]}: limit {limit}, {kind} {old} to {new}, halt {shortest} to {longest} ns")
            checked, limit = checked + 1, new
    expect(not wrong, f"{len(wrong)} of {checked} halts: {'; '.join(wrong[:3])}")
    return f"{checked} halts"


def _sides(case: Case) -> dict[int, Sides]:
    """The halts of each CPU from where the guest's recording begins, or from where KVM's counts do."""
    host = host_halts(case.polltrace, case.file("host.dat"))
    stays = Printed(case.file("guest.dat")).stays
    guest = {cpu: stays[cpu, 1] for cpu in sorted(host)}
    apart = difference(host, guest)
    since = float(case.file("begin.seconds").read_text()) * 1e9 + apart
    return {cpu: sides(host[cpu], [halt for halt in guest[cpu] if halt[0] > since], apart) for cpu in guest}
