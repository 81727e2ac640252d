# Trials and changes of kvm's parameters, which a VM obeys: a candidate that is better, one that is worse, one that does
# not matter; what is not confirmed, a command that is killed, a change that a restart has ended.
. /lab/lib.sh
mkdir -p /var/tmp
parameters > parameters

# Blocks are short, since emulated minutes are long, and differences are large: polls cost milliseconds. How late emulated
# CPUs wake is chance, so it has little weight.
trial() {
  local name=$1; shift
  parameters > "$name.before"
  run "$name" polltrace trial "$@" --for 40s --block 2500ms --seed 1 --objective efficiency --patience 60s --format json
  parameters > "$name.after"
}
start load haltload --vcpus 1 --mean 3ms --distribution exponential --seed 51 --pin --quiet --duration 600s
load=$started
sleep 2

# A ceiling above all gaps: the vCPU never sleeps.
set_parameters 16000000 4 400000 2
trial better --setting halt_poll_ns=0 --keep -o better.dat
run better-status polltrace status --format json
run reverted polltrace revert
parameters > reverted.after

set_parameters 0 2 10000 2
trial worse --setting halt_poll_ns=10ms,grow=4,grow_start=400us --keep
# Without polling nobody asks how intervals grow.
trial same --setting grow=3 --keep

parameters > applied.before
run applied polltrace apply halt_poll_ns=50us,shrink=4 --confirm-within 10s
parameters > applied.set
is_back() { parameters | cmp -s - applied.before; }
until_true is_back
parameters > applied.after

parameters > killed.before
start killed polltrace trial --setting halt_poll_ns=70us --for 32s --block 2s --patience 10s
until_true grep -qx 70000 $PARAMETERS/halt_poll_ns
kill -9 "$started"
until_true is_back
parameters > killed.after
run killed-status polltrace status --format json

# What is left of a change when the host was restarted: other values, and a record that only a disk can have kept.
run void-apply polltrace apply halt_poll_ns=60us --confirm-within 1h
kill -9 $(ps | awk '/polltrace guard/ && !/awk/ { print $1 }')
set_parameters 200000 2 10000 0
sed -i "s/$(cat /proc/sys/kernel/random/boot_id)/00000000-0000-0000-0000-000000000000/" /run/polltrace/change.json
run void polltrace status
run void-next polltrace apply halt_poll_ns=80us --confirm-within 1h
parameters > void-next.set
run void-revert polltrace revert
parameters > void.after

# The next recorder takes away what the killed one left in tracefs.
run last polltrace record --duration 1 -o last.dat
kill "$load"
left_behind > left-behind
