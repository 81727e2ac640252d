import PollTraceServer
import Testing

@Suite("Addresses to listen on")
struct ListenAddressTests {
  @Test(
    "Numeric addresses with a port, a port alone, and systemd's sockets",
    arguments: [
      ("127.0.0.1:9177", ListenAddress.address("127.0.0.1", port: 9_177)),
      ("0.0.0.0:1", .address("0.0.0.0", port: 1)), ("[::1]:9177", .address("::1", port: 9_177)),
      ("localhost:9177", .address("127.0.0.1", port: 9_177)),
      (":9177", .address("127.0.0.1", port: 9_177)), ("9177", .address("127.0.0.1", port: 9_177)),
      ("0", .address("127.0.0.1", port: 0)), ("systemd", .systemd),
    ])
  func understood(text: String, address: ListenAddress) {
    #expect(ListenAddress(text) == address)
  }

  @Test(
    "What is no address is refused",
    arguments: ["", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:9177", "1:2:3", "a:-1"])
  func refused(text: String) {
    #expect(ListenAddress(text) == nil)
  }
}
