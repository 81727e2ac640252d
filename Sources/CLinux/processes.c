#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

int linux_lock(int file) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return fcntl(file, F_SETLK, &lock);
}

pid_t linux_lock_holder(int file) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (fcntl(file, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK) return 0;
  return lock.l_pid;
}

int linux_end_lock_holder(int file, int milliseconds) {
  pid_t holder = linux_lock_holder(file);
  if (holder <= 1 || holder == getpid()) return -1;
  int process = linux_process(holder);
  if (process < 0) return -1;
  // Whoever held it at both times is the process behind the descriptor: its number was not given away.
  int result = linux_lock_holder(file) == holder
                   ? (int)syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0)
                   : -1;
  struct pollfd end = {.fd = process, .events = POLLIN};
  if (result == 0) result = poll(&end, 1, milliseconds) == 1 ? 0 : -1;
  close(process);
  return result;
}

void linux_close_from(int first) {
  if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
  long most = sysconf(_SC_OPEN_MAX);
  for (int file = first; file < most; file++) close(file);
}

int linux_log(const char *path, const char *line) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof name.sun_path) return -1;
  strcpy(name.sun_path, path);
  int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (file < 0) return -1;
  ssize_t sent = sendto(file, line, strlen(line), MSG_NOSIGNAL, (struct sockaddr *)&name, sizeof name);
  close(file);
  return sent < 0 ? -1 : 0;
}
