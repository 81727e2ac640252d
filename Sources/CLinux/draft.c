#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// What ends a process that does not ask for it.
static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXCPU};
enum { ENDS = sizeof ends / sizeof *ends };

#define OPEN_FILES "/proc/self/fd/%d"

// The one draft there is. Written with the signals blocked in this thread, awaited in others.
static int draft_folder;
static char draft_name[256];
static atomic_int is_draft;
// Between making the file and noting it.
static atomic_int is_making;

void linux_remove_draft(void) {
  if (atomic_exchange(&is_draft, 0)) unlinkat(draft_folder, draft_name, 0);
}

static void end(int signal) {
  // That is another thread, which is not interrupted.
  while (atomic_load(&is_making)) continue;
  linux_remove_draft();
  // Blocked while it is handled: it ends the process on return.
  struct sigaction usual = {.sa_handler = SIG_DFL};
  sigaction(signal, &usual, NULL);
  raise(signal);
}

// Gives a draft its name: as a new file, or, where there is a `file` without a name, that.
static int name_draft(int file, int folder, const char *name, mode_t mode) {
  if (strlen(name) >= sizeof draft_name) {
    errno = ENAMETOOLONG;
    return -1;
  }
  sigset_t blocked, before;
  sigemptyset(&blocked);
  for (int i = 0; i < ENDS; i++) sigaddset(&blocked, ends[i]);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  atomic_store(&is_making, 1);
  for (int i = 0; i < ENDS; i++) {
    struct sigaction action = {.sa_handler = end}, old;
    if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
      sigaction(ends[i], &action, NULL);
  }
  // A limit of a file's size (ulimit -f) is met as a full disk is: the write fails.
  signal(SIGXFSZ, SIG_IGN);
  char open_file[sizeof OPEN_FILES + 16];
  snprintf(open_file, sizeof open_file, OPEN_FILES, file);
  int result = file < 0 ? openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
                        : linkat(AT_FDCWD, open_file, folder, name, AT_SYMLINK_FOLLOW);
  int why = errno;
  if (result >= 0) {
    draft_folder = folder;
    strcpy(draft_name, name);
    atomic_store(&is_draft, 1);
  }
  atomic_store(&is_making, 0);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = why;
  return result;
}

int linux_make_draft(int folder, const char *name, mode_t mode) {
  return name_draft(-1, folder, name, mode);
}

int linux_make_nameless_draft(int folder, mode_t mode) {
  // Not O_EXCL: that would keep it from ever getting a name.
  int file = openat(folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
  if (file < 0) return -1;
  // It gets its name through /proc (open(2)), which may not be there.
  char open_file[sizeof OPEN_FILES + 16];
  snprintf(open_file, sizeof open_file, OPEN_FILES, file);
  if (access(open_file, F_OK) == 0) {
    signal(SIGXFSZ, SIG_IGN);
    return file;
  }
  close(file);
  errno = EOPNOTSUPP;
  return -1;
}

int linux_name_draft(int file, int folder, const char *name) {
  return name_draft(file, folder, name, 0);
}

void linux_keep_draft(void) { atomic_store(&is_draft, 0); }
