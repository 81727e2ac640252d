# Trials of kvm's parameters, which a VM obeys: a candidate that is better, one that is worse, one that does not matter; a
# trial that is killed.
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

parameters > killed.before
is_back() { parameters | cmp -s - killed.before; }
start killed polltrace trial --setting halt_poll_ns=70us --for 32s --block 2s --patience 10s
until_true grep -qx 70000 $PARAMETERS/halt_poll_ns
kill -9 "$started"
until_true is_back
parameters > killed.after
run killed-status polltrace status --format json

# The next recorder takes away what the killed one left in tracefs.
run last polltrace record --duration 1 -o last.dat
kill "$load"
left_behind > left-behind
