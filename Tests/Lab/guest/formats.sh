# The other recorders' files: trace-cmd's versions 6 and 7 and an instance, perf's, and the text of `trace`.
. /lab/lib.sh
parameters > parameters
EVENTS="-e kvm:kvm_vcpu_wakeup -e kvm:kvm_halt_poll_ns"
load() { echo haltload --vcpus 2 --mean 400us --distribution exponential --duration 2s --seed 51 --stats "$1.json"; }

run six trace-cmd record -q -C mono --file-version 6 -o six.dat $EVENTS $(load six)
run seven trace-cmd record -q -C mono --file-version 7 --compression zstd -o seven.dat $EVENTS $(load seven)
run instance trace-cmd record -q -C mono -B halts $EVENTS -o instance.dat $(load instance)
trace-cmd reset > /dev/null 2>&1
rmdir $TRACING/instances/halts 2> /dev/null

if [ -x /bin/perf ]; then
  run perf perf record -a -k CLOCK_MONOTONIC -o perf.data $EVENTS -- $(load perf)
fi

text=$TRACING/instances/text
mkdir $text
echo mono > $text/trace_clock
echo 8192 > $text/buffer_size_kb
for event in kvm_vcpu_wakeup kvm_halt_poll_ns; do
  echo 1 > $text/events/kvm/$event/enable
done
run text $(load text)
cat $text/trace > text.txt
rmdir $text

left_behind > left-behind
