// What Swift cannot call itself: ioctls on /dev/kvm, kvm_run, and threads' names and places.
// Every function returns a value >= 0, or -errno.
#ifndef CKVM_H
#define CKVM_H

#include <stdint.h>

/// A VM with its interrupt chips in the kernel.
int ckvm_vm_create(int kvm);
int ckvm_vm_memory(int vm, void *_Nonnull memory, uint64_t size);
/// KVM_CAP_HALT_POLL: the VM's own ceiling of the polling window.
int ckvm_vm_ceiling(int vm, uint64_t ns);
/// KVM_CAP_X86_DISABLE_EXITS for HLT: the guest halts the CPU itself. Before any vCPU is created; -ENOTSUP: KVM here
/// does not allow it.
int ckvm_vm_keeps_halt(int vm);
/// An interrupt `vector` for the local APIC `apic`.
int ckvm_vm_signal(int vm, uint32_t apic, uint32_t vector);
/// An eventfd: each byte the vCPUs write to `port` adds one.
int ckvm_vm_doorbell(int vm, uint16_t port);

int ckvm_vcpu_create(int vm, uint32_t id);
/// Real mode at `entry`, its data and stack in the page at `page`, FS on its local APIC, enabled.
int ckvm_vcpu_setup(int vcpu, uint32_t page, uint16_t entry);
int ckvm_vcpu_tsc_khz(int vcpu);
int ckvm_vcpu_stats(int vcpu);
/// What the vCPU's time stamp counter is ahead of this machine's (KVM_VCPU_TSC_OFFSET, from 5.16 on).
int ckvm_vcpu_tsc_offset(int vcpu, uint64_t *_Nonnull offset);
/// This machine's time stamp counter.
uint64_t ckvm_tsc(void);

struct kvm_run;
int ckvm_run_map(int kvm, int vcpu, struct kvm_run *_Nullable *_Nonnull run);
/// The exit's reason; -EINTR after a kick.
int ckvm_run(int vcpu, struct kvm_run *_Nonnull run);
/// The next KVM_RUN returns at once.
void ckvm_run_leave(struct kvm_run *_Nonnull run);

/// The calling thread: its id, its name, its only CPU, its timers' slack.
int ckvm_thread_id(void);
int ckvm_thread_name(const char *_Nonnull name);
int ckvm_thread_pin(int cpu);
int ckvm_thread_precise(void);
/// `signal` has a handler that does nothing: it only interrupts.
int ckvm_signal_interrupts(int signal);

#endif
