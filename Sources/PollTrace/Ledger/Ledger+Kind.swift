extension Ledger {
  /// Whether a gap takes something away from the figures.
  package enum Severity: Hashable, Sendable {
    /// Worth knowing; the figures stand.
    case notice
    /// Data is missing or contradicts itself: exit code 2.
    case incomplete
  }

  /// The kinds of gap; each has its severity, a sentence and a remedy, or it does not compile.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case lostEvents = "lost_events"
    case unreadableTrace = "unreadable_trace"
    case overlappingTraces = "overlapping_traces"
    case mixedVCPUs = "mixed_vcpus"
    case damaged
    case unfinished
    case unknownOption = "unknown_option"
    case oddLength = "odd_length"
    case guestTime = "guest_time"
    case otherClock = "other_clock"
    case changedWhileRead = "changed_while_read"
    case unknownEvents = "unknown_events"
    case tooManyThreads = "too_many_threads"
    case clockIsNotTime = "clock_is_not_time"
    case unreadableFacts = "unreadable_facts"
    case noHalts = "no_halts"
    case wakeupsNotRecorded = "wakeups_not_recorded"
    case guestIdles = "guest_idles"
    case guestTrace = "guest_trace"
    case neverIdle = "never_idle"
    case idlesNotTraced = "idles_not_traced"
    case noMatch = "no_match"
    case vcpuUnknown = "vcpu_unknown"
    case vmUnknown = "vm_unknown"
    case windowUnknown = "window_unknown"
    case windowInferred = "window_inferred"
    case decisionWithoutWakeup = "decision_without_wakeup"
    case contradiction
    case missingEvents = "missing_events"
    case absentEvents = "absent_events"
    case decisionsNotRecorded = "decisions_not_recorded"
    case ceilingNotShown = "ceiling_not_shown"
    case partOnly = "part_only"
    case filteredEvents = "filtered_events"
    case parametersAssumed = "parameters_assumed"
    case parametersInferred = "parameters_inferred"
    case ceilingDiffers = "ceiling_differs"
    case noSchedulerEvents = "no_scheduler_events"
    case pollNotMeasured = "poll_not_measured"
    case pollingRefused = "polling_refused"
    case timeRunsBackwards = "time_runs_backwards"
    case coarseTime = "coarse_time"
    case wakersUnknown = "wakers_unknown"
    case foreignLines = "foreign_lines"
    case unreadLines = "unread_lines"
    case threadsByName = "threads_by_name"
    case cpuUnknown = "cpu_unknown"
    case tracingPaused = "tracing_paused"
  }
}

extension Ledger.Kind {
  /// Whether the gap takes something away from the figures.
  package var severity: Ledger.Severity {
    switch self {
    case .lostEvents, .unreadableTrace, .overlappingTraces, .mixedVCPUs, .damaged, .unfinished,
      .changedWhileRead, .tooManyThreads,
      .unknownEvents,
      .contradiction, .timeRunsBackwards, .missingEvents, .absentEvents, .decisionsNotRecorded,
      .otherClock, .wakeupsNotRecorded, .filteredEvents, .partOnly, .decisionWithoutWakeup,
      .unreadLines, .tracingPaused, .idlesNotTraced:
      .incomplete
    case .unknownOption, .oddLength, .guestTime, .clockIsNotTime, .unreadableFacts, .noHalts,
      .guestIdles, .guestTrace, .neverIdle, .noMatch,
      .vcpuUnknown,
      .vmUnknown,
      .windowUnknown, .windowInferred, .parametersAssumed, .parametersInferred, .ceilingDiffers,
      .ceilingNotShown,
      .noSchedulerEvents, .pollNotMeasured, .pollingRefused, .coarseTime, .wakersUnknown,
      .foreignLines, .threadsByName, .cpuUnknown:
      .notice
    }
  }

