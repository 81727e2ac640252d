// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Settings every Swift target shares: one place to raise the bar.
let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]
/// Only the reader of bytes lends spans out.
let lifetimes: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes")]

let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

/// HTTP/1.1 without Foundation.
let http: [Target.Dependency] = ["NIOCore", "NIOPosix", "NIOHTTP1"].map {
  .product(name: $0, package: "swift-nio")
}

/// Source tarballs carry the packages that polltrace is built of in vendor/; else they are fetched.
let vendor = Context.packageDirectory + "/vendor"
let isVendored = FileManager.default.fileExists(atPath: vendor)

let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")

let package = Package(
  name: "polltrace",
  products: [
    .executable(name: "polltrace", targets: ["PollTraceCLI"]),
    .executable(name: "haltload", targets: ["HaltLoad"]),
    // For Benchmarks/ alone: nothing in it is promised to others (docs/decisions/no-public-library.md).
    .library(name: "PollTrace", targets: ["PollTrace"]),
  ],
  dependencies: isVendored
    ? [
      .package(path: vendor + "/swift-argument-parser"),
      .package(path: vendor + "/swift-protobuf", traits: []),
      .package(path: vendor + "/swift-nio"),
      // What swift-nio itself is built of: named here, so that it is not fetched.
      .package(path: vendor + "/swift-atomics"),
      .package(path: vendor + "/swift-collections"),
      .package(path: vendor + "/swift-system"),
    ]
    : [
      .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
      .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
      .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
  targets: [
    // C: libtracefs and libtraceevent, nothing else.
    .systemLibrary(
      name: "CTrace", pkgConfig: "libtracefs",
      providers: [.apt(["libtracefs-dev", "libtraceevent-dev"])]),
    // C: libzstd and zlib.
    .systemLibrary(
      name: "CCompression", pkgConfig: "libzstd",
      providers: [.apt(["libzstd-dev", "zlib1g-dev"])]),
    // C: the few calls of Linux that Swift's Glibc module hides.
    .target(name: "CLinux"),
    // The model: imports nothing.
    .target(name: "PollTrace", swiftSettings: house),
    // Bytes of a trace file → events.
    .target(
      name: "PollTraceFile", dependencies: ["CLinux", "CTrace", "CCompression", "PollTrace"],
      swiftSettings: house + lifetimes
    ),
    // Kernel → trace.dat.
    .target(
      name: "PollTraceCapture", dependencies: ["CLinux", "CTrace", "CCompression", "PollTrace"],
      swiftSettings: house),
    // KVM's own counts, without tracing.
    .target(
      name: "PollTraceStatistics", dependencies: ["CLinux", "PollTrace", "PollTraceCapture"],
      swiftSettings: house),
    // Parameters of the running kernel: set, guarded, restored, kept.
    .target(
      name: "PollTraceTuning", dependencies: ["CLinux", "PollTrace", "PollTraceCapture"],
      swiftSettings: house),
    // C: the rule over many settings at once, in vectors.
    .target(name: "CReplay"),
    // Halts one by one → what other settings would have done, and which to choose.
    // Optimised in debug builds too: a replay without takes 20 times as long, and so do its tests.
    .target(
      name: "PollTraceReplay", dependencies: ["CReplay", "PollTrace"],
      swiftSettings: house + [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    // Settings tried in turn on a running machine → which one is better, and how sure that is.
    .target(
      name: "PollTraceTrial", dependencies: ["PollTrace", "PollTraceReplay"], swiftSettings: house),
    // A trace from its bytes to its report, its halts, and its vCPUs ready for replay.
    .target(
      name: "PollTraceAnalysis", dependencies: ["PollTrace", "PollTraceFile", "PollTraceReplay"],
      swiftSettings: house),
    // Report, prediction, recommendation → text, JSON, CSV.
    .target(
      name: "PollTraceReport", dependencies: ["PollTrace", "PollTraceReplay", "PollTraceTrial"],
      swiftSettings: house),
    // Made from perfetto_trace.proto by `make protos`, so the house's settings are not for it.
    .target(name: "PerfettoTrace", dependencies: [protobuf], exclude: ["perfetto_trace.proto"]),
    // Halts one by one → CSV, Perfetto.
    .target(
      name: "PollTraceExport",
      dependencies: ["PollTrace", "PollTraceReport", "PerfettoTrace", protobuf],
      swiftSettings: house),
    // Metrics over HTTP.
    .target(name: "PollTraceServer", dependencies: http, swiftSettings: house),
    .executableTarget(
      name: "PollTraceCLI",
      dependencies: [
        "CLinux", "PollTrace", "PollTraceFile", "PollTraceAnalysis", "PollTraceCapture",
        "PollTraceReplay", "PollTraceReport", "PollTraceExport", "PollTraceStatistics",
        "PollTraceTrial", "PollTraceTuning", "PollTraceServer", arguments,
      ],
      swiftSettings: house, plugins: ["Commit"]),
    // The commit that is built.
    .plugin(name: "Commit", capability: .buildTool()),

    // C: /dev/kvm, kvm_run, thread names and places; nothing else.
    .target(name: "CKVM"),
    // A tiny VM whose halts are known: the workload of demo, tests and lab.
    .executableTarget(
      name: "HaltLoad", dependencies: ["CKVM", arguments], swiftSettings: house),

    .target(
      name: "Fixtures", dependencies: ["CCompression", "PollTrace"], path: "Tests/Fixtures",
      exclude: ["traces", "field", "goldens", "README.md", "make"],
      swiftSettings: house),
    .testTarget(
      name: "PollTraceTests", dependencies: ["PollTrace", "Fixtures"], swiftSettings: house),
    .testTarget(
      name: "PollTraceFileTests",
      dependencies: ["PollTraceFile", "PollTraceAnalysis", "PollTrace", "Fixtures"],
      swiftSettings: house),
    .testTarget(
      name: "PollTraceAnalysisTests",
      dependencies: [
        "PollTraceAnalysis", "PollTraceReport", "PollTraceReplay", "PollTraceFile", "PollTrace",
        "Fixtures",
      ],
      swiftSettings: house),
    .testTarget(
      name: "PollTraceReplayTests",
      dependencies: ["PollTraceReplay", "PollTraceAnalysis", "PollTrace", "Fixtures"],
      swiftSettings: house),
    // Optimised, since thousands of trials are simulated.
    .testTarget(
      name: "PollTraceTrialTests",
      dependencies: ["PollTraceTrial", "PollTraceReplay", "PollTrace"],
      swiftSettings: house + [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "PollTraceFile", "PollTraceAnalysis", "PollTraceReplay", "PollTraceReport",
        "PollTraceExport", "PollTrace", "Fixtures",
      ],
      path: "Tests/Fuzz", exclude: ["FuzzTarget.swift", "build", "run", "regressions"],
      swiftSettings: house),
    .testTarget(
      name: "PollTraceReportTests",
      dependencies: [
        "PollTraceReport", "PollTraceReplay", "PollTraceTrial", "PollTrace", "Fixtures",
      ],
      swiftSettings: house),
    .testTarget(
      name: "PollTraceExportTests",
      dependencies: [
        "PollTraceExport", "PerfettoTrace", "PollTraceAnalysis", "PollTrace", "Fixtures", protobuf,
      ],
      swiftSettings: house),
    .testTarget(
      name: "PollTraceServerTests", dependencies: ["PollTraceServer"] + http, swiftSettings: house),
    .testTarget(
      name: "PollTraceCLITests", dependencies: ["PollTraceCLI", "PollTrace", "Fixtures"],
      swiftSettings: house),
    .testTarget(
      name: "HaltLoadTests", dependencies: ["HaltLoad", arguments], swiftSettings: house),
    .testTarget(
      name: "PollTraceStatisticsTests",
      dependencies: ["PollTraceStatistics", "PollTrace", "Fixtures"], swiftSettings: house),
    .testTarget(
      name: "PollTraceTuningTests", dependencies: ["PollTraceTuning", "PollTrace"],
      swiftSettings: house),
    .testTarget(
      name: "PollTraceCaptureTests",
      dependencies: [
        "CLinux", "PollTraceCapture", "PollTraceStatistics", "PollTrace", "Fixtures",
      ],
      swiftSettings: house),
  ]
)

// For builds with sanitizers: what needs swift-protobuf or swift-nio takes as long to build as all the rest, and
// tests that none of them runs take their time, too.
if Context.environment["POLLTRACE_SANITIZERS"] != nil {
  let without = [
    "PerfettoTrace", "PollTraceExport", "PollTraceServer", "PollTraceCLI", "Commit", "Fuzz",
    "PollTraceTuning", "PollTraceTests", "PollTraceReportTests", "PollTraceTrialTests",
    "PollTraceStatisticsTests",
  ]
  package.targets.removeAll {
    without.contains($0.name) || without.contains("\($0.name.dropLast(5))")
  }
  package.products.removeAll { $0.name == "polltrace" }
  package.dependencies.removeLast(package.dependencies.count - 1)
  // What ThreadSanitizer does not see of Swift's own library.
  package.targets.append(.target(name: "CInstrumentedMutex", path: "Tests/Sanitizers"))
  for target in package.targets where target.name == "Fixtures" {
    target.dependencies.append("CInstrumentedMutex")
  }
}
