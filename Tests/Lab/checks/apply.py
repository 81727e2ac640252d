"""Changes of kvm's parameters, and what is left of them after their time, a kill and a reset."""

import json

from rows import expect

from .common import Case

SET = {"halt_poll_ns": 60_000, "halt_poll_ns_grow": 3, "halt_poll_ns_grow_start": 20_000, "halt_poll_ns_shrink": 4}
PERSISTED = {"halt_poll_ns": 70_000, "halt_poll_ns_shrink": 4}


def check(case: Case) -> None:
    case.check("what is not confirmed in time is taken back", lambda: _timed(case))
    case.check("a command killed between two writes is taken back", lambda: _killed(case, "killed-between"))
    case.check("a command killed behind its last write is taken back", lambda: _killed(case, "killed-after"))
    case.check("a reset before confirmation is a rollback", lambda: _restarted(case))
    case.check("a record of an earlier boot is void", lambda: _void(case))
    case.check("what is confirmed to persist outlasts a reset", lambda: _persisted(case))
    case.check("revert takes back what outlasts a reset", lambda: _reverted(case))


def _timed(case: Case) -> None:
    _said(case, "timed", 0, "taken back after 3s unless: polltrace confirm")
    _holds(case, "timed-set", {"halt_poll_ns": 50_000, "halt_poll_ns_shrink": 4})
    _holds(case, "timed-after", {})
    status = _status(case, "timed")
    expect(status.get("open") is None and status["last"]["how"] == "timed out", f"{status.get('last')}")


def _killed(case: Case, name: str) -> str:
    expect(case.exit_code(name) == 128 + 9, f"not killed: exit code {case.exit_code(name)}")
    default, now = _parameters(case, "default"), _parameters(case, f"{name}-set")
    written = [key for key in SET if now[key] == SET[key]]
    expect(all(now[key] == default[key] for key in SET if key not in written), f"{now}")
    if name == "killed-after":
        expect(len(written) == len(SET), f"only {', '.join(written)} written")
    else:
        # A lower ceiling is written first of all: no mixture polls longer than before.
        expect(0 < len(written) < len(SET) and "halt_poll_ns" in written, f"{', '.join(written) or 'none'} written")
    _holds(case, f"{name}-after", {})
    return f"{len(written)} of {len(SET)} values were written"


def _restarted(case: Case) -> None:
    _said(case, "unconfirmed", 0, "taken back after 10m")
    # Before it is confirmed nothing sets it at boot.
    _holds(case, "unconfirmed-set", {"halt_poll_ns": 60_000, "halt_poll_ns_grow": 3})
    _booted(case, "restarted", {})
    status = _status(case, "restarted")
    expect(status.get("open") is None and status.get("confirmed") is None, f"{status}")


def _void(case: Case) -> None:
    _said(case, "void-status", 0, "void: the host was restarted")
    _said(case, "void-confirm", 1, "the host was restarted since")
    _holds(case, "void-confirmed", {})
    # It is not in the way of the next change, which takes back what it has set itself.
    _said(case, "void-next", 0, "halt_poll_ns 200000 → 80000")
    _holds(case, "void-next-set", {"halt_poll_ns": 80_000})
    _holds(case, "void-after", {})


def _persisted(case: Case) -> str:
    _said(case, "persisted-confirm", 0, "confirmed")
    _booted(case, "persisted-after", PERSISTED, file=True)
    status = _status(case, "persisted")
    file, = status["confirmed"]["persisted"]
    expect(file["path"] == "/etc/modprobe.d/polltrace.conf" and status.get("open") is None, f"{status}")
    expect(not status["set_by_others"], f"{status['set_by_others']}")
    return case.file("persisted-after.modprobe").read_text().strip()


def _reverted(case: Case) -> None:
    _said(case, "persisted-revert", 0, "halt_poll_ns=200000")
    _holds(case, "reverted", {})
    _booted(case, "reverted-after", {})
    status = _status(case, "reverted")
    expect(status.get("open") is None and status.get("confirmed") is None, f"{status}")


def _booted(case: Case, look: str, changed: dict[str, int], file: bool = False) -> None:
    """The first look after a reset, at which nothing may be there that was never brought to the disk."""
    expect(not case.file(f"{look}.unsynced").read_text(), "what nobody brought to the disk is there after the reset")
    _holds(case, look, changed, file)


def _holds(case: Case, look: str, changed: dict[str, int], file: bool = False) -> None:
    """The parameters are the module's own but for what is `changed`, and a file sets them at boot or does not."""
    found, wanted = _parameters(case, look), _parameters(case, "default") | changed
    expect(found == wanted, f"{look}: {found}, not {wanted}")
    text = case.file(f"{look}.modprobe").read_text()
    named = "options kvm " + " ".join(f"{name}={value}" for name, value in wanted.items()) + "\n"
    expect(sorted(text.split()) == (sorted(named.split()) if file else []), f"{look}: at each boot: {text!r}")


def _parameters(case: Case, look: str) -> dict[str, int]:
    lines = case.file(f"{look}.parameters").read_text().splitlines()
    return {name: int(value) for name, value in map(str.split, lines)}


def _status(case: Case, name: str) -> dict:
    _said(case, f"{name}-status", 0, "")
    return json.loads(case.file(f"{name}-status.out").read_text())


def _said(case: Case, name: str, code: int, words: str) -> None:
    said = case.file(f"{name}.out").read_text() + case.file(f"{name}.err").read_text()
    expect(case.exit_code(name) == code and words in said, f"{name}: exit code {case.exit_code(name)}: {said.strip()}")
