import PollTrace
import PollTraceCapture

/// Reading and writing the files of a target.
extension Target {
  /// The path of a parameter's file.
  package func path(_ parameter: Parameter) -> String { "\(folder)/\(parameter.name)" }

  /// The value of `parameter` now.
  ///
  /// - Throws: where the file cannot be read, or shows something else.
  package func value(of parameter: Parameter) throws(TuningError) -> UInt32 {
    let path = path(parameter)
    let line: String
    do throws(SystemError) {
      line = try ParameterFile.read(path)
    } catch {
      throw .failed("\(path): cannot be read: \(error.text)", Self.needsRoot(error))
    }
    guard let value = parameter.value(line) else {
      throw .failed("\(path): '\(Untrusted(line).prefix(40).terminal)' is no value of it", nil)
    }
    return value
  }

  /// The values now of those parameters that this kernel has.
  ///
  /// - Throws: where there are none, or one cannot be read.
  package func current() throws(TuningError) -> Setting {
    guard Paths.isDirectory(folder) else {
      throw .refused(
        "\(folder): not there: the module \(module) is not loaded",
        name == .host
          ? "Load kvm, or use --target guest inside a guest."
          : "This kernel has no governor haltpoll (CONFIG_CPU_IDLE_GOV_HALTPOLL).")
    }
    var values: [String: UInt32] = [:]
    for parameter in parameters where Paths.exists(path(parameter)) {
      values[parameter.name] = try value(of: parameter)
    }
    guard values[ceiling.name] != nil else {
      throw .refused("\(path(ceiling)): not there: this kernel has no halt polling", nil)
    }
    return Setting(values)
  }

  /// Writes one parameter and reads it back.
  ///
  /// - Throws: where it is not written, or reads otherwise afterwards.
  func write(_ value: UInt32, to parameter: Parameter) throws(TuningError) {
    let path = path(parameter)
    do throws(SystemError) {
      try ParameterFile.write(parameter.text(value), to: path)
    } catch {
      throw .failed(
        "\(path): \(parameter.text(value)) cannot be written: \(error.text)", Self.needsRoot(error))
    }
    let now = try self.value(of: parameter)
    guard now == value else {
      throw .failed(
        "\(path): reads \(parameter.text(now)) after \(parameter.text(value)) was written", nil)
    }
  }

  private static func needsRoot(_ error: SystemError) -> String? {
    error.isRefused ? "Only root may, and not in a container whose /sys is read-only." : nil
  }
}

extension Target {
  /// Whether this kernel has `parameter`.
  func has(_ parameter: Parameter) -> Bool { Paths.exists(path(parameter)) }
}
