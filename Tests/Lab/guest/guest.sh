# A real guest: QEMU with Linux and busybox in it, recorded from its first instruction to the end of its work.
. /lab/lib.sh
# Emulated twice over, halts are long: with longer windows there are polls and decisions.
set_parameters 4000000 2 200000 2
parameters > parameters

qemu-system-x86_64 --version > qemu.version
start web1 polltrace record --duration 600 -o web1.dat
recorder=$started
until_recording 1
# Only this shape of machine boots under nested emulation: ACPI, SeaBIOS or a trusted TSC and it hangs.
start qemu qemu-system-x86_64 -L /firmware -M microvm,acpi=off,x-option-roms=off,pit=on,pic=on,rtc=on,isa-serial=on \
  -accel kvm -cpu host -smp 2 -m 256M -nodefaults -no-user-config -display none -no-reboot \
  -name guest=web1,debug-threads=on -serial file:web1-console.log \
  -kernel /inner/vmlinuz -initrd /inner/initramfs \
  -append "console=ttyS0 rdinit=/init mitigations=off random.trust_cpu=on acpi=off"
qemu=$started

# A small one of the same, by the VM's name, from where its work begins.
until_true grep -qs "timers: every" web1-console.log
run fixture polltrace record --vm web1 --duration 1s -o fixture.dat

for second in $(seq 150); do
  grep -qs "work done" web1-console.log && break
  kill -0 $qemu || break
  sleep 1
done
for task in /proc/$qemu/task/*; do echo "${task##*/} $(cat $task/comm)"; done > web1.threads
# Stopped, so that KVM's sums and the recording end at the same halt.
kill -STOP $qemu
sleep 1
counters > web1.counters
run top polltrace top --json -n 1
kill -TERM $recorder
ended web1 $recorder
kill -KILL $qemu

left_behind > left-behind
