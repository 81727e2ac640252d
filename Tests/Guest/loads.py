"""Loads that make CPUs idle, and what sysfs counts meanwhile. As a program: `loads.py LOAD SECONDS FILE` puts two
looks at sysfs around a load, and both into FILE as JSON.

Waits are exponential, from a seed. If all waits were W, each limit between W/2 and W would stay for good: every poll
fails, and the halt behind it is too short to grow the limit, too short to shrink it. Twice that limit would stay too,
and every poll would succeed. Which of the two it is, a rare disturbance decides: two runs alike then differ by half of
all idle times, and no prediction holds."""

import json
import os
import random
import socket
import sys
import time
from pathlib import Path

CPUS = Path("/sys/devices/system/cpu")


def timer(seconds):
    """Timers of 300 µs in the mean on each of two CPUs."""
    end = time.monotonic() + seconds
    other = child(1, lambda: sleep_until(end, seed=1))
    pin(0)
    sleep_until(end, seed=2)
    os.waitpid(other, 0)


def sleep_until(end, seed):
    waits = random.Random(seed)
    while time.monotonic() < end:
        time.sleep(waits.expovariate(1 / 0.0003))


def pipes(seconds):
    """A byte that goes to and fro between two CPUs."""
    there, back = os.pipe(), os.pipe()

    def answer():
        os.close(there[1])
        while byte := os.read(there[0], 1):
            os.write(back[1], byte)

    other = child(1, answer)
    pin(0)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        os.write(there[1], b"x")
        os.read(back[0], 1)
    os.close(there[1])
    os.waitpid(other, 0)


def network(seconds):
    """Requests of 64 bytes over loopback, with 150 µs in the mean between them."""
    waits = random.Random(3)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _ = server.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while data := connection.recv(64):
                connection.sendall(data)

        other = child(1, answer)
        pin(0)
        with socket.create_connection(server.getsockname()) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                client.sendall(bytes(64))
                client.recv(64)
                time.sleep(waits.expovariate(1 / 0.00015))
    os.waitpid(other, 0)


LOADS = {"timer": timer, "pipes": pipes, "network": network}


def pin(cpu):
    os.sched_setaffinity(0, {cpu})


def child(cpu, work):
    pid = os.fork()
    if pid == 0:
        pin(cpu)
        work()
        os._exit(0)
    return pid


def look():
    """Usage and time in µs of each CPU's idle states, and when that was, in ns of the clock mono."""
    before = time.monotonic_ns()
    states = {}
    for state in CPUS.glob("cpu[0-9]*/cpuidle/state[0-9]*"):
        cpu, number = int(state.parts[-3][3:]), int(state.name[5:])
        states[f"{cpu}/{number}"] = [int((state / name).read_text()) for name in ("usage", "time")]
    return {"before": before, "after": time.monotonic_ns(), "states": states}


def main():
    load, seconds, file = sys.argv[1:]
    begin = look()
    LOADS[load](float(seconds))
    Path(file).write_text(json.dumps({"begin": begin, "end": look()}))


if __name__ == "__main__":
    main()
