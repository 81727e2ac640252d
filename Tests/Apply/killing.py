"""The tool killed or stopped at a chosen system call, by strace."""
import signal
import subprocess

# A system call, and which one of its kind. From before the record is written down to
# after the last value was.
POINTS = ["write:1", "fsync:1", "renameat:1", "fsync:2", "clone3:1", "poll:1", "write:2", "write:3", "write:4",
          "write:5"]


def killed_at(root, point, values, within):
    """Kills the tool at the system call `point`; whether it came to that."""
    call, number = point.split(":")
    result = root.run("apply", values, "--confirm-within", within,
                      under=["strace", "-qq", "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={number}"])
    return result.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)


def stopped_at(root, values, within):
    """The tool, stopped by SIGSTOP when it has written a first value and is about to write a second."""
    return subprocess.Popen(
        ["strace", "-qq", "-o", "/dev/null", "-e", "inject=write:signal=STOP:when=3",
         *root.command("apply", values, "--confirm-within", within)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
