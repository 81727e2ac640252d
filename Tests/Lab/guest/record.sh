# Recording as such: one VM from start to end, one that stands still while KVM's sums are read, two at once, some that
# come and go, and a CPU that is missing, or leaves and comes back.
. /lab/lib.sh
CPU=/sys/devices/system/cpu/cpu1
parameters > parameters

# KVM's binary statistics of the whole life of a VM.
run whole polltrace record --duration 60 -o whole.dat -- \
  haltload --vcpus 2 --mean 400us --distribution exponential --duration 3s --seed 1 --pin --stats whole.json

# KVM's sums in debugfs go with the VM, so they are read while it is stopped, and the recording ends there.
start stopped polltrace record --duration 60 -o stopped.dat
recorder=$started
until_recording 1
haltload --vcpus 2 --mean 400us --distribution bimodal --duration 30s --seed 2 --pin > stopped-load.log 2>&1 &
load=$!
sleep 3
kill -STOP $load
sleep 0.5
counters > stopped.counters
kill -TERM $recorder
ended stopped $recorder
kill -KILL $load
wait $load

# Two VMs, each with a ceiling of its own.
cat > two.sh <<'END'
haltload --vcpus 1 --mean 400us --distribution exponential --duration 3s --seed 3 --ceiling 100000 --stats two-low.json &
haltload --vcpus 2 --mean 600us --distribution bursty --duration 3s --seed 4 --ceiling 800000 --stats two-high.json &
wait
END
run two polltrace record --duration 60 -o two.dat -- sh two.sh

# VMs that start and end while the recording runs.
cat > meanwhile.sh <<'END'
haltload --vcpus 1 --mean 400us --duration 2s --seed 5 --stats meanwhile-1.json &
sleep 1
haltload --vcpus 2 --mean 400us --duration 2s --seed 6 --stats meanwhile-2.json &
sleep 1.5
haltload --vcpus 1 --mean 400us --duration 1s --seed 7 --stats meanwhile-3.json &
wait
END
run meanwhile polltrace record --duration 60 -o meanwhile.dat -- sh meanwhile.sh

# A CPU that is missing from the start.
echo 0 > $CPU/online
run offline polltrace record --duration 60 -o offline.dat -- \
  haltload --vcpus 2 --mean 400us --distribution exponential --duration 2s --seed 8 --stats offline.json
echo 1 > $CPU/online

# One that leaves while the recording runs, and comes back.
cat > hotplug.sh <<'END'
haltload --vcpus 2 --mean 400us --distribution exponential --duration 4s --seed 9 --stats hotplug.json &
sleep 1
echo 0 > $CPU/online
sleep 1.5
echo 1 > $CPU/online
wait
END
export CPU
run hotplug polltrace record --duration 60 -o hotplug.dat -- sh hotplug.sh
cat $CPU/online > online

left_behind > left-behind
