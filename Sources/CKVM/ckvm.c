#define _GNU_SOURCE
#include "ckvm.h"

#include <errno.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TSS_ADDRESS = 0xfffbd000, APIC_BASE = 0xfee00000, APIC_SPURIOUS = 0xf0 };

static int checked(long result) { return result < 0 ? -errno : (int)result; }

int ckvm_vm_create(int kvm) {
  int version = ioctl(kvm, KVM_GET_API_VERSION, 0);
  if (version != KVM_API_VERSION) return version < 0 ? -errno : -ENOTSUP;
  int vm = ioctl(kvm, KVM_CREATE_VM, 0);
  if (vm < 0) return -errno;
  if (ioctl(vm, KVM_SET_TSS_ADDR, (unsigned long)TSS_ADDRESS) == 0 &&
      ioctl(vm, KVM_CREATE_IRQCHIP, 0) == 0)
    return vm;
  int error = errno;
  close(vm);
  return -error;
}

int ckvm_vm_memory(int vm, void *memory, uint64_t size) {
  struct kvm_userspace_memory_region region = {
      .memory_size = size, .userspace_addr = (uint64_t)memory};
  return checked(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region));
}

int ckvm_vm_ceiling(int vm, uint64_t ns) {
  struct kvm_enable_cap cap = {.cap = KVM_CAP_HALT_POLL, .args = {ns}};
  return checked(ioctl(vm, KVM_ENABLE_CAP, &cap));
}

int ckvm_vm_keeps_halt(int vm) {
  int allowed = ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_X86_DISABLE_EXITS);
  if (allowed < 0) return -errno;
  if (!(allowed & KVM_X86_DISABLE_EXITS_HLT)) return -ENOTSUP;
  struct kvm_enable_cap cap = {
      .cap = KVM_CAP_X86_DISABLE_EXITS, .args = {KVM_X86_DISABLE_EXITS_HLT}};
  return checked(ioctl(vm, KVM_ENABLE_CAP, &cap));
}

int ckvm_vm_signal(int vm, uint32_t apic, uint32_t vector) {
  struct kvm_msi msi = {.address_lo = APIC_BASE | apic << 12, .data = vector};
  return checked(ioctl(vm, KVM_SIGNAL_MSI, &msi));
}

int ckvm_vm_doorbell(int vm, uint16_t port) {
  int counter = eventfd(0, EFD_CLOEXEC);
  if (counter < 0) return -errno;
  struct kvm_ioeventfd bell = {
      .addr = port, .len = 1, .fd = counter, .flags = KVM_IOEVENTFD_FLAG_PIO};
  if (ioctl(vm, KVM_IOEVENTFD, &bell) == 0) return counter;
  int error = errno;
  close(counter);
  return -error;
}

int ckvm_vcpu_create(int vm, uint32_t id) {
  return checked(ioctl(vm, KVM_CREATE_VCPU, (unsigned long)id));
}

static int enable_apic(int vcpu) {
  struct kvm_lapic_state apic;
  uint32_t on = 0x1ff;
  if (ioctl(vcpu, KVM_GET_LAPIC, &apic) < 0) return -errno;
  memcpy(apic.regs + APIC_SPURIOUS, &on, sizeof on);
  return checked(ioctl(vcpu, KVM_SET_LAPIC, &apic));
}

int ckvm_vcpu_setup(int vcpu, uint32_t page, uint16_t entry) {
  struct kvm_sregs segments;
  if (ioctl(vcpu, KVM_GET_SREGS, &segments) < 0) return -errno;
  segments.cs.base = segments.cs.selector = 0;
  segments.ds.base = segments.ss.base = page;
  segments.fs.base = APIC_BASE;
  if (ioctl(vcpu, KVM_SET_SREGS, &segments) < 0) return -errno;
  struct kvm_regs registers = {.rip = entry, .rsp = 0x1000, .rflags = 2};
  if (ioctl(vcpu, KVM_SET_REGS, &registers) < 0) return -errno;
  struct kvm_mp_state state = {KVM_MP_STATE_RUNNABLE};
  if (ioctl(vcpu, KVM_SET_MP_STATE, &state) < 0) return -errno;
  return enable_apic(vcpu);
}

int ckvm_vcpu_tsc_khz(int vcpu) { return checked(ioctl(vcpu, KVM_GET_TSC_KHZ, 0)); }

int ckvm_vcpu_stats(int vcpu) { return checked(ioctl(vcpu, KVM_GET_STATS_FD, 0)); }

int ckvm_vcpu_tsc_offset(int vcpu, uint64_t *offset) {
  struct kvm_device_attr attribute = {
      .group = KVM_VCPU_TSC_CTRL, .attr = KVM_VCPU_TSC_OFFSET, .addr = (uint64_t)offset};
  return checked(ioctl(vcpu, KVM_GET_DEVICE_ATTR, &attribute));
}

uint64_t ckvm_tsc(void) { return __builtin_ia32_rdtsc(); }

int ckvm_run_map(int kvm, int vcpu, struct kvm_run **run) {
  int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
  if (size < 0) return -errno;
  void *map = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
  if (map == MAP_FAILED) return -errno;
  *run = map;
  return 0;
}

int ckvm_run(int vcpu, struct kvm_run *run) {
  return ioctl(vcpu, KVM_RUN, 0) < 0 ? -errno : (int)run->exit_reason;
}

void ckvm_run_leave(struct kvm_run *run) {
  __atomic_store_n(&run->immediate_exit, 1, __ATOMIC_SEQ_CST);
}

int ckvm_thread_id(void) { return checked(syscall(SYS_gettid)); }

int ckvm_thread_name(const char *name) { return -pthread_setname_np(pthread_self(), name); }

int ckvm_thread_pin(int cpu) {
  cpu_set_t *set = CPU_ALLOC(cpu + 1);
  if (set == NULL) return -ENOMEM;
  size_t size = CPU_ALLOC_SIZE(cpu + 1);
  CPU_ZERO_S(size, set);
  CPU_SET_S(cpu, size, set);
  int result = checked(sched_setaffinity(0, size, set));
  CPU_FREE(set);
  return result;
}

int ckvm_thread_precise(void) { return checked(prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0)); }

static void nothing(int signal) { (void)signal; }

int ckvm_signal_interrupts(int signal) {
  struct sigaction action = {.sa_handler = nothing};
  return checked(sigaction(signal, &action, NULL));
}
