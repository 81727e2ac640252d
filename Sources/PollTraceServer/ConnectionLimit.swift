internal import NIOCore

/// What is going on, of all connections; known to the server's thread only.
final class ServerLoad {
  var connections = 0
  var requests = 0
}

/// Closes connections that are too many.
final class ConnectionLimit: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let load: ServerLoad
  private let limits: ServerLimits
  private var isCounted = false

  init(_ load: ServerLoad, _ limits: ServerLimits) {
    self.load = load
    self.limits = limits
  }

  func channelActive(context: ChannelHandlerContext) {
    guard load.connections < limits.connections else { return context.close(promise: nil) }
    load.connections += 1
    isCounted = true
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    if isCounted { load.connections -= 1 }
    isCounted = false
    context.fireChannelInactive()
  }
}
