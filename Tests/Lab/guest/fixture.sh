# A small recording for the tests of the readers and the rules: odd parameters, so that windows take many values, and
# long gaps, so that the recorder sees the VM while it is there.
. /lab/lib.sh
set_parameters 6000000 3 500000 2
parameters > parameters

run fixture polltrace record --no-sched --duration 60 -o fixture.dat -- \
  haltload --vcpus 1 --mean 4ms --distribution exponential --duration 4s --seed 71 --pin --name web1 --stats fixture.json

left_behind > left-behind