  /// What the gap is, as one sentence.
  package var explanation: String {
    switch self {
    case .lostEvents: "The kernel dropped events before they were read."
    case .unreadableTrace: "A trace could not be read and is left out."
    case .overlappingTraces:
      "Two traces have the same vCPUs at the same time: these halts count twice."
    case .mixedVCPUs:
      "Halts that overlap in one thread, or are of several vCPUs: events are there twice, or of several hosts."
    case .damaged: "A part of the file is damaged and was skipped."
    case .unfinished: "The recording was not finished in order."
    case .unknownOption: "An option of the file is not known and was skipped."
    case .oddLength: "A length in the file is wrong, and was inferred from what follows."
    case .guestTime: "A guest recorded it: times are the guest's own, not its host's."
    case .otherClock: "An instance's times cannot be compared with the others': it is left out."
    case .changedWhileRead: "The file was changed while it was read: figures may be of both states."
    case .unknownEvents: "Events of a type that the file does not describe."
    case .tooManyThreads: "Events of more threads than are followed (65536)."
    case .clockIsNotTime: "The trace's clock does not count time: rates and shares are withheld."
    case .unreadableFacts: "Metadata of the recorder could not be read."
    case .noHalts: "No halts in this trace."
    case .wakeupsNotRecorded:
      "The trace has no kvm_vcpu_wakeup: halts, and what they cost, are not known."
    case .guestIdles: "A VM ran and no halt ended: its guest does not halt in KVM."
    case .guestTrace:
      "A guest's own decisions (guest_halt_poll_ns) without power:cpu_idle: when it polled is not known."
    case .neverIdle: "No idle time of this guest's CPUs is in the trace."
    case .idlesNotTraced: "Halts of a guest's CPU that the kernel counted are not in the trace."
    case .noMatch: "No halts match the filters."
    case .vcpuUnknown: "The vCPU id of a thread is not known."
    case .vmUnknown: "The VM of a vCPU thread is not known."
    case .windowUnknown: "Halts whose poll window is not known."
    case .windowInferred: "Halts before any decision, whose window follows from the rules."
    case .decisionWithoutWakeup: "Decisions whose wake-up is not in the trace."
    case .missingEvents:
      "Windows that do not join: events are missing between, or a parameter was changed."
    case .absentEvents: "Events that the recorder counted are not in the file."
    case .decisionsNotRecorded: "kvm_halt_poll_ns was not recorded: poll windows are not known."
    case .ceilingNotShown: "The decisions do not show halt_poll_ns, only its bounds."
    case .partOnly: "The text holds a part of the trace only."
    case .filteredEvents: "The recorder was told to leave events out."
    case .contradiction: "Halts at which the kernel did not do what its algorithm says."
    case .parametersAssumed: "Not recorded; the kernel's defaults are assumed."
    case .parametersInferred: "Not recorded; inferred from the decisions."
    case .ceilingDiffers: "A VM's ceiling differs from the module parameter (KVM_CAP_HALT_POLL)."
    case .noSchedulerEvents: "No scheduler events: wake-up latency was not measured."
    case .pollNotMeasured:
      "Failed polls that were not measured: estimated from measured ones, else the full window."
    case .pollingRefused: "Halts at which the vCPU was not allowed to poll."
    case .timeRunsBackwards: "Events whose time lies before that of the event before them."
    case .coarseTime:
      "Times are coarser than nanoseconds: latencies and the order of events are too."
    case .wakersUnknown: "Wake-ups: the text does not say whether an interrupt caused them."
    case .foreignLines: "Lines without an event were skipped."
    case .unreadLines: "Lines that name an event could not be read."
    case .threadsByName:
      "The text has processes instead of threads: threads are told apart by name."
    case .cpuUnknown: "The text does not say on which CPU an event was."
    case .tracingPaused:
      "Tracing was off for a time, which is left out, or two recordings are in one."
    }
  }

