import Foundation
import Testing

@testable import PollTrace
@testable import PollTraceFile

/// A way in which a text came here, applied to each line.
private struct Dress: CustomTestStringConvertible, Sendable {
  var testDescription: String
  var line: @Sendable (String) -> String

  init(_ name: String, _ line: @escaping @Sendable (String) -> String) {
    (testDescription, self.line) = (name, line)
  }

  static let all = [
    Dress("grep's colour around the name") {
      $0.replacing(#/kvm_\w+(?=:)/#) { "\u{1b}[01;31m\u{1b}[K\($0.output)\u{1b}[m\u{1b}[K" }
    },
    Dress("grep's colour in the name") {
      $0.replacing("kvm", with: "\u{1b}[01;31m\u{1b}[Kkvm\u{1b}[m\u{1b}[K")
    },
    Dress("another colour in a number") {
      $0.replacing(#/ (\d)(\d+) /#) { " \u{1b}[7m\($0.output.1)\u{1b}[27m\($0.output.2) " }
    },
    Dress("colours as cat -v shows them") {
      $0.replacing("kvm", with: "^[[01;31m^[[Kkvm^[[m^[[K")
    },
    Dress("colours without the escape character") {
      $0.replacing("kvm", with: "[01;31m[Kkvm[m[K")
    },
    Dress("words struck over") { $0.replacing("kvm_", with: "k\u{8}kv\u{8}vx\u{8}m_") },
    Dress("lines in double quotes") { "\"\($0)\"" },
    Dress("lines in quotes with a column behind") { "\"\($0)\";" },
    Dress("lines in a list of strings") { "'\($0)'," },
    Dress("a table's bars") { "| \($0) |" },
    Dress("a mail's quotes") { "> > \($0)" },
    Dress("no-break spaces") { $0.replacing("  ", with: " \u{a0}") },
    Dress("thin and empty spaces") { $0.replacing("  ", with: "\u{2009}\u{200b} ") },
    Dress("entities and tags") {
      "<span class=\"line\">\($0.replacing(" ", with: "&nbsp;"))</span><br/>"
    },
    Dress("Docker's JSON") { "{\"log\":\"\($0)\\n\",\"stream\":\"stdout\",\"time\":\"2026\"}" },
    Dress("journald's JSON") { "{\"PRIORITY\":\"6\",\"MESSAGE\":\"\($0)\",\"_UID\":\"0\"}" },
    Dress("colours in JSON") {
      "{\"log\":\"\($0.replacing("kvm", with: "\\u001b[31mkvm\\u001b[0m"))\\n\"}"
    },
    Dress("journald's prefix") { "Nov 30 01:02:03 host trace[123]: \($0)" },
    Dress("Kubernetes' prefix") { "2026-11-30T01:02:03.123456789Z stdout F \($0)" },
    Dress("Compose's prefix") { "vmm-1  | \($0)" },
    Dress("grep's file name") { "/tmp/trace.txt:\($0)" },
    Dress("a decimal comma") { $0.replacing("1000.", with: "1000,") },
    Dress("blanks trimmed") { $0.trimmingCharacters(in: .whitespaces) },
    Dress("tabs") { $0.replacing("    ", with: "\t") },
    Dress("carriage returns") { $0 + "\r" },
  ]
}

@Suite struct `A text` {
  @Test(arguments: Dress.all)
  private func `is the same however it came`(dress: Dress) throws {
    #expect(try PlainText.outcome(PlainText.lines.map(dress.line)) == PlainText.whole)
  }

  /// The sample that decides is at the text's beginning.
  @Test(arguments: Dress.all)
  private func `may change further on`(dress: Dress) throws {
    let filler = Array(repeating: "# \(String(repeating: "x", count: 70))", count: 1_200)
    let lines = PlainText.lines
    let text = Array(lines[..<9]) + filler + lines[9...].map(dress.line)
    #expect(try PlainText.outcome(text) == PlainText.whole)
  }

  @Test(arguments: ["\r", "\r\n", "\r\r\n", "\n\n"])
  func `may end its lines as it likes`(end: String) throws {
    let text = PlainText.lines.map { $0 + end }.joined()
    #expect(try PlainText.outcome(text) == PlainText.whole)
  }

  @Test(
    arguments: [
      String.Encoding.utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian, .utf32BigEndian,
    ], [false, true])
  func `may be of wider characters than bytes`(encoding: String.Encoding, isMarked: Bool) throws {
    let text = (isMarked ? "\u{feff}" : "") + PlainText.lines.map { $0 + "\r\n" }.joined()
    let data = try #require(text.data(using: encoding))
    #expect(try PlainText.outcome(Array(data)) == PlainText.whole)
  }

  @Test func `may be a page with its breaks alone`() throws {
    let page = "<html><body><p>\(PlainText.lines.joined(separator: "<br>"))</p></body></html>"
    #expect(try PlainText.outcome(page) == PlainText.whole)
  }

  @Test func `may be the log of a terminal`() throws {
    let log =
      "Script started on 2026-11-30\n\u{1b}]0;root@h: ~\u{7}\u{1b}[?2004h# cat trace\r\n"
      + "\u{1b}[?2004l\r" + PlainText.lines.map { $0 + "\r\n" }.joined()
      + "\u{1b}]0;root@h: ~\u{7}\u{1b}[?2004h# exit\r\nScript done"
    #expect(try PlainText.outcome(log) == PlainText.whole)
  }

  @Test(arguments: [40, 50, 60, 64, 72, 80])
  func `may be wrapped anywhere`(width: Int) throws {
    for text in [PlainText.lines, PlainText.perf] {
      let lines = text.flatMap { line in
        stride(from: 0, to: line.count, by: width).map {
          String(line.dropFirst($0).prefix(width))
        }
      }
      #expect(try PlainText.outcome(lines) == PlainText.whole)
    }
  }

  @Test func `may be wrapped between words`() throws {
    let lines = PlainText.lines.flatMap { line in
      [" kvm_", " wait", " poll", " halt_poll_ns"].compactMap { line.ranges(of: $0).last }
        .max { $0.lowerBound < $1.lowerBound }
        .map { [String(line[..<$0.lowerBound]), String(line[$0.lowerBound...].dropFirst())] }
        ?? [line]
    }
    #expect(lines.count == 2 * PlainText.lines.count)
    #expect(try PlainText.outcome(lines) == PlainText.whole)
  }

  @Test(arguments: [
    "$ ", "root@host:~# ", "```", "\"", "  ", "  </pre>", "19:", "What should I set?", "[ 1001.2] ",
  ])
  func `may end with something else and no line's end`(last: String) throws {
    var file = PlainText.file(["$ cat trace"] + PlainText.lines)
    file += Array(last.utf8)
    #expect(try PlainText.outcome(file) == PlainText.whole)
  }

  @Test(arguments: ["> ", ">", "> > ", "| "])
  func `may be quoted, and end with a quote of nothing`(mark: String) throws {
    let file = PlainText.file(PlainText.lines.map { mark + $0 }) + Array(mark.utf8)
    #expect(try PlainText.outcome(file) == PlainText.whole)
  }

  @Test(arguments: [1, 5, 10, 20, 40, 50, 60, 70, 80])
  func `that is cut in its last event is not whole`(bytes: Int) throws {
    let file = PlainText.file(PlainText.lines)
    let outcome = try PlainText.outcome(Array(file.dropLast(bytes + 1)))
    let cut = PlainText.Outcome.read(polled: 1, slept: 8, grows: 6, shrinks: 2, isWhole: false)
    #expect(outcome == cut)
  }
}
