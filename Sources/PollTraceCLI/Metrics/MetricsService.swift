import PollTrace
import PollTraceCapture
import PollTraceReport
import PollTraceServer
import PollTraceStatistics
import Synchronization

/// Metrics over HTTP, until a signal ends the process.
struct MetricsService {
  private let address: ListenAddress
  private let source: MetricsSource

  init(_ address: ListenAddress, isPerVCPU: Bool) {
    self.address = address
    source = MetricsSource(isPerVCPU: isPerVCPU)
  }

  /// Between two looks at most: a VM whose whole life lies between two scrapes is counted as well.
  private static let pause: Nanoseconds = 5_000_000_000

  func run(_ plan: TracePlan?) throws {
    let events = try ServiceEvents()
    let scrapes = Scrapes()
    // What counters had before is known before the first scrape.
    source.look()
    let server: MetricsServer
    do throws(MetricsServer.Failure) {
      server = try MetricsServer(address, sockets: ServiceManager.sockets) { request, answer in
        switch request.path {
        case "/metrics":
          scrapes.add(Scrape(format: MetricFormat(accept: request.accept), answer: answer))
          ServiceEvents.call()
        case "/": answer(LandingPage.response)
        default: answer(.plain(404, "Not here; see /metrics."))
        }
      }
    } catch {
      throw Output.Failure(
        description: "--listen: cannot be listened on: \(error.text)\n  "
          + "Name an address of this host and a port that is free and above 1023, "
          + "for example 127.0.0.1:9177")
    }
    for address in server.addresses { StandardError.say("polltrace: http://\(address)/metrics") }
    let tracing = plan.map { Tracing($0) }
    var next = Machine.now + Self.pause
    repeat {
      tracing?.step(source.running)
      let waiting = scrapes.take()
      if !waiting.isEmpty {
        Self.answer(waiting, source.metrics(trace: tracing?.metrics))
        next = Machine.now + Self.pause
      } else if Machine.now >= next {
        source.look()
        next = Machine.now + Self.pause
      }
      let length = min(next - Machine.now, tracing?.pause ?? Self.pause)
      _ = source.statistics.wait(for: length, or: .input(events.descriptor))
    } while !events.isEnded()
    for scrape in scrapes.take() { scrape.answer(.plain(503, "polltrace ends.")) }
    server.stop()
    tracing?.stop()
  }

  /// Answers those who wait at once with one look.
  private static func answer(_ scrapes: [Scrape], _ metrics: HostMetrics) {
    var texts: [MetricFormat: String] = [:]
    for scrape in scrapes {
      let text = texts[scrape.format] ?? metrics.text(scrape.format)
      texts[scrape.format] = text
      scrape.answer(.init(contentType: scrape.format.contentType, body: text))
    }
  }
}

/// Someone who waits for metrics.
private struct Scrape: Sendable {
  var format: MetricFormat
  var answer: @Sendable (MetricsServer.Response) -> Void
}

/// Those who wait, handed from the server's thread to the one that looks.
private final class Scrapes: Sendable {
  private let waiting = Mutex<[Scrape]>([])

  func add(_ scrape: Scrape) { waiting.withLock { $0.append(scrape) } }

  func take() -> [Scrape] {
    waiting.withLock { scrapes in
      defer { scrapes = [] }
      return scrapes
    }
  }
}

/// What a browser sees.
private enum LandingPage {
  static var response: MetricsServer.Response {
    .init(
      contentType: "text/html; charset=utf-8",
      body: """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>polltrace</title></head>
        <body><h1>polltrace \(Version.number)</h1>
        <p>KVM's halt-polling counters of this host: <a href="/metrics">metrics</a></p></body></html>

        """)
  }
}
