"""A guest's recording as trace-cmd prints it, counted without polltrace."""

import re
import subprocess
from collections import Counter, defaultdict

LINE = re.compile(r"\[(\d+)\]\s+(\d+)\.(\d{9}):\s+(cpu_idle|guest_halt_poll_ns):\s+(.*)")
STATE = re.compile(r"state=(\d+) cpu_id=(\d+)")
LIMIT = re.compile(r"halt_poll_ns (\d+) \((grow|shrink) (\d+)\)")
EXIT = 4294967295


class Printed:
    """`stays`: the times in each state, by CPU and state, as (entered, left) in ns; `moves`: decisions by CPU;
    `decisions`: the same by the halt that each follows, as (kind, old, new)."""

    def __init__(self, trace):
        self.stays = defaultdict(list)
        self.moves = defaultdict(Counter)
        self.decisions = {}
        entered, last = {}, {}
        text = subprocess.run(["trace-cmd", "report", "-t", trace], capture_output=True, text=True, check=True).stdout
        for line in text.splitlines():
            if not (found := LINE.search(line)):
                continue
            cpu, words = int(found[1]), found[5]
            now = int(found[2]) * 10**9 + int(found[3])
            if found[4] == "guest_halt_poll_ns":
                new, kind, old = LIMIT.search(words).groups()
                self.moves[cpu][kind] += 1
                self.decisions[cpu, last.get(cpu)] = (kind, int(old), int(new))
                continue
            state = int(STATE.search(words)[1])
            if state != EXIT:
                entered[cpu] = (state, now)
            elif cpu in entered:
                state, since = entered.pop(cpu)
                last[cpu] = (since, now)
                self.stays[cpu, state].append(last[cpu])

    def count(self, cpu, state):
        return len(self.stays[cpu, state])

    def within(self, cpu, state, begin, end):
        """How many stays ended in between, and how long they were together, in ns."""
        stays = [(since, now) for since, now in self.stays[cpu, state] if begin <= now < end]
        return len(stays), sum(now - since for since, now in stays)
