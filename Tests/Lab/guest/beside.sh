# polltrace and trace-cmd record the same VM, each once as the first and once as the second.
. /lab/lib.sh
parameters > parameters
EVENTS="-e kvm:kvm_vcpu_wakeup -e kvm:kvm_halt_poll_ns"
LOAD="haltload --vcpus 2 --mean 400us --distribution exponential --duration 3s --seed 11"

start second-theirs trace-cmd record -q -C mono -o second-theirs.dat $EVENTS
theirs=$started
until_recording 1
run second polltrace record --duration 60 -o second.dat -- $LOAD --stats second.json
kill -INT $theirs
ended second-theirs $theirs

start first polltrace record --duration 60 -o first.dat
ours=$started
until_recording 1
run first-theirs trace-cmd record -q -C mono -o first-theirs.dat $EVENTS $LOAD --stats first.json
kill -TERM $ours
ended first $ours

left_behind > left-behind
