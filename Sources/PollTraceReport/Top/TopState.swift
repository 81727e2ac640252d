package import PollTrace

/// What the live view shows of a frame, moved by keys.
package struct TopState: Hashable, Sendable {
  package enum Mode: Hashable, Sendable {
    case table
    /// One vCPU.
    case detail
    case help
    /// A filter, or a delay, is being typed.
    case filtering(String)
    case delaying(String)
  }
  /// Which row, however rows are sorted.
  package struct Key: Hashable, Sendable {
    var process: ProcessID
    var vcpu: UInt32?
    /// Where the vCPU's id is not known.
    var thread: ThreadID?
    init(_ row: CounterRow) {
      (process, vcpu) = (row.process, row.vcpu)
      if vcpu == nil { thread = row.thread }
    }
  }

  package private(set) var mode = Mode.table
  package private(set) var order = CounterOrder.wasted
  package private(set) var isReversed = false
  package private(set) var filter = ""
  package private(set) var isPaused = false
  package private(set) var delay: Nanoseconds
  /// Lines of the detail that are above the screen.
  package private(set) var scrolled = 0
  private var selected: Key?

  package init(delay: Nanoseconds) { self.delay = delay }

  /// The shortest and the longest delay.
  package static let delays: ClosedRange<Nanoseconds> = 100_000_000...3_600_000_000_000

  /// The rows that are shown, in order.
  package func rows(_ frame: CounterFrame) -> [CounterRow] {
    let wanted = filter.lowercased()
    let rows = wanted.isEmpty ? frame.rows : frame.rows.filter { $0.has(wanted) }
    return order.sorted(rows, isReversed: isReversed)
  }

  /// Which of `rows` is selected: the first one until one is, and where that has gone.
  package func selection(in rows: [CounterRow]) -> Int {
    rows.firstIndex { Key($0) == selected } ?? 0
  }

  /// The row that is looked at in detail; nil where it has gone.
  package func detailed(in rows: [CounterRow]) -> CounterRow? { rows.first { Key($0) == selected } }

  /// Takes a key.
  ///
  /// - Returns: False where it asks to quit.
  package mutating func press(_ key: TopKey, _ frame: CounterFrame) -> Bool {
    switch mode {
    case .filtering(let text):
      edit(text, key, as: Mode.filtering) { $0.filter = $1 }
      return true
    case .delaying(let text):
      edit(text, key, as: Mode.delaying) { state, text in
        if let seconds = Double(text), seconds.isFinite {
          let wanted = Nanoseconds(UInt64(clamping: Int64(saturating: seconds * 1e9)))
          state.delay = min(max(wanted, Self.delays.lowerBound), Self.delays.upperBound)
        }
      }
      return true
    case .help:
      mode = .table
      return key != .character("q")
    case .detail where key == .escape || key == .enter || key == .character("q"):
      mode = .table
      return true
    case .detail, .table: return command(key, frame)
    }
  }

  private mutating func command(_ key: TopKey, _ frame: CounterFrame) -> Bool {
    switch key {
    case .character("q"): return false
    case .up, .character("k"): move(by: -1, frame)
    case .down, .character("j"): move(by: 1, frame)
    case .pageUp: move(by: -10, frame)
    case .pageDown: move(by: 10, frame)
    case .home: move(by: .min / 2, frame)
    case .end: move(by: .max / 2, frame)
    case .enter:
      // What is shown stays that row, wherever sorting moves it.
      move(by: 0, frame)
      (mode, scrolled) = (.detail, 0)
    case .character("s"):
      order =
        CounterOrder.all(isTraced: frame.trace != nil).first { $0.rawValue > order.rawValue }
        ?? .wasted
    case .character("r"): isReversed.toggle()
    case .character("p"), .character(" "): isPaused.toggle()
    case .character("/"): mode = .filtering(filter)
    case .character("d"): mode = .delaying("")
    case .character("h"), .character("?"): mode = .help
    case .escape: filter = ""
    default: break
    }
    return true
  }

  private mutating func move(by distance: Int, _ frame: CounterFrame) {
    if mode == .detail {
      scrolled = min(max(0, scrolled + distance), 200)
      return
    }
    let rows = rows(frame)
    guard !rows.isEmpty else { return }
    selected = Key(rows[min(max(0, selection(in: rows) + distance), rows.count - 1)])
  }

  private mutating func edit(
    _ text: String, _ key: TopKey, as mode: (String) -> Mode, _ take: (inout Self, String) -> Void
  ) {
    switch key {
    case .enter:
      self.mode = .table
      take(&self, text)
    case .escape: self.mode = .table
    case .backspace: self.mode = mode(String(text.dropLast()))
    case .character(let character) where text.count < 40: self.mode = mode(text + String(character))
    default: break
    }
  }
}

/// A key.
package enum TopKey: Hashable, Sendable {
  case up, down, pageUp, pageDown, home, end, enter, escape, backspace
  case character(Character)

  /// The keys whose bytes a terminal sent at once: one escape by itself is the key, what follows one is
  /// the name of a key (ECMA-48, xterm).
  package static func keys(_ bytes: [UInt8]) -> [TopKey] {
    var keys: [TopKey] = []
    var rest = String(decoding: bytes, as: UTF8.self)[...]
    while let first = rest.first {
      if let (sequence, key) = named.first(where: { rest.hasPrefix($0.0) }) {
        rest = rest.dropFirst(sequence.count)
        keys.append(key)
        continue
      }
      rest = rest.dropFirst()
      switch first {
      case "\u{1b}" where rest.first == "[" || rest.first == "O":
        // A key of another name, up to the letter that ends it.
        rest = rest.dropFirst().drop { !$0.isLetter && $0 != "~" }.dropFirst()
      case "\u{1b}": keys.append(.escape)
      case "\r", "\n", "\r\n": keys.append(.enter)
      case "\u{7f}", "\u{8}": keys.append(.backspace)
      case let other where other.unicodeScalars.allSatisfy { $0.value >= 32 }:
        keys.append(.character(other))
      default: break
      }
    }
    return keys
  }

  private static let named: [(String, TopKey)] = [
    ("\u{1b}[A", .up), ("\u{1b}[B", .down), ("\u{1b}OA", .up), ("\u{1b}OB", .down),
    ("\u{1b}[5~", .pageUp), ("\u{1b}[6~", .pageDown), ("\u{1b}[H", .home), ("\u{1b}[F", .end),
    ("\u{1b}[1~", .home), ("\u{1b}[4~", .end),
  ]
}
