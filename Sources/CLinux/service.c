#define _GNU_SOURCE
#include "CLinux.h"

#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static int signals = -1;
static int calls = -1;

int linux_service_events(void) {
  // Whoever reads an answer may go away.
  signal(SIGPIPE, SIG_IGN);
  // A parent that ignores the ends of its children would have the kernel take ours away.
  signal(SIGCHLD, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGCHLD);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -1;
  signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  calls = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  int events = epoll_create1(EPOLL_CLOEXEC);
  if (signals < 0 || calls < 0 || events < 0) return -1;
  struct epoll_event input = {.events = EPOLLIN};
  if (epoll_ctl(events, EPOLL_CTL_ADD, signals, &input) < 0 ||
      epoll_ctl(events, EPOLL_CTL_ADD, calls, &input) < 0)
    return -1;
  return events;
}

int linux_service_signal(void) {
  struct signalfd_siginfo info;
  while (read(signals, &info, sizeof info) == (ssize_t)sizeof info)
    if (info.ssi_signo != SIGCHLD) return (int)info.ssi_signo;
  return 0;
}

void linux_service_call(void) {
  uint64_t one = 1;
  ssize_t written = write(calls, &one, sizeof one);
  (void)written;
}

void linux_service_called(void) {
  uint64_t count;
  ssize_t got = read(calls, &count, sizeof count);
  (void)got;
}

int linux_keep_only_looking(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) < 0) return -1;
  uint32_t kept = 1u << CAP_SYS_PTRACE | 1u << CAP_DAC_READ_SEARCH;
  // What a program that this process started could get back; refused without CAP_SETPCAP, which is
  // as well, since no program is started with more than this process has.
  for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
    if (capability != CAP_SYS_PTRACE && capability != CAP_DAC_READ_SEARCH)
      prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
  data[0].permitted &= kept;
  data[0].effective = data[0].permitted;
  data[0].inheritable = 0;
  data[1] = (struct __user_cap_data_struct){0};
  return (int)syscall(SYS_capset, &header, data);
}
