# The same workloads under five settings of all four parameters, then under the setting polltrace recommends.
. /lab/lib.sh
parameters > parameters
set -- $(awk '{ print $2 }' parameters)
default="$1 $2 $3 $4"

# measure SETTING WORKLOAD: one recording under what is set now.
measure() {
  parameters > "$1-$2.parameters"
  case $2 in
    random) load="--vcpus 1 --mean 400us --distribution exponential --seed 41" ;;
    bimodal) load="--vcpus 1 --mean 600us --distribution bimodal --seed 42" ;;
  esac
  run "$1-$2" polltrace record --duration 60 -o "$1-$2.dat" -- haltload $load --duration 3s --pin --stats "$1-$2.json"
}

while read -r name setting; do
  set_parameters $setting
  for workload in random bimodal; do measure "$name" $workload; done
done <<END
off 0 2 10000 0
small 50000 2 10000 0
default $default
middle 500000 3 20000 4
big 2000000 4 50000 2
END

set_parameters $default
for workload in random bimodal; do
  run recommend-$workload polltrace recommend default-$workload.dat --format json
  cp recommend-$workload.out recommend-$workload.json
  # The shell lines of the JSON array "apply".
  tr -d '\n' < recommend-$workload.json | sed 's/.*"apply" *: *\[\([^]]*\)\].*/\1/; s/", *"/"\n"/g' |
    sed 's/^ *"//; s/" *$//; s/\\\//\//g; s/\\"/"/g' > recommend-$workload.sh
  sh recommend-$workload.sh > recommend-$workload-apply.log 2>&1
  measure recommended $workload
  set_parameters $default
done

left_behind > left-behind
