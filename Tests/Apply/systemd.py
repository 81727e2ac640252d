"""With systemd as the first process: a small one in namespaces of its own, with haltpoll's parameters in memory."""
import subprocess
from pathlib import Path

from machine import Root

# Prints, a word a line: what holds at each step.
SCRIPT = r"""
tool=$1
export TOOL=$tool
value() { echo "$(cat /sys/module/haltpoll/parameters/guest_halt_poll_ns)"; }
apply() { "$tool" apply --target guest guest_halt_poll_ns=150us,grow=4 --confirm-within 1s "$@" >/dev/null; }
timers() { systemctl list-units --no-legend --all 'polltrace-guard-*' | wc -l; }

apply; value; timers
"$tool" status | grep -c 'taken back in 1 s by a timer of systemd'
pgrep -fc "[p]olltrace guard"
sleep 2.5; value; timers
"$tool" status | grep -c 'timed out'

apply; "$tool" confirm >/dev/null; timers; sleep 1.5; value
"$tool" revert >/dev/null; value

bash 2>/dev/null <<'END'
strace -qq -o /dev/null -e inject=write:signal=KILL:when=3 \
  "$TOOL" apply --target guest guest_halt_poll_ns=150us,grow=4 --confirm-within 1s >/dev/null
true
END
cat /sys/module/haltpoll/parameters/guest_halt_poll_grow
sleep 2.5; cat /sys/module/haltpoll/parameters/guest_halt_poll_grow; value

mkdir -p /etc/tmpfiles.d
apply --persist; "$tool" confirm >/dev/null; echo 7 > /sys/module/haltpoll/parameters/guest_halt_poll_ns
systemd-tmpfiles --create /etc/tmpfiles.d/polltrace-haltpoll.conf; value
"$tool" revert >/dev/null; value; ls /etc/tmpfiles.d
"""
EXPECTED = ["150000", "2", "1", "0", "0", "0", "1", "0", "150000", "0", "4", "2", "0", "150000", "0"]


def test_systemd(checks):
    """A timer of systemd takes the change back, also where the command was killed; tmpfiles.d sets it at boot."""
    if not Path("/lib/systemd/systemd").exists() or not Path("/sys/module/haltpoll/parameters").exists():
        return print("skipped: a guard by systemd, without systemd or without the governor haltpoll")
    here = Path(__file__).with_name("systemd-here")
    result = subprocess.run([here, "bash", "-c", SCRIPT, "sh", Root.polltrace], capture_output=True,
                            text=True, timeout=120, check=False)
    checks.that(result.stdout.split() == EXPECTED, f"systemd: {result.stdout.split()} {result.stderr}")
