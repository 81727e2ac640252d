// entries FILE...: opens each trace with libkshark, as KernelShark does, and prints what it would
// list: a line of JSON a file, the entries in all, by event, and what is wrong with them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libkshark.h>

enum { most = 64 };
struct tally {
  char name[64];
  long count;
};

static void count(struct tally *tallies, const char *name) {
  int at = 0;
  while (at < most - 1 && tallies[at].count && strcmp(tallies[at].name, name)) at++;
  snprintf(tallies[at].name, sizeof tallies[at].name, "%s", name);
  tallies[at].count++;
}

static int list(struct kshark_context *kernelshark, const char *path) {
  int stream = kshark_open(kernelshark, path);
  struct kshark_entry **entries = NULL;
  ssize_t found = stream < 0 ? -1 : kshark_load_entries(kernelshark, stream, &entries);
  if (found < 0) {
    fprintf(stderr, "%s: KernelShark's library cannot open it\n", path);
    return 1;
  }
  struct tally tallies[most] = {0};
  long empty = 0, backwards = 0;
  for (ssize_t at = 0; at < found; at++) {
    char *name = kshark_get_event_name(entries[at]), *info = kshark_get_info(entries[at]);
    if (!name || !info || !*info) empty++;
    if (at && entries[at]->ts < entries[at - 1]->ts) backwards++;
    count(tallies, name ? name : "?");
    free(name);
    free(info);
  }
  printf("{\"entries\": %zd, \"empty\": %ld, \"backwards\": %ld, \"events\": {", found, empty, backwards);
  for (int at = 0; at < most && tallies[at].count; at++)
    printf("%s\"%s\": %ld", at ? ", " : "", tallies[at].name, tallies[at].count);
  printf("}}\n");
  for (ssize_t at = 0; at < found; at++) free(entries[at]);
  free(entries);
  kshark_close(kernelshark, stream);
  return 0;
}

int main(int count, char **paths) {
  int failed = 0;
  struct kshark_context *kernelshark = NULL;
  if (!kshark_instance(&kernelshark)) return 1;
  for (int at = 1; at < count; at++) failed |= list(kernelshark, paths[at]);
  return failed;
}
