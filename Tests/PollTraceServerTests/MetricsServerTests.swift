import NIOCore
import NIOPosix
import PollTraceServer
import Synchronization
import Testing

@Suite("The server of metrics", .serialized)
struct MetricsServerTests {
  /// Requests that nobody has answered yet.
  private final class Open: Sendable {
    let answers = Mutex<[@Sendable (MetricsServer.Response) -> Void]>([])
  }

  /// What a server at `address` sends for `text` until it closes, or for `seconds`.
  private static func talk(
    _ address: String, _ text: String, seconds: Int64 = 20
  ) async throws -> String {
    let port = try #require(address.split(separator: ":").last.flatMap { Int($0) })
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    let channel = try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(string: text))
      let end = channel.channel.eventLoop.scheduleTask(in: .seconds(seconds)) {
        channel.channel.close(promise: nil)
      }
      var got = ""
      for try await part in inbound { got += String(buffer: part) }
      end.cancel()
      return got
    }
  }

  private static let request = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

  @Test("Answers what it is asked, and says the path and what is accepted")
  func answers() async throws {
    let server = try MetricsServer(.address("127.0.0.1", port: 0)) { request, answer in
      answer(.plain(200, "\(request.path) \(request.accept)"))
    }
    defer { server.stop() }
    let text = try await Self.talk(
      server.addresses[0],
      "GET /a?b HTTP/1.1\r\nHost: x\r\nAccept: text/plain\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    )
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(text.hasSuffix("\r\n\r\n/a text/plain,*/*\n"))
  }

  @Test("Refuses the request that is one too many, and answers the others")
  func tooMany() async throws {
    var limits = ServerLimits()
    limits.requests = 3
    let open = Open()
    let server = try MetricsServer(.address("127.0.0.1", port: 0), limits: limits) { _, answer in
      open.answers.withLock { $0.append(answer) }
    }
    defer { server.stop() }
    let address = server.addresses[0]
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<3 { group.addTask { try await Self.talk(address, Self.request) } }
      while open.answers.withLock({ $0.count }) < 3 { await Task.yield() }
      let refused = try await Self.talk(address, Self.request)
      #expect(refused.hasPrefix("HTTP/1.1 503 "))
      for answer in open.answers.withLock({ $0 }) { answer(.plain(200, "done")) }
      for try await text in group { #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n")) }
    }
    // There is room again.
    async let next = Self.talk(address, Self.request)
    while open.answers.withLock({ $0.count }) < 4 { await Task.yield() }
    open.answers.withLock { $0[3] }(.plain(200, "done"))
    #expect(try await next.hasPrefix("HTTP/1.1 200 OK\r\n"))
  }

  @Test("Closes connections that are too many, that are slow, and that do not go on")
  func limits() async throws {
    var limits = ServerLimits()
    limits.connections = 1
    limits.requestSeconds = 1
    limits.idleSeconds = 1
    let server = try MetricsServer(.address("127.0.0.1", port: 0), limits: limits) { _, answer in
      answer(.plain(200, "done"))
    }
    defer { server.stop() }
    let address = server.addresses[0]
    #expect(try await Self.talk(address, "GET /metrics HTT").isEmpty)
    let idle = try await Self.talk(address, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(idle.hasPrefix("HTTP/1.1 200 OK\r\n"))
    async let first = Self.talk(address, "GET /")
    try await Task.sleep(for: .milliseconds(300))
    #expect((try? await Self.talk(address, Self.request)) ?? "" == "")
    _ = try await first
    #expect(try await Self.talk(address, Self.request).hasPrefix("HTTP/1.1 200 OK\r\n"))
  }

  @Test("An answer to a client that has gone away is dropped, and the next one is answered")
  func gone() async throws {
    let open = Open()
    let server = try MetricsServer(.address("127.0.0.1", port: 0)) { _, answer in
      open.answers.withLock { $0.append(answer) }
    }
    let address = server.addresses[0]
    #expect(try await Self.talk(address, Self.request, seconds: 1).isEmpty)
    open.answers.withLock { $0[0] }(.plain(200, "late"))
    let next = Task { try await Self.talk(address, Self.request) }
    while open.answers.withLock({ $0.count }) < 2 { await Task.yield() }
    open.answers.withLock { $0[1] }(.plain(200, "done"))
    #expect(try await next.value.hasPrefix("HTTP/1.1 200 OK\r\n"))
    server.stop()
  }

  @Test("An address that cannot be had is named")
  func refused() {
    #expect(throws: MetricsServer.Failure.self) {
      try MetricsServer(.address("192.0.2.1", port: 1)) { _, _ in }
    }
    #expect(throws: MetricsServer.Failure.self) {
      try MetricsServer(.address("nowhere", port: 1)) { _, _ in }
    }
    #expect(throws: MetricsServer.Failure.self) { try MetricsServer(.systemd) { _, _ in } }
  }
}
