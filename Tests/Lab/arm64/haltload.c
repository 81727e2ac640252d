// haltload for arm64, as far as the lab needs it: vCPUs that wait for an interrupt (WFI), woken through the vGIC.
//
//   haltload --vcpus N --mean NS --duration SECONDS --seed N --stats FILE
//
// Statically linked, because it runs in an initramfs of another architecture's making.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { MOST_VCPUS = 8, FIRST_INTERRUPT = 32 };
static const uint64_t DISTRIBUTOR = 0x08000000, REDISTRIBUTORS = 0x080a0000;
static const uint64_t MEMORY = 0x40000000, MEMORY_SIZE = 0x10000;

struct vcpu {
  int id, file, statistics;
  struct kvm_run *run;
  pthread_t thread, waker;
  pid_t tid;
  uint64_t wakes;
};

static struct vcpu vcpus[MOST_VCPUS];
static int count = 1, machine;
static double mean = 1e6, duration = 3;
static unsigned seed = 1;
static const char *statistics;
static volatile bool over;

// The guest: x0 = distributor, x1 = number of the vCPU. It takes shared interrupt 32 + x1 for itself (KVM treats private
// ones as level-triggered for good) and waits for it for ever, with interrupts masked: WFI ends all the same, and the
// interrupt is taken by hand.
extern const char guest[], guest_end[];
__asm__(
    ".pushsection .rodata\n"
    ".global guest, guest_end\n"
    "guest:\n"
    "  mov w2, #0x12\n"                 // GICD_CTLR: affinity routing, group 1
    "  str w2, [x0]\n"
    "  mov w2, #-1\n"
    "  str w2, [x0, #0x84]\n"           // GICD_IGROUPR1: all in group 1
    "  mov w2, #0xaaaaaaaa\n"
    "  str w2, [x0, #0xc08]\n"          // GICD_ICFGR2: 32 to 47 are edge-triggered
    "  mov x3, #0x6100\n"
    "  add x3, x3, x1, lsl #3\n"
    "  str x1, [x0, x3]\n"              // GICD_IROUTER32+x1: to this vCPU
    "  mov w2, #1\n"
    "  lsl w2, w2, w1\n"
    "  str w2, [x0, #0x104]\n"          // GICD_ISENABLER1
    "  mov x2, #7\n"
    "  msr S3_0_C12_C12_5, x2\n"        // ICC_SRE_EL1
    "  isb\n"
    "  mov x2, #0xff\n"
    "  msr S3_0_C4_C6_0, x2\n"          // ICC_PMR_EL1
    "  mov x2, #1\n"
    "  msr S3_0_C12_C12_7, x2\n"        // ICC_IGRPEN1_EL1
    "  isb\n"
    "again:\n"
    "  wfi\n"
    "  mrs x2, S3_0_C12_C12_0\n"        // ICC_IAR1_EL1
    "  msr S3_0_C12_C12_1, x2\n"        // ICC_EOIR1_EL1
    "  b again\n"
    "guest_end:\n"
    ".popsection\n");

static long checked(long result, const char *what) {
  if (result < 0) {
    fprintf(stderr, "haltload: %s: %s\n", what, strerror(errno));
    exit(1);
  }
  return result;
}
#define CHECKED(call) checked((call), #call)

static void set_attribute(int device, uint32_t group, uint64_t attribute, const void *value) {
  struct kvm_device_attr attr = {.group = group, .attr = attribute, .addr = (uintptr_t)value};
  CHECKED(ioctl(device, KVM_SET_DEVICE_ATTR, &attr));
}

static void set_register(int file, size_t offset, uint64_t value) {
  struct kvm_one_reg reg = {
      .id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | offset / sizeof(uint32_t),
      .addr = (uintptr_t)&value,
  };
  CHECKED(ioctl(file, KVM_SET_ONE_REG, &reg));
}

static void create_vcpu(int kvm, int id) {
  struct vcpu *vcpu = &vcpus[id];
  vcpu->id = id;
  vcpu->file = CHECKED(ioctl(machine, KVM_CREATE_VCPU, id));
  vcpu->statistics = ioctl(vcpu->file, KVM_GET_STATS_FD, 0);  // Linux 5.14; -1 before
  size_t size = CHECKED(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
  vcpu->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->file, 0);
  struct kvm_vcpu_init init;
  CHECKED(ioctl(machine, KVM_ARM_PREFERRED_TARGET, &init));
  CHECKED(ioctl(vcpu->file, KVM_ARM_VCPU_INIT, &init));
  set_register(vcpu->file, offsetof(struct kvm_regs, regs.pc), MEMORY);
  set_register(vcpu->file, offsetof(struct kvm_regs, regs.regs[0]), DISTRIBUTOR);
  set_register(vcpu->file, offsetof(struct kvm_regs, regs.regs[1]), id);
}

