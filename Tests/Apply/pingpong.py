"""Two processes on two CPUs that pass a byte to and fro through pipes: each waits for the other, so each idles at
every turn. Until it is ended."""
import os

here, there = os.pipe()
back, forth = os.pipe()
cpus = sorted(os.sched_getaffinity(0))
child = os.fork() == 0
os.sched_setaffinity(0, {cpus[1 if child else 0]})
source, target = (here, forth) if child else (back, there)
# Where one of them ends, the other reads an end and ends as well.
os.close(back if child else here)
os.close(there if child else forth)
if not child:
    os.write(target, b"x")
while byte := os.read(source, 1):
    os.write(target, byte)
