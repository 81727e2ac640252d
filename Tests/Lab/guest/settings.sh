# The same workloads under five settings of all four parameters, then under the setting polltrace recommends and once
# more under the default. Gaps are long, so that an emulated machine keeps up with them.
. /lab/lib.sh
parameters > parameters
set -- $(awk '{ print $2 }' parameters)
default="$1 $2 $3 $4"

# measure SETTING WORKLOAD: one recording under what is set now.
measure() {
  parameters > "$1-$2.parameters"
  case $2 in
    random) load="--vcpus 1 --mean 3ms --distribution exponential --seed 41" ;;
    bimodal) load="--vcpus 1 --mean 4ms --distribution bimodal --seed 42" ;;
  esac
  # A recommendation takes a thousand halts, also on a busy machine; what is compared with it is as long.
  case $1 in
    big | recommended | default-again) load="$load --duration 8s" ;;
    *) load="$load --duration 4s" ;;
  esac
  run "$1-$2" polltrace record --duration 60 -o "$1-$2.dat" -- haltload $load --pin --stats "$1-$2.json"
}

while read -r name setting; do
  set_parameters $setting
  for workload in random bimodal; do measure "$name" $workload; done
done <<END
off 0 2 10000 0
small 400000 2 80000 0
default $default
middle 4000000 3 160000 4
big 16000000 4 400000 2
END

# The worst of them asks most for a cure.
for workload in random bimodal; do
  set_parameters 16000000 4 400000 2
  run recommend-$workload polltrace recommend big-$workload.dat --format json
  cp recommend-$workload.out recommend-$workload.json
  # The shell lines of the JSON array "apply".
  tr -d '\n' < recommend-$workload.json | sed 's/.*"apply" *: *\[\([^]]*\)\].*/\1/; s/", *"/"\n"/g' |
    sed 's/^ *"//; s/" *$//; s/\\\//\//g; s/\\"/"/g' > recommend-$workload.sh
  sh recommend-$workload.sh > recommend-$workload-apply.log 2>&1
  measure recommended $workload
  # Right behind it, so that both meet the same emulated machine.
  set_parameters $default
  measure default-again $workload
done

left_behind > left-behind
