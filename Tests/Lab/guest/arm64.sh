# An arm64 host: recorded by trace-cmd, because polltrace is not built for it here.
. /lab/lib.sh
parameters > parameters

run wfi trace-cmd record -q -C mono -o wfi.dat -e kvm:kvm_vcpu_wakeup -e kvm:kvm_halt_poll_ns \
  -e sched:sched_waking -f 'comm ~ "CPU *"' -e sched:sched_switch -f 'prev_comm ~ "CPU *" || next_comm ~ "CPU *"' \
  haltload --vcpus 2 --mean 500000 --duration 3 --seed 61 --stats wfi.json
