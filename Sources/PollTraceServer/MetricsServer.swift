internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Answers requests for a page over HTTP/1.1, a few at once, whoever asks and however slowly.
///
/// One thread takes all connections; what an answer is made of is found elsewhere.
package final class MetricsServer: Sendable {
  /// What is asked for.
  package struct Request: Sendable {
    package var path: String
    /// The header Accept, or several of them joined; empty where there is none.
    package var accept: String
  }

  /// What is answered.
  package struct Response: Sendable {
    package var status: Int
    package var contentType: String
    package var body: [UInt8]

    package init(status: Int = 200, contentType: String, body: String) {
      self.status = status
      self.contentType = contentType
      self.body = Array(body.utf8)
    }
  }

  /// Takes a request and is called back with its answer, from any thread.
  package typealias Handler = @Sendable (Request, @escaping @Sendable (Response) -> Void) -> Void

  /// Why nothing can be listened on.
  package struct Failure: Error {
    package var text: String
  }

  private let group: MultiThreadedEventLoopGroup
  private let channels: [any Channel]

  /// Listens on `address`; of systemd's sockets there are `sockets`, from descriptor 3 on.
  package init(
    _ address: ListenAddress, sockets: Int = 0, limits: ServerLimits = ServerLimits(),
    handler: @escaping Handler
  ) throws(Failure) {
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let load = NIOLoopBoundBox.makeBoxSendingValue(ServerLoad(), eventLoop: group.next())
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 128)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          var headers = NIOHTTPDecoderLimitConfiguration()
          headers.maxHeaderFieldSize = limits.headerBytes
          headers.maxHeaderListSize = limits.headerBytes
          headers.maxHeaderFieldCount = limits.headers
          try pipeline.addHandler(ConnectionLimit(load.value, limits))
          try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: true, withErrorHandling: true,
            withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: headers)
          try pipeline.addHandler(RequestHandler(load.value, limits, handler))
        }
      }
    do {
      switch address {
      case .address(let host, let port):
        let socket = try SocketAddress(ipAddress: host, port: port)
        channels = [try bootstrap.bind(to: socket).wait()]
      case .systemd:
        guard sockets > 0 else { throw Failure(text: "systemd has passed no socket") }
        channels = try (0..<sockets).map {
          try bootstrap.withBoundSocket(NIOBSDSocket.Handle(3 + $0)).wait()
        }
      }
    } catch {
      try? group.syncShutdownGracefully()
      throw Failure(text: Self.text(of: error))
    }
  }

  /// Where it listens, as `address:port`.
  package var addresses: [String] {
    channels.compactMap { channel in
      channel.localAddress.flatMap { address in
        guard let host = address.ipAddress, let port = address.port else { return nil }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
      }
    }
  }

  /// Closes all connections and ends its thread; nothing can be answered afterwards.
  package func stop() {
    for channel in channels { try? channel.close().wait() }
    try? group.syncShutdownGracefully()
  }

  private static func text(of error: any Error) -> String {
    switch error {
    case let failure as Failure: failure.text
    case let error as IOError: error.description
    case is SocketAddressError: "no numeric address"
    default: "\(error)"
    }
  }
}

/// How much at once, how long, and how big.
package struct ServerLimits: Sendable {
  /// Connections that are open, and requests that are being answered, at most.
  package var connections = 256
  package var requests = 40
  /// Bytes of a request's headers, together, how many they are, and bytes of a body that nobody asked for.
  package var headerBytes = 16 << 10
  package var headers = 100
  package var bodyBytes = 64 << 10
  /// Seconds until a request has come whole, until its answer is taken, and until the next one.
  package var requestSeconds: Int64 = 10
  package var answerSeconds: Int64 = 30
  package var idleSeconds: Int64 = 120

  package init() {}
}
