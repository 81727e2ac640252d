// The loop over a stretch's events, included once for each kind of CPU: TARGET is the functions'
// attribute, NAME makes their names, PICK looks a row up in a column of a table.

// `RunQueue.pollLimit`: cuts `result` to how long a poll can last that begins at `begin`. `event_ahead` is
// the recorded event, `wait` the event, both from there on. Vectors go by address, as their registers
// depend on what the CPU can.
static inline __attribute__((always_inline)) TARGET void NAME(poll_limit)(
    const struct schedule_stretch *stretch, const struct schedule_event *event, struct run_queue *queue,
    const times *begin, const times *event_ahead, const times *wait, const lanes *now, const lanes *is_active,
    lanes *result) {
  const times began = *begin, ahead = *event_ahead, waited = *wait;
  const lanes window = *now, active = *is_active;
  const times displaced_until = queue->displaced_until - began;
  times until = displaced_until, next = far - (times){0};
  lanes searching = ~(lanes){0}, late = (lanes){0}, late_number = (lanes){0}, late_run = (lanes){0};
  lanes next_number = (lanes){0}, next_run = (lanes){0}, comes = (lanes){0};
  const struct schedule_rival *rival = stretch->rivals + event->first_rival;
  for (int left = event->rivals; left > 0; left--, rival++) {
    times arrived = ahead + rival->arrived;
    lanes before = NARROW(arrived <= 0) & searching;
    lanes is_displaced = queue->displaced == rival->number;
    times leaves = CHOOSE(WIDE(is_displaced), displaced_until, ahead + rival->left);
    until = CHOOSE(WIDE(before), leaves, until);
    late = CHOOSE(before, NARROW(arrived + began > queue->entered) & ~is_displaced, late);
    late_number = CHOOSE(before, rival->number - (lanes){0}, late_number);
    late_run = CHOOSE(before, rival->run - (lanes){0}, late_run);
    lanes first = searching & ~before;
    next = CHOOSE(WIDE(first), arrived, next);
    next_number = CHOOSE(first, rival->number - (lanes){0}, next_number);
    next_run = CHOOSE(first, rival->run - (lanes){0}, next_run);
    comes |= first;
    searching = before;
  }
  late &= active;
  queue->displaced = CHOOSE(late, late_number, queue->displaced);
  queue->displaced_until =
      CHOOSE(WIDE(late), began + stretch->switch_time + WIDE(late_run), queue->displaced_until);
  lanes occupied = queue->holds_sleeper | NARROW(until > 0) | late;
  lanes limit = NARROW(SMALLER(next, far - (times){0}));
  lanes cut = active & ~occupied & comes & (window > limit) & NARROW(waited > next);
  queue->displaced = CHOOSE(cut, next_number, queue->displaced);
  queue->displaced_until =
      CHOOSE(WIDE(cut), began + next + stretch->cut_to_switch + WIDE(next_run), queue->displaced_until);
  *result = SMALLER(*result, CHOOSE(occupied, stretch->turn - (lanes){0}, limit));
}

