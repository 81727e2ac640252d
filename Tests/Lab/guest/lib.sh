# What the scenarios share. A scenario leaves its files in /results, where it starts.

PARAMETERS=/sys/module/kvm/parameters
TRACING=/sys/kernel/tracing

# run NAME COMMAND...: the exit code goes to NAME.exit, what it says to NAME.out and NAME.err.
run() {
  local name=$1; shift
  "$@" > "$name.out" 2> "$name.err"
  echo $? > "$name.exit"
}

# start NAME COMMAND...: the same in the background, its process in $started.
start() {
  local name=$1; shift
  "$@" > "$name.out" 2> "$name.err" &
  started=$!
}

# ended NAME PROCESS: waits for what was started.
ended() {
  wait "$2"
  echo $? > "$1.exit"
}

# The four parameters, "name value" a line.
parameters() {
  local name
  for name in halt_poll_ns halt_poll_ns_grow halt_poll_ns_grow_start halt_poll_ns_shrink; do
    echo "$name $(cat $PARAMETERS/$name)"
  done
}

# set_parameters HALT_POLL_NS GROW GROW_START SHRINK
set_parameters() {
  echo "$1" > $PARAMETERS/halt_poll_ns
  echo "$2" > $PARAMETERS/halt_poll_ns_grow
  echo "$3" > $PARAMETERS/halt_poll_ns_grow_start
  echo "$4" > $PARAMETERS/halt_poll_ns_shrink
}

# KVM's own sums over the vCPUs of each living VM, "pid-fd/name value" a line.
counters() {
  local file
  for file in /sys/kernel/debug/kvm/*-*/halt_*; do
    echo "${file#/sys/kernel/debug/kvm/} $(cat "$file")"
  done
}

# until_true COMMAND...: waits up to 60 s for it to succeed.
until_true() {
  local try
  for try in $(seq 600); do
    "$@" > /dev/null 2>&1 && return 0
    sleep 0.1
  done
  echo "gave up waiting: $*"
  return 1
}

# How many places record wake-ups now: instances, and the top level.
recorders() {
  cat $TRACING/events/kvm/kvm_vcpu_wakeup/enable $TRACING/instances/*/events/kvm/kvm_vcpu_wakeup/enable 2> /dev/null | grep -c 1
}

# until_recording COUNT: until that many are at it.
until_recording() {
  until_true eval "[ \$(recorders) -ge $1 ]"
  sleep 0.5
}

# Sends what is in /results; returns when it is out.
send() {
  local port=$(cat /lab/port)
  stty raw -F "$port"
  tar c -C /results . | gzip -1 > "$port"
}

# Whatever tracing has been left behind, one thing a line; nothing where all is clean.
left_behind() {
  ls $TRACING/instances
  [ "$(recorders)" = 0 ] || echo "$(recorders) recorders still enabled"
}
