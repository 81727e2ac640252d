/// Where requests are taken: an address of this machine and a port, or sockets that systemd has opened.
package enum ListenAddress: Hashable, Sendable {
  /// A numeric address, IPv4 or IPv6 without brackets.
  case address(String, port: Int)
  /// Sockets passed by systemd (sd_listen_fds(3)).
  case systemd

  /// The address in `text`: `127.0.0.1:9177`, `[::1]:9177`, `localhost:9177`, `9177` (on 127.0.0.1) or
  /// `systemd`; nil where it is none.
  ///
  /// Names other than `localhost` are refused: what they mean may change.
  package init?(_ text: String) {
    if text == "systemd" {
      self = .systemd
      return
    }
    let colon = text.lastIndex(of: ":")
    let digits = colon.map { text[text.index(after: $0)...] } ?? text[...]
    guard (1...5).contains(digits.count), digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      let port = Int(digits), port <= 65_535
    else { return nil }
    let host = colon.map { text[..<$0] } ?? ""
    switch host {
    case "", "localhost": self = .address("127.0.0.1", port: port)
    case _ where host.hasPrefix("[") && host.hasSuffix("]"):
      self = .address(String(host.dropFirst().dropLast()), port: port)
    case _ where host.contains(":"): return nil
    default: self = .address(String(host), port: port)
    }
  }
}