// `RunQueue.polled`, `wake` and `woke`: `seen` becomes the latency of those that slept; `delayed` are those
// of them that found the CPU occupied.
static inline __attribute__((always_inline)) TARGET void NAME(wake)(
    const struct schedule_stretch *stretch, const struct schedule_event *event, struct run_queue *queue,
    const times *begin, const times *event_ahead, const times *wait, const lanes *now, const lanes *is_active,
    const lanes *has_slept, lanes *seen, lanes *delayed) {
  const times began = *begin, ahead = *event_ahead, waited = *wait;
  const lanes window = *now, active = *is_active, slept = *has_slept;
  lanes latency = *seen, is_behind = (lanes){0};
  times until = queue->displaced_until - began;
  if (event->rivals > 0) {
    const struct schedule_rival *last = stretch->rivals + event->first_rival + event->rivals - 1;
    is_behind = queue->displaced == last->number;
    until = CHOOSE(WIDE(is_behind), until, ahead + last->left);
  }
  if (event->task_stays >= 0) until = CHOOSE(until <= waited, waited + event->task_stays, until);
  if (event->peer_halted >= 0) {
    times polls = (waited - ahead + event->peer_halted < SMALLER(WIDE(window), waited)) & ~WIDE(is_behind);
    until = CHOOSE(polls & (until <= waited), waited + stretch->poll_to_switch, until);
  }
  lanes waits = slept & NARROW(until > waited);
  lanes preempts = NARROW(until - waited > event->patience);
  lanes delay = CHOOSE(preempts, event->preempting_latency - (lanes){0},
                       NARROW(SMALLER(until - waited + event->path, far - 2 - (times){0})));
  times entered = CHOOSE(WIDE(preempts), waited + event->preempting_latency, until);
  lanes is_short = NARROW(waited + WIDE(delay) < stretch->short_halt);
  lanes holds = preempts | CHOOSE(is_short, -(int32_t)event->holds_after_short - (lanes){0},
                                  -(int32_t)event->holds_after_long - (lanes){0});
  latency = CHOOSE(waits, delay, latency);
  entered = CHOOSE(WIDE(waits), entered, waited + WIDE(latency) - stretch->entry_to_seen);
  entered = CHOOSE(WIDE(slept), entered, waited);
  queue->entered = CHOOSE(WIDE(active), began + entered, queue->entered);
  queue->holds_sleeper = CHOOSE(active, waits & holds, queue->holds_sleeper);
  *delayed = waits;
  *seen = latency;
}

// Counts the latencies of those lanes of vector `v` that had a halt.
static inline __attribute__((always_inline)) TARGET void NAME(watch)(
    const struct latency_watch *watch, const struct places *places, int blocks, int v, const lanes *is_active,
    const lanes *seen) {
  const lanes active = *is_active, latency = *seen;
  // A float holds 24 bits; those below do not count, and must not round up.
  const lanes exact = latency & ~CHOOSE(latency >= 1 << 24, 63 - (lanes){0}, (lanes){0});
  const lanes bits = (lanes)__builtin_convertvector(exact, ratios) >> (23 - 5);
  const lanes bucket = CHOOSE(latency < 32, latency, bits - ((127 + 5 - 1) << 5));
  for (int at = 0; at < width && v * width + at < watch->lanes; at++) {
    size_t lane = (size_t)(v * width + at);
    size_t place = (lane * (size_t)blocks + (size_t)places->block[lane]) * latency_buckets;
    if (active[at]) watch->counts[place + (size_t)bucket[at]]++;
  }
}

