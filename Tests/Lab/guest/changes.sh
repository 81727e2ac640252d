# Parameters changed in the middle of a recording, with a VM that lives through it.
. /lab/lib.sh
parameters > parameters

cat > changes-load.sh <<'END'
. /lab/lib.sh
haltload --vcpus 2 --mean 400us --distribution exponential --duration 8s --seed 21 --pin --stats changes.json &
sleep 2; echo 60000 > $PARAMETERS/halt_poll_ns
sleep 1; echo 0 > $PARAMETERS/halt_poll_ns
sleep 1; echo 1000000 > $PARAMETERS/halt_poll_ns; echo 3 > $PARAMETERS/halt_poll_ns_grow
sleep 1; echo 40000 > $PARAMETERS/halt_poll_ns_grow_start; echo 4 > $PARAMETERS/halt_poll_ns_shrink
sleep 1; set_parameters 200000 2 10000 0
wait
END
run changes polltrace record --duration 60 -o changes.dat -- sh changes-load.sh
parameters > parameters-after

left_behind > left-behind
