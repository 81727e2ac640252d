// swift-tools-version: 6.2
import PackageDescription

/// Benchmarks are a package of their own: nobody who builds polltrace builds them.
let package = Package(
  name: "benchmarks",
  dependencies: [
    .package(name: "polltrace", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .executableTarget(
      name: "trace-mill",
      dependencies: [
        .product(name: "PollTrace", package: "polltrace"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/TraceMill",
      swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
  ]
)