static inline __attribute__((always_inline)) TARGET void NAME(replay)(
    const struct schedule_stretch *stretch, const struct replay_settings *settings, int blocks,
    int32_t *windows, struct schedule_outcome *outcomes, const enum schedule_source source,
    const int hindsight, const int contended) {
  if (stretch->begin >= stretch->end) return;
  LOAD(settings);
  lanes window[vectors];
  memcpy(window, windows, sizeof window);

  const struct schedule_event *events = stretch->events;
  const int32_t *latencies = stretch->latencies, *worths = stretch->worth;
  int64_t pending = stretch->pending;
  lanes shallow = stretch->shallow - (lanes){0}, late_after = stretch->late_after - (lanes){0};
  struct sums none;
  memset(&none, 0, sizeof none);
  struct sums sums = none;
  struct places places;
  times began[vectors], limit[vectors];
  // How much later than recorded the event is sent, and whether the one before had to wake the vCPU.
  times shift[vectors];
  lanes woken[vectors];
  // Settled up to then, where busy guests serve.
  times settled[vectors];
  lanes alive[vectors];
  struct run_queue queue[vectors];
  for (int lane = 0; lane < replay_lanes; lane++) places.limit[lane] = INT64_MIN, places.block[lane] = 0;
  for (int v = 0; v < vectors; v++) {
    began[v] = stretch->begin - (times){0};
    settled[v] = began[v];
    shift[v] = (times){0};
    woken[v] = (lanes){0};
    if (contended) queue[v] = (struct run_queue){began[v], INT64_MIN / 2 - (times){0}, -1 - (lanes){0},
                                         -(int32_t)stretch->holds_sleeper - (lanes){0}};
    alive[v] = ~(lanes){0};
  }
  times first_halts[vectors];
  memcpy(first_halts, began, sizeof first_halts);
  move(&places, stretch, blocks, first_halts);
  memcpy(limit, places.limit, sizeof limit);
  int rounds = source == schedule_own_requests ? stretch->rounds : 1;
  const int sent_behind = source != schedule_own_requests && stretch->waking_cost > 0;
  int left = stretch->batch;
  while (rounds-- > 0) {
    for (size_t next = 0; next < stretch->count; next++) {
      struct schedule_event event = events[next];
      // Beyond the block or the stretch: seldom.
      times over = (times){0};
      for (int v = 0; v < vectors; v++) over |= began[v] >= limit[v];
      if (__builtin_reduce_or(over) || left-- == 0) {
        struct sums done = sums;
        times now[vectors];
        memcpy(now, began, sizeof now);
        add(&done, &places, stretch, blocks, outcomes);
        move(&places, stretch, blocks, now);
        sums = none;
        left = stretch->batch - 1;
        memcpy(limit, places.limit, sizeof limit);
        int living = 0;
        for (int v = 0; v < vectors; v++) {
          alive[v] = NARROW(began[v] < stretch->end);
          living |= __builtin_reduce_or(alive[v]);
        }
        if (!living) goto over;
      }
      for (int v = 0; v < vectors; v++) {
        // From the halt's begin to the event; below 0 where it came before.
        times ahead = source == schedule_own_requests ? event.time - (times){0} : event.time - began[v];
        const times recorded = ahead;
        if (sent_behind) {
          shift[v] = event.sent_behind < 0 ? (times){0}
                                           : shift[v] + WIDE(woken[v] & stretch->waking_cost) -
                                                 (event.sent_behind ? stretch->waking_cost : 0);
          ahead += shift[v];
        }
        times waited = ahead & (ahead > 0);
        lanes passed = source == schedule_own_requests ? (lanes){0} : NARROW(ahead <= -pending);
        if (source == schedule_external_served) {
          lanes seen = NARROW(began[v] + ahead <= settled[v]);
          lanes served = passed & ~seen & alive[v];
          settled[v] = CHOOSE(WIDE(served), began[v], settled[v]);
          began[v] += WIDE(served & event.busy_after_poll);
          passed |= seen;
        }
        lanes active = alive[v] & ~passed;
        lanes wait = NARROW(SMALLER(waited, far - (times){0}));

        // kvm_vcpu_halt(): the window is cut at the ceiling as the halt begins.
        lanes now = SMALLER(window[v], ceiling[v]);
        lanes open = (now > 0) & active;
        lanes limit_ns = event.poll_limit - (lanes){0};
        if (contended)
          NAME(poll_limit)(stretch, &event, &queue[v], &began[v], &recorded, &waited, &now, &active, &limit_ns);
        lanes polls = SMALLER(now, limit_ns);
        lanes polled = wait <= polls;

        // `Schedule.row`: half octaves of the wait from 1.024 µs on, which a floating-point number's
        // exponent and mantissa are: a second half begins at 1.448 µs times a power of two.
        ratios exact = __builtin_convertvector(SMALLER(wait, (1 << 22) - (lanes){0}), ratios);
        lanes units = (lanes)exact - ((127 + 10) << 23);
        lanes row = 1 + 2 * (units >> 23) - ((units & 0x7fffff) >= (1448 - 1024) << 13);
        row = SMALLER(LARGER(row, 1 - (lanes){0}), schedule_rows - 1 - (lanes){0});
        lanes latency;
        if (event.own_latency >= 0) {
          latency = event.own_latency - (lanes){0};
        } else {
          latency = PICK(latencies + event.rank * schedule_column, row & ~(wait - polls < shallow));
        }

        lanes slept = active & ~polled, delayed = (lanes){0};
        if (sent_behind) woken[v] = slept;
        if (contended)
          NAME(wake)(stretch, &event, &queue[v], &began[v], &recorded, &waited, &now, &active, &slept, &latency, &delayed);
        sums.halts[v] -= active;
        if (hindsight) {
          lanes asleep = latency, worth = stretch->own_worth[next] - (lanes){0};
          if (event.own_latency < 0) {
            lanes at = row & ~(wait < shallow);
            asleep = PICK(latencies + event.rank * schedule_column, at);
            worth = PICK(worths + event.rank * schedule_column, at);
          }
          lanes at_once = active & (wait == 0);
          lanes hit = active & ~at_once & (wait <= limit_ns) & (wait <= worth);
          if (contended) asleep = CHOOSE(slept, SMALLER(asleep, latency), asleep);
          lanes missed = active & ~at_once & ~hit;
          sums.late[v] -= missed & (asleep > late_after);
          sums.polled[v] -= at_once | hit;
          sums.attempted[v] -= hit;
          sums.successful[v] -= hit;
          sums.success[v] += hit & (wait + stretch->poll_latency);
          if (event.own_latency >= 0) sums.own[v] += WIDE(missed & asleep);
          else sums.latency[v] += missed & asleep;
        } else {
          sums.polled[v] -= active & polled;
          sums.attempted[v] -= open;
          sums.successful[v] -= open & polled;
          sums.success[v] += open & polled & (wait > 0) & (wait + stretch->poll_latency);
          sums.fail[v] += slept & polls;
          sums.late[v] -= slept & (latency > late_after);
          sums.abandoned[v] -= slept & open & (polls < now);
          if (event.own_latency >= 0) sums.own[v] += WIDE(slept & latency);
          else if (contended) {
            sums.own[v] += WIDE(delayed & latency);
            sums.latency[v] += slept & ~delayed & latency;
          } else sums.latency[v] += slept & latency;
        }

        // How long the halt lasted for the rule, and when the next one begins.
        lanes late = CHOOSE(polled, stretch->poll_latency - (lanes){0}, latency);
        if (!hindsight && stretch->watch)
          NAME(watch)(stretch->watch, &places, blocks, v, &active, &late);
        lanes busy = CHOOSE(polled, event.busy_after_poll - (lanes){0},
                            event.busy_after_sleep - (lanes){0});
        lanes block = CHOOSE(polled & (wait == 0), (lanes){0},
                             wait + SMALLER(late, far - 1 - (lanes){0}));
        times is = WIDE(active);
        if (source == schedule_external_served)
          settled[v] = CHOOSE(is, began[v] + waited + UNSIGNED(late), settled[v]);
        began[v] += is & (waited + UNSIGNED((counts)late + (counts)busy));

        window[v] = LEAVE(v, now, block, active);
      }
    }
  }
  add(&sums, &places, stretch, blocks, outcomes);
over:
  memcpy(windows, window, sizeof window);
}

// Each source and purpose is a loop of its own.
TARGET static void NAME(choose)(
    const struct schedule_stretch *stretch, enum schedule_source source,
    const struct replay_settings *settings, int blocks, int32_t *windows,
    struct schedule_outcome *outcomes) {
#define RUN(source, hindsight)                                                                  \
  if (stretch->rivals) NAME(replay)(stretch, settings, blocks, windows, outcomes, source, hindsight, 1); \
  else NAME(replay)(stretch, settings, blocks, windows, outcomes, source, hindsight, 0)
#define CASE(source)                              \
  case source:                                    \
    if (stretch->worth) { RUN(source, 1); }       \
    else { RUN(source, 0); }                      \
    break
  switch (source) {
    CASE(schedule_external);
    CASE(schedule_external_served);
    CASE(schedule_own_requests);
  }
#undef CASE
#undef RUN
}
