# What goes wrong: a reader too slow for its buffer, and a recorder killed in the middle.
. /lab/lib.sh
parameters > parameters

start losses polltrace record --duration 60 --buffer-size 64K -o losses.dat
recorder=$started
until_recording 1
haltload --vcpus 2 --mean 200us --distribution exponential --duration 6s --seed 31 --stats losses.json > losses-load.log 2>&1 &
load=$!
sleep 2
kill -STOP $recorder
sleep 3
kill -CONT $recorder
wait $load
kill -TERM $recorder
ended losses $recorder

start killed polltrace record --duration 60 -o killed.dat
recorder=$started
until_recording 1
haltload --vcpus 1 --mean 400us --distribution exponential --duration 6s --seed 32 > killed-load.log 2>&1 &
load=$!
sleep 3
kill -KILL $recorder
ended killed $recorder
left_behind > killed-left-behind
wait $load
ls -l > killed-files
run recover polltrace record --recover -o killed.dat
# The next recording clears away what the killed one left.
run after polltrace record --duration 60 -o after.dat -- haltload --vcpus 1 --mean 400us --duration 1s --seed 33 --stats after.json

left_behind > left-behind
