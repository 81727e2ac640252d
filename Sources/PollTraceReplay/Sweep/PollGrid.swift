package import PollTrace

/// The settings that a sweep tries.
package struct PollGrid: Hashable, Sendable {
  package var settings: [PollParameters]

  package init(_ settings: [PollParameters]) { self.settings = settings }

  /// The useful values, some thousand settings.
  ///
  /// Off, and 28 ceilings from 5 µs to 4 ms, each with windows that grow by 2 to 16, start at 5 µs
  /// to the ceiling itself, and shrink to nothing, to a half, quarter or eighth, or not at all (a
  /// fixed window).
  package static let standard: PollGrid = {
    var settings = [PollParameters(ceiling: 0, grow: 2, growStart: 10_000, shrink: 2)]
    let ceilings: [UInt32] = [
      5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 120, 150, 180, 200, 220, 250, 300, 350, 400, 500,
      600, 800, 1_000, 1_250, 1_500, 2_000, 3_000, 4_000,
    ]
    let starts: [UInt32] = [5, 10, 20, 50, 100]
    for ceiling in ceilings {
      for start in starts.filter({ $0 < ceiling }) + [ceiling] {
        // A window that starts at the ceiling has nowhere to grow to.
        for grow in start == ceiling ? [2] : [2, 3, 4, 8, 16] as [UInt32] {
          for shrink in [0, 2, 4, 8, 1] as [UInt32] {
            settings.append(
              PollParameters(
                ceiling: ceiling * 1_000, grow: grow, growStart: start * 1_000, shrink: shrink))
          }
        }
      }
    }
    return PollGrid(settings)
  }()
}
