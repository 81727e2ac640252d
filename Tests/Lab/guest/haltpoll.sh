# A guest that polls before it halts, recorded on both sides at once. Without haltpoll, before and after, it is this host
# that polls: one recording here is of all that.
. /lab/lib.sh
# Emulated twice over, halts are long: with longer windows there are polls and decisions.
set_parameters 4000000 2 200000 2
parameters > parameters

start whole polltrace record --duration 600 -o whole.dat
whole=$started
until_recording 1
truncate -s 32M /tmp/disk
# Of the shape that boots under nested emulation (see guest.sh), with a disk.
start qemu qemu-system-x86_64 -L /firmware -M microvm,acpi=off,x-option-roms=off,pit=on,pic=on,rtc=on,isa-serial=on \
  -accel kvm -cpu host -smp 2 -m 512M -nodefaults -no-user-config -display none -no-reboot \
  -name guest=web1,debug-threads=on -serial file:web1-console.log \
  -drive file=/tmp/disk,format=raw,if=none,id=disk -device virtio-blk-device,drive=disk \
  -kernel /inner/vmlinuz -initrd /inner/initramfs \
  -append "console=ttyS0 rdinit=/init mitigations=off random.trust_cpu=on acpi=off"
qemu=$started

# look TEXT NAME: KVM's sums when the guest has written that, from a moment at which it stands still.
look() {
  local try
  for try in $(seq 2400); do
    grep -qs "$1" web1-console.log && break
    kill -0 $qemu || return
    sleep 0.1
  done
  kill -STOP $qemu
  sleep 0.2
  counters > "$2.counters"
  kill -CONT $qemu
}
look "the guest polls" begin
start host polltrace record --duration 600 -o host.dat
host=$started
look "recorded" end
kill -TERM $host
ended host $host
look "work done" last
kill -STOP $qemu
kill -TERM $whole
ended whole $whole
kill -KILL $qemu
tar x -f /tmp/disk || echo "nothing came back from the guest"

left_behind > left-behind
