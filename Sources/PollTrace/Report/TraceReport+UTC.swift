extension TraceReport {
  /// What `time` of the trace's clock is in ns since 1970 UTC; nil where the recorder did not say when it
  /// began.
  ///
  /// From one reading of both clocks: a wall clock that is set while recording changes nothing. Of a
  /// clock that user space cannot read, the first event is taken for the begin.
  package func utc(of time: Timestamp) -> Timestamp? {
    guard trace.clock.isTime, let utc = trace.facts?.beganUTC,
      let began = trace.facts?.began ?? tally.first
    else { return nil }
    return time >= began ? utc + (time - began) : utc - (began - time)
  }
}
