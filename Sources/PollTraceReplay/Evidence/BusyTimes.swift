internal import PollTrace

/// How long the guest runs after a halt, by how it woke: a vCPU that slept comes back to cold caches.
///
/// Outliers belong to a moment and stay with their halt. Each class is 64 quantiles; one with fewer
/// than 20 halts takes the other's.
struct BusyTimes {
  var afterSleep: [Int32]
  var afterPoll: [Int32]
  /// Whether no table of halts that polled could be made.
  let lacksPolled: Bool
  /// Halts whose running time is an outlier: it stays theirs, however they wake.
  let isOutlier: [Bool]
  /// The rank of each halt's running time in its class.
  let ranking: Ranking
  /// The median and the lowest tenth of all running times, in ns.
  let median: Int64
  let lowestTenth: Int64

  /// Halts fewer than this make no table.
  static let least = 20

  init(_ halts: Observation) {
    var isOutlier = [Bool](repeating: false, count: halts.count)
    var ranking = Ranking(count: halts.count)
    let followed = halts.followed
    var classes = [followed.filter { halts[$0].slept }, followed.filter { !halts[$0].slept }]
    for which in classes.indices {
      if let bound = Quantiles.outlierBound(classes[which].map(halts.busy), spread: 10) {
        for index in classes[which] where Double(halts.busy(index)) > bound + 1_000 {
          isOutlier[index] = true
        }
        classes[which].removeAll { isOutlier[$0] }
      }
    }
    let tables = classes.map {
      $0.count >= Self.least ? Quantiles.table($0.map(halts.busy)) : nil
    }
    let any = Quantiles.table(followed.map(halts.busy))
    afterSleep = tables[0] ?? tables[1] ?? any
    afterPoll = tables[1] ?? tables[0] ?? any
    lacksPolled = tables[1] == nil
    for members in classes { ranking.add(members, halts.busy) }
    let sorted = followed.map(halts.busy).sorted()
    median = Int64(saturating: Quantiles.of(sorted, 0.5))
    lowestTenth = Int64(saturating: Quantiles.of(sorted, 0.1))
    (self.isOutlier, self.ranking) = (isOutlier, ranking)
  }

  /// The tables without the halts in whose running time other wake events are hidden.
  func without(_ hidden: Set<Int>, _ halts: Observation) -> BusyTimes {
    var other = self
    let rest = halts.followed.filter { !isOutlier[$0] && !hidden.contains($0) }
    let slept = rest.filter { halts[$0].slept }
    let polled = rest.filter { !halts[$0].slept }
    if slept.count >= Self.least { other.afterSleep = Quantiles.table(slept.map(halts.busy)) }
    if polled.count >= Self.least {
      other.afterPoll = Quantiles.table(polled.map(halts.busy))
    } else if lacksPolled {
      other.afterPoll = other.afterSleep
    }
    return other
  }
}
