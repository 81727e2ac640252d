package import PollTrace

/// Why nothing of a trace could be read.
package struct TraceFileError: Error, Hashable {
  /// What is wrong.
  package enum Problem: Hashable, Sendable {
    case unreadable(code: Int32, reason: Untrusted)
    case isFolder
    /// Bare records of perf, and an index without them.
    case isPartOfFolder
    case lacksParts
    case isEmpty
    case notATrace
    case endless
    case noEvents(lines: UInt64)
    case unreadableText(UnreadableText)
    case unknownVersion(Untrusted)
    case tooOld
    case cutOff(section: Untrusted, needed: UInt64, left: UInt64)
    case malformed(section: Untrusted, expected: String, found: Untrusted)
    case unknownCompression(Untrusted)
    /// Another begins behind the first one's end.
    case severalRecordings
  }
  /// The path as the user gave it.
  package var path: Untrusted
  /// Where in the file, in bytes from its begin; nil where that says nothing.
  package var offset: Int?
  package var problem: Problem

  package init(path: String, offset: Int? = nil, problem: Problem) {
    self.path = Untrusted(path)
    self.offset = offset
    self.problem = problem
  }
}

extension TraceFileError.Problem {
  /// What is wrong, as half a sentence behind the place.
  package var explanation: Untrusted {
    switch self {
    case .unreadable(_, let reason): "cannot be read: \(reason)"
    case .isFolder: "is a folder"
    case .isPartOfFolder: "is one of the files that `perf record --threads` writes into a folder"
    case .lacksParts:
      "was written by `perf record --threads` and holds no samples: data.0 is not beside it"
    case .isEmpty: "is empty"
    case .notATrace: "is not a trace: its content is no format that polltrace knows"
    case .noEvents(let lines):
      "is a tracer's text of which no line is an event as they are printed: \(lines) lines"
    case .unreadableText(let text): text.explanation
    case .endless: "goes on beyond what is read of a stream"
    case .unknownVersion(let version): "is a trace.dat of version \(version)"
    case .tooOld: "has ring-buffer pages of a kernel before 2.6.30"
    case .cutOff(let section, let needed, let left):
      "ends inside \(section): \(needed) bytes needed, \(left) left"
    case .malformed(let section, let expected, let found):
      "\(section): expected \(expected), found \(found)"
    case .unknownCompression(let name): "is compressed with \(name)"
    case .severalRecordings: "another recording begins here: the file has several"
    }
  }

  /// What to do about it.
  package var remedy: String {
    switch self {
    case .unreadable(let code, _) where code == 13:
      "Run as a user who may read it, or: chmod a+r FILE."
    case .unreadable: "Check the path."
    case .isFolder: "Name the trace inside it."
    case .isPartOfFolder, .lacksParts:
      "Name the folder, with all of its files; or on its host: perf script -i DIR > trace.txt"
    case .isEmpty, .cutOff:
      "Record again and let the recorder finish, or `polltrace record --recover` what it left."
    case .notATrace: "Record one with `polltrace record`, or with trace-cmd or perf."
    case .noEvents:
      "Switch the options raw, hex and bin off (tracefs options/), and print it again."
    case .unreadableText(let text): text.remedy
    case .endless: "Write it to a file and name that."
    case .unknownVersion: "Versions 6 and 7 can be read; convert it with `trace-cmd convert`."
    case .tooOld: "Record on a kernel from 4.3 on; halt polling is younger than that."
    case .malformed: "The file is damaged: copy it again, or record again."
    case .severalRecordings:
      "Write each into a file of its own (head -c BYTE FILE; tail -c +BYTE+1 FILE), and name them all."
    case .unknownCompression: "zstd and zlib can be read; convert it with `trace-cmd convert`."
    }
  }
}

extension TraceFileError: CustomStringConvertible {
  package var description: String { "\(words.terminal)\n  \(problem.remedy)" }

  /// Where and what, without what to do about it.
  package var words: Untrusted {
    let place: Untrusted = offset.map { "\(path), byte \($0)" } ?? path
    return "\(place): \(problem.explanation)"
  }
}
