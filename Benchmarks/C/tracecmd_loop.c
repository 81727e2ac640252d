// Reads the fields of the two kvm events of a trace.dat through libtracecmd, and adds them up.
#include <stdio.h>
#include <string.h>
#include <trace-cmd.h>

static struct tep_format_field *ns, *waited, *new_window, *old_window, *vcpu;
static int wakeup_id = -1, decision_id = -1;
static unsigned long long halts, decisions, sum;

static int take(struct tracecmd_input *handle, struct tep_record *record, int cpu, void *data) {
  struct tep_handle *tep = tracecmd_get_tep(handle);
  int id = tep_data_type(tep, record);
  unsigned long long value;
  (void)cpu, (void)data;
  if (id == wakeup_id) {
    halts++;
    if (!tep_read_number_field(ns, record->data, &value)) sum += value;
    if (!tep_read_number_field(waited, record->data, &value)) sum += value;
    sum += tep_data_pid(tep, record);
  } else if (id == decision_id) {
    decisions++;
    if (!tep_read_number_field(new_window, record->data, &value)) sum += value;
    if (!tep_read_number_field(old_window, record->data, &value)) sum += value;
    if (!tep_read_number_field(vcpu, record->data, &value)) sum += value;
    sum += tep_data_pid(tep, record);
  }
  return 0;
}

int main(int argc, char **argv) {
  struct tracecmd_input *handle = tracecmd_open(argv[argc - 1], 0);
  if (!handle) return 1;
  struct tep_handle *tep = tracecmd_get_tep(handle);
  struct tep_event *wakeup = tep_find_event_by_name(tep, "kvm", "kvm_vcpu_wakeup");
  struct tep_event *decision = tep_find_event_by_name(tep, "kvm", "kvm_halt_poll_ns");
  if (!wakeup || !decision) return 1;
  wakeup_id = wakeup->id;
  decision_id = decision->id;
  ns = tep_find_field(wakeup, "ns");
  waited = tep_find_field(wakeup, "waited");
  new_window = tep_find_field(decision, "new");
  old_window = tep_find_field(decision, "old");
  vcpu = tep_find_field(decision, "vcpu_id");
  tracecmd_iterate_events(handle, NULL, 0, take, NULL);
  printf("%llu halts, %llu decisions, sum %llu\n", halts, decisions, sum);
  tracecmd_close(handle);
}
