/// In which order the bytes of a trace's integers stand: a type, so that a loop over records is
/// compiled for each instead of asking at each field.
protocol ByteOrder {
  /// An integer as it was read, in the machine's order.
  static func native<Value: FixedWidthInteger>(_ value: Value) -> Value
}

enum LittleEndian: ByteOrder {
  @inline(__always)
  static func native<Value: FixedWidthInteger>(_ value: Value) -> Value {
    Value(littleEndian: value)
  }
}

enum BigEndian: ByteOrder {
  @inline(__always)
  static func native<Value: FixedWidthInteger>(_ value: Value) -> Value {
    Value(bigEndian: value)
  }
}
