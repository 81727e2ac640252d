# What recording costs: polltrace and trace-cmd in turns, the same workload and the same events, short and long. What a
# recording costs beside its events (formats, symbols, looking for VMs) shows in the difference.
. /lab/lib.sh
parameters > parameters
HALTS="-e kvm:kvm_vcpu_wakeup -e kvm:kvm_halt_poll_ns"
SCHED="-e sched:sched_waking -f comm~\"CPU*\" -e sched:sched_switch -f prev_comm~\"CPU*\"||next_comm~\"CPU*\""

haltload --vcpus 2 --mean 300us --distribution exponential --duration 380s --seed 71 > load.log 2>&1 &
load=$!
sleep 1

# recorded NAME COMMAND...: user and system time of the recorder and its children go to NAME.time.
recorded() {
  local name=$1; shift
  run "$name" busybox time -v -o "$name.time" "$@"
}

for turn in 1 2; do
  for seconds in 2 20; do
    of=$seconds-$turn
    recorded halts-polltrace-$of polltrace record --no-sched -o halts-polltrace-$of.dat -- sleep $seconds
    recorded halts-trace-cmd-$of trace-cmd record -q -C mono -b 4096 -o halts-trace-cmd-$of.dat $HALTS sleep $seconds
    recorded sched-polltrace-$of polltrace record -o sched-polltrace-$of.dat -- sleep $seconds
    recorded sched-trace-cmd-$of trace-cmd record -q -C mono -b 4096 -o sched-trace-cmd-$of.dat $HALTS $SCHED sleep $seconds
  done
done
kill $load
wait $load
left_behind > left-behind