static void create_machine(void) {
  int kvm = CHECKED(open("/dev/kvm", O_RDWR | O_CLOEXEC));
  machine = CHECKED(ioctl(kvm, KVM_CREATE_VM, 0));
  void *memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  memcpy(memory, guest, guest_end - guest);
  __builtin___clear_cache(memory, (char *)memory + (guest_end - guest));
  struct kvm_userspace_memory_region region = {
      .guest_phys_addr = MEMORY, .memory_size = MEMORY_SIZE, .userspace_addr = (uintptr_t)memory};
  CHECKED(ioctl(machine, KVM_SET_USER_MEMORY_REGION, &region));
  struct kvm_create_device gic = {.type = KVM_DEV_TYPE_ARM_VGIC_V3};
  CHECKED(ioctl(machine, KVM_CREATE_DEVICE, &gic));
  for (int id = 0; id < count; id++) create_vcpu(kvm, id);
  set_attribute(gic.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &DISTRIBUTOR);
  set_attribute(gic.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &REDISTRIBUTORS);
  set_attribute(gic.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

static void *run_vcpu(void *argument) {
  struct vcpu *vcpu = argument;
  char name[16];
  snprintf(name, sizeof name, "CPU %d/KVM", vcpu->id);
  prctl(PR_SET_NAME, name);
  vcpu->tid = gettid();
  while (!over) {
    if (ioctl(vcpu->file, KVM_RUN, 0) < 0 && errno != EINTR && errno != EAGAIN) checked(-1, "KVM_RUN");
    if (vcpu->run->exit_reason != KVM_EXIT_INTR && !over) {
      fprintf(stderr, "haltload: vCPU %d left with reason %u\n", vcpu->id, vcpu->run->exit_reason);
      exit(1);
    }
  }
  return NULL;
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * UINT64_C(1000000000) + time.tv_nsec;
}

static void *wake_vcpu(void *argument) {
  struct vcpu *vcpu = argument;
  unsigned short state[3] = {seed, vcpu->id, 0};
  prctl(PR_SET_TIMERSLACK, 1);
  struct kvm_irq_level line = {
      .irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (FIRST_INTERRUPT + vcpu->id)};
  for (uint64_t next = now(); !over; vcpu->wakes++) {
    next += -log(1 - erand48(state)) * mean;
    struct timespec at = {next / 1000000000, next % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) continue;
    line.level = 1;
    CHECKED(ioctl(machine, KVM_IRQ_LINE, &line));
    line.level = 0;
    CHECKED(ioctl(machine, KVM_IRQ_LINE, &line));
  }
  return NULL;
}

static void write_statistics(FILE *out, const struct vcpu *vcpu) {
  struct kvm_stats_header head;
  if (vcpu->statistics < 0 || pread(vcpu->statistics, &head, sizeof head, 0) != sizeof head) return;
  size_t size = sizeof(struct kvm_stats_desc) + head.name_size;
  struct kvm_stats_desc *about = malloc(size);
  for (uint32_t i = 0; i < head.num_desc; i++) {
    uint64_t values[64];
    if (pread(vcpu->statistics, about, size, head.desc_offset + i * size) != (ssize_t)size) break;
    if (strncmp(about->name, "halt_", 5) != 0 || about->size > 64) continue;
    if (pread(vcpu->statistics, values, about->size * 8, head.data_offset + about->offset) < 0) break;
    fprintf(out, ", \"%s\": %s", about->name, about->size > 1 ? "[" : "");
    for (int v = 0; v < about->size; v++) fprintf(out, "%s%llu", v ? ", " : "", (unsigned long long)values[v]);
    fputs(about->size > 1 ? "]" : "", out);
  }
  free(about);
}

static void write_all_statistics(void) {
  FILE *out = fopen(statistics, "w");
  if (out == NULL) checked(-1, statistics);
  fprintf(out, "{ \"vm\": { \"pid\": %d, \"ceiling_ns\": null }, \"vcpus\": [", getpid());
  for (int id = 0; id < count; id++) {
    fprintf(out, "%s\n  { \"vcpu\": %d, \"tid\": %d, \"wakes_sent\": %llu", id ? "," : "", id, vcpus[id].tid,
            (unsigned long long)vcpus[id].wakes);
    write_statistics(out, &vcpus[id]);
    fputs(" }", out);
  }
  fputs("\n] }\n", out);
  fclose(out);
}

static void interrupted(int signal) { (void)signal; }

int main(int argc, char **argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--vcpus") == 0) count = atoi(argv[i + 1]);
    if (strcmp(argv[i], "--mean") == 0) mean = atof(argv[i + 1]);
    if (strcmp(argv[i], "--duration") == 0) duration = atof(argv[i + 1]);
    if (strcmp(argv[i], "--seed") == 0) seed = atoi(argv[i + 1]);
    if (strcmp(argv[i], "--stats") == 0) statistics = argv[i + 1];
  }
  if (count < 1 || count > MOST_VCPUS) return 64;
  struct sigaction action = {.sa_handler = interrupted};
  sigaction(SIGUSR1, &action, NULL);
  create_machine();
  for (int id = 0; id < count; id++) {
    pthread_create(&vcpus[id].thread, NULL, run_vcpu, &vcpus[id]);
    pthread_create(&vcpus[id].waker, NULL, wake_vcpu, &vcpus[id]);
  }
  usleep(duration * 1e6);
  over = true;
  for (int id = 0; id < count; id++) {
    pthread_join(vcpus[id].waker, NULL);
    vcpus[id].run->immediate_exit = 1;
    pthread_kill(vcpus[id].thread, SIGUSR1);
    pthread_join(vcpus[id].thread, NULL);
  }
  if (statistics != NULL) write_all_statistics();
  return 0;
}
