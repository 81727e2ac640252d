# A guest that polls before it halts, recorded on both sides at once: there by polltrace in it, here from before until after.
. /lab/lib.sh
# Emulated twice over, halts are long: with longer windows this host would poll at many of them, if the guest let it.
set_parameters 4000000 2 200000 2
parameters > parameters

# Of the shape that boots under nested emulation (see guest.sh). Its memory is a file, in which it leaves its results.
start qemu qemu-system-x86_64 -L /firmware -accel kvm -cpu host -smp 2 \
  -M microvm,acpi=off,x-option-roms=off,pit=on,pic=on,rtc=on,isa-serial=on,memory-backend=memory \
  -m 512M -object memory-backend-file,id=memory,size=512M,mem-path=/tmp/memory,share=on \
  -nodefaults -no-user-config -display none -no-reboot \
  -name guest=web1,debug-threads=on -serial file:web1-console.log \
  -kernel /inner/vmlinuz -initrd /inner/initramfs \
  -append 'console=ttyS0 rdinit=/init mitigations=off random.trust_cpu=on acpi=off cpuidle_haltpoll.force=1 memmap=16M$128M'
qemu=$started

# until_written TEXT: until the guest has written that.
until_written() {
  local try
  for try in $(seq 2400); do
    grep -qs "$1" web1-console.log && return
    kill -0 $qemu || return
    sleep 0.1
  done
}

# look NAME: KVM's sums, and when that was on the clock mono, from amid a time in which the guest stands still.
look() {
  kill -STOP $qemu
  sleep 0.5
  counters > "$1.counters"
  cut -d ' ' -f 1 /proc/uptime > "$1.seconds"
  sleep 0.5
}

until_written "ready"
start host polltrace record --duration 600 -o host.dat
recorder=$started
until_recording 1
look begin
kill -CONT $qemu
until_written "work done"
look end
kill -TERM $recorder
ended host $recorder
kill -KILL $qemu
dd if=/tmp/memory bs=1M skip=128 count=16 2> /dev/null | tar x || echo "nothing came back from the guest"

left_behind > left-behind
