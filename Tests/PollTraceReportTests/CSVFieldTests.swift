import Testing

@testable import PollTraceReport

@Suite struct `A name in a table` {
  @Test(arguments: [
    ("web1", "web1"),
    ("a,b", "\"a,b\""),
    ("say \"hi\"", "\"say \"\"hi\"\"\""),
    ("two\nlines\r", "two\u{FFFD}lines\u{FFFD}"),
    ("\u{1b}[31mred", "\u{FFFD}[31mred"),
    ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("+1", "'+1"),
    ("\tx", "'\u{FFFD}x"),
    ("-", "-"),
    ("", ""),
    ("naïve–名", "naïve–名"),
  ])
  func `is a field of RFC 4180 and no formula`(name: String, field: String) {
    #expect(CSVField.text(name) == field)
  }
}
