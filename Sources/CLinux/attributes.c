#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

// Those that say something of the content, which is new, or make a program of it.
static int stays_behind(const char *name) {
  static const char *const names[] = {"security.capability", "security.ima", "security.evm"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0) return 1;
  return 0;
}

static int copy(int from, int to, const char *name) {
  ssize_t size = fgetxattr(from, name, NULL, 0);
  if (size < 0) return errno == ENODATA ? 0 : -1;
  char *value = malloc(size > 0 ? (size_t)size : 1);
  if (!value) return -1;
  size = fgetxattr(from, name, value, (size_t)size);
  // What has it already, as a label that the system gives, needs no right to be given.
  char *has = malloc(size > 0 ? (size_t)size : 1);
  int is_there = has && size >= 0 && fgetxattr(to, name, has, (size_t)size) == size &&
                 memcmp(has, value, (size_t)size) == 0;
  int result = size < 0 ? -1 : is_there ? 0 : fsetxattr(to, name, value, (size_t)size, 0);
  free(has);
  free(value);
  return result;
}

int linux_copy_attributes(int from, int to, char *missed) {
  enum { MOST = 1 << 16 };  // XATTR_LIST_MAX, linux include/uapi/linux/limits.h
  char *names = malloc(MOST);
  if (!names) return -1;
  ssize_t length = flistxattr(from, names, MOST);
  int result = 0;
  for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1) {
    const char *name = names + at;
    if (stays_behind(name) || copy(from, to, name) == 0 || result < 0) continue;
    strncpy(missed, name, 255);
    missed[255] = 0;
    result = -1;
  }
  free(names);
  return result;
}
