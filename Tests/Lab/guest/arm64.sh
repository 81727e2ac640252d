# An arm64 host: recorded by trace-cmd, because polltrace is not built for it here.
. /lab/lib.sh
parameters > parameters

# record NAME SECONDS
record() {
  run "$1" trace-cmd record -q -C mono -o "$1.dat" -e kvm:kvm_vcpu_wakeup -e kvm:kvm_halt_poll_ns \
    -e sched:sched_waking -f 'comm ~ "CPU *"' -e sched:sched_switch -f 'prev_comm ~ "CPU *" || next_comm ~ "CPU *"' \
    haltload --vcpus 2 --mean 500000 --duration "$2" --seed 61 --stats "$1.json"
}
record wfi 3
# trace-cmd takes every symbol of the kernel along: half a megabyte that no reader of halts needs.
: > /tmp/none
mount -o bind /tmp/none /proc/kallsyms
record fixture 0.2
