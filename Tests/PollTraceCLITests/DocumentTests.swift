import Fixtures
import Foundation
import Testing

/// What a document shows of a command's output: the lines below `$ polltrace …` to the end of the block.
struct DocumentSample: CustomTestStringConvertible {
  var document: String
  var command: String
  var lines: [String] = []

  var testDescription: String { "\(document): \(command)" }

  /// Those of the documents whose trace comes with the sources.
  static let all: [DocumentSample] = ["README.md", "docs/guide.md"].flatMap { document in
    var samples: [DocumentSample] = []
    var isInside = false
    let text =
      (try? String(contentsOfFile: Fixtures.project(document), encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let words = line.drop { $0 == " " }
      if words.hasPrefix("$ polltrace "), words.contains("Tests/Fixtures/traces/") {
        samples.append(DocumentSample(document: document, command: String(words.dropFirst(2))))
        isInside = true
      } else if line.isEmpty || line.hasPrefix("```") {
        isInside = false
      } else if isInside {
        samples[samples.count - 1].lines.append(String(words))
      }
    }
    return samples
  }
}

@Suite struct `A document's sample` {
  @Test(arguments: DocumentSample.all)
  func `is what the command prints`(sample: DocumentSample) throws {
    let run = try Run(
      sample.command.split(separator: " ").dropFirst().map(String.init),
      folder: Fixtures.project(""))
    #expect(run.status == 0)
    let printed = Set(run.output.split(separator: "\n").map { String($0.drop { $0 == " " }) })
    #expect(sample.lines.count > 5)
    for line in sample.lines where line != "…" { #expect(printed.contains(line), "\(line)") }
  }

  @Test func `stands in both documents`() {
    #expect(Set(DocumentSample.all.map(\.document)) == ["README.md", "docs/guide.md"])
  }
}