  /// What to do about it; nil where there is nothing to do.
  package var remedy: String? {
    switch self {
    case .lostEvents:
      "Record again with a larger --buffer-size; what is marked * may be too low."
    case .unreadableTrace: "Report on it alone: that says what to do."
    case .overlappingTraces: "Name each recording once."
    case .mixedVCPUs:
      "Record each event once; give polltrace each host's recording as a file of its own, and name them all."
    case .damaged: "Record again, or copy the file again; what could be read is reported."
    case .unfinished: "Record again, and let the recorder end on its own."
    case .unknownOption, .oddLength, .guestTime: nil
    case .otherClock: "Record all instances with one clock, or each into a file of its own."
    case .tooManyThreads:
      "Record the scheduler events of vCPU threads only, as `polltrace record` does."
    case .unknownEvents: "Record again, or copy the file again; halts may be among them."
    case .changedWhileRead: "Report again when its writer is done."
    case .clockIsNotTime: "Record with the clock mono."
    case .unreadableFacts: "Open it with the polltrace that recorded it."
    case .noHalts:
      "Record with `polltrace record` while a VM runs; `polltrace check` says what is missing."
    case .wakeupsNotRecorded:
      "Record kvm:kvm_vcpu_wakeup and kvm:kvm_halt_poll_ns, as `polltrace record` does."
    case .guestIdles:
      "Nothing to tune on this host where the guest idles by itself (haltpoll, cpu-pm=on, idle=poll)."
    case .guestTrace:
      "Record in the guest with `polltrace record --guest`, on its host with `polltrace record`."
    case .neverIdle:
      "Record while the guest has time left over; cpuidle/state*/usage below /sys/devices/system/cpu says whether it had."
    case .idlesNotTraced:
      "The CPU's figures are of a part, or missing. Record again; if it stays so, this kernel does not trace its idle task."
    case .noMatch:
      "Name a VM and vCPUs that there are with --vm and --vcpu, times inside with --from and --to."
    case .vcpuUnknown, .vmUnknown:
      "Record with `polltrace record`, which stores what each vCPU thread is."
    case .windowUnknown: "Record longer, or begin the recording before the VM starts."
    case .windowInferred: nil
    case .decisionWithoutWakeup: "Record both kvm_vcpu_wakeup and kvm_halt_poll_ns."
    case .missingEvents, .partOnly:
      "Give polltrace the whole trace, as it was recorded; what is marked * is too low."
    case .filteredEvents:
      "Record each event, without a filter and on all CPUs; what is marked * is too low."
    case .absentEvents:
      "Copy the file again, or record again with a bigger buffer; what is marked * is too low."
    case .decisionsNotRecorded:
      "Record kvm:kvm_halt_poll_ns as well, as `polltrace record` does."
    case .ceilingNotShown: "Name it with --parameters halt_poll_ns=…"
    case .contradiction:
      "Name the kernel's rules with --kernel or the parameters with --parameters."
    case .parametersAssumed, .parametersInferred:
      "Name them with --parameters, or record with `polltrace record`."
    case .ceilingDiffers: "The VM's own ceiling is what counts; the parameter does not reach it."
    case .noSchedulerEvents: "Record without --no-sched."
    case .pollNotMeasured:
      "Record without --no-sched; scheduler events of a VM begin a moment after it has started."
    case .pollingRefused:
      "The guest polls itself (cpuidle-haltpoll: run `polltrace record --guest` in it), or the host is too busy; no parameter reaches it."
    case .timeRunsBackwards: "Record with the clock mono."
    case .coarseTime: "Print them whole: `trace-cmd report -t`, `perf script --ns`."
    case .wakersUnknown: "Give polltrace the trace.dat or perf.data itself."
    case .foreignLines: nil
    case .unreadLines:
      "Give polltrace the text as it was printed, as a file: no lines wrapped, joined or edited."
    case .tracingPaused: "Record without a break, or write each part into a file of its own."
    case .threadsByName, .cpuUnknown:
      "Print it with `perf script -F comm,pid,tid,cpu,time,event,trace`."
    }
  }
}
