internal import NIOCore
internal import NIOHTTP1

/// One connection: takes its requests one after the other, each in a limited time.
final class RequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let load: ServerLoad
  private let limits: ServerLimits
  private let handler: MetricsServer.Handler
  private var head: HTTPRequestHead?
  private var body = 0
  /// Closes the connection when it is due.
  private var deadline: Scheduled<Void>?

  init(_ load: ServerLoad, _ limits: ServerLimits, _ handler: @escaping MetricsServer.Handler) {
    self.load = load
    self.limits = limits
    self.handler = handler
  }

  func channelActive(context: ChannelHandlerContext) {
    allow(limits.requestSeconds, context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body = 0
      allow(limits.requestSeconds, context)
    case .body(let part):
      body += part.readableBytes
      if body > limits.bodyBytes { context.close(promise: nil) }
    case .end:
      guard let head else { return }
      self.head = nil
      answer(head, context)
    }
  }

  /// From now on the connection has `seconds`.
  private func allow(_ seconds: Int64, _ context: ChannelHandlerContext) {
    deadline?.cancel()
    let channel = context.channel
    deadline = context.eventLoop.scheduleTask(in: .seconds(seconds)) { channel.close(promise: nil) }
  }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard head.method == .GET || head.method == .HEAD else {
      return send(.plain(405, "Only GET and HEAD are understood."), to: head, context)
    }
    guard load.requests < limits.requests else {
      return send(.plain(503, "Too many requests at once; ask again."), to: head, context)
    }
    load.requests += 1
    let request = MetricsServer.Request(
      path: String(head.uri.prefix { $0 != "?" && $0 != "#" }),
      accept: head.headers["accept"].joined(separator: ","))
    let promise = context.eventLoop.makePromise(of: MetricsServer.Response.self)
    promise.futureResult.assumeIsolated().whenSuccess { response in
      self.load.requests -= 1
      if context.channel.isActive { self.send(response, to: head, context) }
    }
    deadline?.cancel()
    handler(request) { promise.succeed($0) }
  }

  private func send(
    _ response: MetricsServer.Response, to head: HTTPRequestHead, _ context: ChannelHandlerContext
  ) {
    var headers = HTTPHeaders([
      ("Content-Type", response.contentType), ("Content-Length", "\(response.body.count)"),
      ("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", "default-src 'none'"),
      ("Cache-Control", "no-store"),
    ])
    if response.status == 405 { headers.add(name: "Allow", value: "GET, HEAD") }
    if !head.isKeepAlive { headers.add(name: "Connection", value: "close") }
    let answer = HTTPResponseHead(
      version: head.version, status: HTTPResponseStatus(statusCode: response.status),
      headers: headers)
    allow(limits.answerSeconds, context)
    context.write(wrapOutboundOut(.head(answer)), promise: nil)
    if head.method != .HEAD {
      context.write(
        wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
    }
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { _ in
      guard head.isKeepAlive, context.channel.isActive else {
        return context.close(promise: nil)
      }
      // Unless the next request is being read already.
      if self.head == nil { self.allow(self.limits.idleSeconds, context) }
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
  }
}

extension MetricsServer.Response {
  /// A line of text.
  package static func plain(_ status: Int, _ text: String) -> Self {
    Self(status: status, contentType: "text/plain; charset=utf-8", body: text + "\n")
  }
}
