// Wake events under KVM's window rule, many settings at once. What a replay does stands in
// Sources/PollTraceReplay/Replay/Simulator.swift; a test compares the two, event by event.
#ifndef POLLTRACE_SCHEDULE_H
#define POLLTRACE_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

enum { replay_lanes = 32 };

// Settings in lanes. All lengths are in ns and below 2^24 (16.7 ms), where a division in single
// precision is exact; replay_schedule must not be called with others.
struct replay_settings {
  int32_t ceiling[replay_lanes];
  int32_t factor[replay_lanes];        // halt_poll_ns_grow
  int32_t first[replay_lanes];         // where a closed window opens
  int32_t least[replay_lanes];         // what a grown window is raised to
  int32_t most[replay_lanes];          // what a grown window is cut to at once; INT32_MAX: not
  int32_t grows_below[replay_lanes];   // the ceiling; below all where grow leaves the window as it is
  float divisor[replay_lanes];         // halt_poll_ns_shrink; infinite where it closes the window
  int32_t closes_below[replay_lanes];  // a shrunk window below this closes
};

// A wake event: lengths in ns, none below 0 but where that is said.
struct schedule_event {
  int64_t time;  // when it comes; from the halt's begin on, where the guest makes it itself
  int32_t busy_after_poll;
  int32_t busy_after_sleep;
  int32_t poll_limit;   // when another task ends a poll
  int32_t own_latency;  // below 0: the table tells
  int32_t own_worth;    // in hindsight: the longest wait that is worth polling instead, or -1
  int32_t rank;         // its column of the table
  int32_t first_rival, rivals;   // the tasks that had the CPU since the event before, or came by then
  int32_t path;                  // of a wake-up behind one of them, from the switch on
  int32_t patience;              // how long it waits for one to leave; else it preempts it,
  int32_t preempting_latency;    // and is seen so long after the event
  int32_t holds_sleeper;         // -1 where a task that slept still counts at the next halt, else 0
  int32_t task_stays;            // how long after it a task stays that no rival shows; -1: none
  int32_t peer_halted;           // how long before another vCPU halted there, which still sleeps; -1: none
};

// Another task around a wake event; ns after the event, no further away than 2^30.
struct schedule_rival {
  int32_t number, arrived, left, run;
};

enum schedule_source {
  schedule_external,         // events come when they come
  schedule_external_served,  // and cost a busy guest another busy time
  schedule_own_requests,     // the guest makes them itself
};

// A column of a table has its rows, and room.
enum { schedule_rows = 25, schedule_column = 32, schedule_most = (1 << 30) - 2 };

// Buckets of latencies, as `Histogram` of Sources/PollTrace has them, for all that 31 bits hold.
enum { latency_buckets = 864 };

// Where latencies are counted one by one: those of the first `lanes` settings, in
// `counts`[(lane * blocks + block) * latency_buckets + bucket].
struct latency_watch {
  uint32_t *counts;
  int lanes;
};

// One stretch of a recording without losses.
struct schedule_stretch {
  const struct schedule_event *events;
  size_t count;
  const struct schedule_rival *rivals;  // of all events; NULL: nobody knows
  int64_t begin, end;
  int64_t first_block, block;  // the first block's begin, and each one's length
  int32_t pending;             // how late in the busy time an event still ends the next halt at once
  int32_t shallow;             // asleep for less than this, row 0 tells the latency; 0: it does not
  int32_t poll_latency;        // from an event to its being seen by a poll
  int32_t rounds;              // how often the guest's own requests may be used
  int32_t batch;               // how many steps no sum outgrows 31 bits in
  int32_t turn;                // a poll beside another runnable task lasts for so long
  int32_t switch_time, cut_to_switch;  // until a task runs that came while the vCPU ran, or polled
  int32_t poll_to_switch;      // from the event to the switch from another vCPU that polls
  int32_t entry_to_seen;       // from the switch to the vCPU to its wake-up's being seen
  int32_t late_after;          // a halt that is seen later after its event is late
  const int32_t *latencies;    // [rank][schedule_column]
  const int32_t *worth;        // the same, the longest wait that is worth polling; NULL: not in hindsight
  const struct latency_watch *watch;  // NULL: nobody watches; never in hindsight
};

struct schedule_outcome {
  int64_t halts, attempted, successful, abandoned, success_ns, fail_ns, latency_ns, late;
};

// Replays the stretch under `replay_lanes` settings, whose windows it begins with and leaves in
// `windows`, and adds what each made of it to `outcomes`[lane * blocks + block]. No latency, window or
// worth may exceed `schedule_most`.
void replay_schedule(const struct schedule_stretch *stretch, enum schedule_source source,
                     const struct replay_settings *settings, int blocks, int32_t *windows,
                     struct schedule_outcome *outcomes);

#endif
