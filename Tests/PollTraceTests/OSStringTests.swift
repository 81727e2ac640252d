import Testing

@testable import PollTrace

@Suite struct `Text of the operating system` {
  @Test func `is shown with what is not UTF-8 and what steers a terminal as bytes`() {
    #expect(OSString(bytes: [0x61, 0xe9, 0x62]).shown == "a\\xe9b")
    #expect(OSString("né\u{1b}]0;x\u{7}").shown == "né\\x1b]0;x\\x07")
    #expect(OSString("a\u{2028}b").shown == "a\\xe2\\x80\\xa8b")
    // The first two bytes of a scalar of three.
    #expect(OSString(bytes: [0xe2, 0x80, 0x61]).shown == "\\xe2\\x80a")
  }

  @Test(
    arguments: [
      ("t.dat", "t.dat"), ("my traces/t.dat", "'my traces/t.dat'"), ("it's", "'it'\\''s'"),
      ("$(reboot)", "'$(reboot)'"), ("-o", "./-o"), ("", "''"), ("é", "'é'"),
      ("a\nb'c\\", "$'a\\012b\\047c\\134'"), ("a'\u{301}b", "'a'\\''\u{301}b'"),
    ])
  func `is one word of a shell's line`(text: String, word: String) {
    #expect(OSString(text).quoted.unicodeScalars.elementsEqual(word.unicodeScalars))
  }

  @Test func `that is not UTF-8 is a word of bytes`() {
    #expect(OSString(bytes: [0x61, 0xe9]).quoted == "$'a\\351'")
  }

  @Test func `is carried through a string and back, whatever its bytes`() {
    let own = OSString("\u{10fe80}\u{10feff}")
    #expect(OSString(carried: own.carried) == own)
    #expect(own.carried != own.text)
    #expect(OSString("né").carried == "né")
    // Every four of bytes that begin, go on, end or break a scalar.
    let bytes: [UInt8] = [0x41, 0x80, 0xbf, 0xc3, 0xe2, 0xed, 0xf4, 0x8f, 0xba, 0xff]
    for number in 0..<10_000 {
      let text = [1, 10, 100, 1_000].map { bytes[number / $0 % 10] }
      #expect(OSString(carried: OSString(bytes: text).carried).bytes == text)
    }
  }
}
