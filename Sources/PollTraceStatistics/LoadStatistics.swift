internal import FoundationEssentials
package import PollTrace

/// What KVM counted of a load, as `haltload --stats` writes it (`haltload.stats/1`).
package struct LoadStatistics: Hashable, Sendable {
  /// A vCPU and its counters; nil where KVM has none by vCPU (before 5.14).
  package struct VCPU: Hashable, Sendable {
    package var id: UInt32
    package var thread: ThreadID
    package var counters: HaltCounters?
  }

  package var vcpus: [VCPU]
  /// The counters of all vCPUs together, where there are none by vCPU.
  package var sums: HaltCounters?

  /// Reads the document.
  ///
  /// - Throws: a `DecodingError` where it is none.
  package init(json: [UInt8]) throws {
    let document = try JSONDecoder().decode(Document.self, from: Data(json))
    sums = document.vm.sums.map { HaltCounters($0) }
    vcpus = try document.vcpus.map { members in
      guard case .number(let id)? = members["vcpu"], case .number(let thread)? = members["tid"],
        let id = UInt32(exactly: id), let thread = Int32(exactly: thread)
      else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: [], debugDescription: "a vCPU without its id and thread"))
      }
      let counters = HaltCounters(members)
      return VCPU(
        id: id, thread: ThreadID(thread),
        counters: counters == HaltCounters() ? nil : counters)
    }
  }
}

/// The document's shape.
private struct Document: Decodable {
  struct VM: Decodable { var sums: [String: Member]? }
  var vm: VM
  var vcpus: [[String: Member]]
}

/// A number, or a histogram's buckets.
private enum Member: Decodable {
  case number(UInt64)
  case buckets([UInt64])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(UInt64.self) {
      self = .number(number)
    } else {
      self = .buckets(try container.decode([UInt64].self))
    }
  }
}

extension HaltCounters {
  fileprivate init(_ members: [String: Member]) {
    self.init()
    for count in Count.allCases {
      if case .number(let value)? = members[count.name] { self[count] = value }
    }
    for spread in Spread.allCases {
      if case .buckets(let counts)? = members[spread.name] {
        self[spread] = LogHistogram(counts: counts)
      }
    }
  }
}
