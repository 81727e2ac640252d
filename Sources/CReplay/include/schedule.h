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

// What these are called in Swift.
#if __has_attribute(swift_name)
#define SWIFT_NAME(name) __attribute__((swift_name(name)))
#else
#define SWIFT_NAME(name)
#endif

// One wake event of a vCPU: lengths in ns, none below 0 but where that is said.
struct SWIFT_NAME("WakeEvent") schedule_event {
  // When it comes; where the guest makes it itself, how long after the halt's begin.
  int64_t time;
  // How long the guest runs afterwards, if it polled and if it slept.
  int32_t busy_after_poll SWIFT_NAME("busyAfterPoll");
  int32_t busy_after_sleep SWIFT_NAME("busyAfterSleep");
  // Poll time after which a poll is cut short; INT32_MAX where it is not.
  int32_t poll_limit SWIFT_NAME("pollLimit");
  // Its own latency where it stalled; -1 where the tables tell.
  int32_t own_latency SWIFT_NAME("ownLatency");
  // The halt that it was recorded at, or hidden behind.
  int32_t halt;
  // The tasks that have the CPU between the event before and this one, or came by then.
  int32_t first_rival SWIFT_NAME("firstRival");
  int32_t rivals SWIFT_NAME("rivalCount");
  // Of a wake-up while one of them has it: from the switch to its being seen.
  int32_t path;
  // How long it waits for the task to leave; a vCPU that would wait longer preempts the task, and is seen so
  // long after the event.
  int32_t patience;
  int32_t preempting_latency SWIFT_NAME("preemptingLatency");
  // How long after the event a task stays on the CPU that no rival shows, as one that wakes the vCPU; -1 where
  // none does.
  int32_t task_stays SWIFT_NAME("taskStays");
  // How long ago another vCPU halted on the CPU, and was not woken since; -1 where none did.
  int32_t peer_halted SWIFT_NAME("peerHalted");
  // The place of its latency among 64: its column of the table.
  uint8_t rank;
  // Whether it ended a recorded halt.
  _Bool is_seen SWIFT_NAME("isSeen");
  // Whether a task that went to sleep in front of the vCPU still counts at its next halt, if this one is shorter
  // than short_halt, and if it is not.
  _Bool holds_after_short SWIFT_NAME("holdsAfterShort");
  _Bool holds_after_long SWIFT_NAME("holdsAfterLong");
  // Whether its sender sent it right behind the event before: 0, or 1 where that one had to wake the vCPU; -1
  // where not.
  int8_t sent_behind SWIFT_NAME("sentBehind");
};

// A task that wants the CPU around a wake event; times in ns after the event, no further away than 2^30.
struct SWIFT_NAME("Rival") schedule_rival {
  // One and the same task's time on the CPU has one number.
  int32_t number;
  // When it became runnable, at most 0; when it left; how long it ran.
  int32_t arrived, left, run;
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
  _Bool holds_sleeper;         // whether a task that went to sleep before counts at the first halt
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
  int32_t short_halt;          // see holds_after_short
  int32_t waking_cost;         // how much later a sender goes on that had to wake the vCPU
  int32_t late_after;          // a halt that is seen later after its event is late
  const int32_t *latencies;    // [rank][schedule_column]
  const int32_t *worth;        // the same, the longest wait that is worth polling; NULL: not in hindsight
  const int32_t *own_worth;    // that of each event's own latency, or -1
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
