import PollTrace
import Testing

@Suite struct `Text from a file` {
  @Test(arguments: [
    ("web1", "web1"), ("naïve-ホスト", "naïve-ホスト"), ("", ""),
    ("web\u{1b}[31m1\n", "web\u{fffd}[31m1\u{fffd}"),
    ("\u{1b}]0;PWN\u{7}", "\u{fffd}]0;PWN\u{fffd}"),
    ("\u{9b}2J\u{202e}x\u{2028}\u{7f}", "\u{fffd}2J\u{fffd}x\u{fffd}\u{fffd}"),
    ("\r\n", "\u{fffd}\u{fffd}"), ("e\u{301}", "e\u{301}"),
  ])
  func `cannot steer a terminal`(text: String, shown: String) {
    #expect(Untrusted(text).terminal.unicodeScalars.elementsEqual(shown.unicodeScalars))
  }

  @Test(arguments: [
    ("web1", "web1"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""),
    ("two\nlines\r", "two\u{FFFD}lines\u{FFFD}"), ("\u{1b}[31mred", "\u{FFFD}[31mred"),
    ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
    ("@SUM(A1)", "'@SUM(A1)"), ("+1", "'+1"), ("-1", "'-1"), ("\tx", "'\u{FFFD}x"), ("-", "-"),
    ("", ""), ("naïve–名", "naïve–名"), ("＝1", "'＝1"), ("=\u{301}1", "'=\u{301}1"),
    // A combining mark makes one character with what it follows, and hides neither.
    ("a,\u{301}b.txt", "\"a,\u{301}b.txt\""),
    ("q\"\u{301},=1+1,", "\"q\"\"\u{301},=1+1,\""),
  ])
  func `is one field of CSV and no formula`(text: String, field: String) {
    #expect(Untrusted(text).csv.unicodeScalars.elementsEqual(field.unicodeScalars))
  }

  @Test(arguments: [
    ("web1", "\"web1\""), ("\"\\\u{8}\u{c}\n\r\t", "\"\\\"\\\\\\b\\f\\n\\r\\t\""),
    ("\u{1}\u{1b}", "\"\\u0001\\u001b\""), ("\u{7f}\u{9b}", "\"\\u007f\\u009b\""),
    ("\u{202e}\u{2028}", "\"\\u202e\\u2028\""), ("\u{e0001}", "\"\\udb40\\udc01\""),
    ("\"\u{301}", "\"\\\"\u{301}\""), ("名 µ", "\"名 µ\""),
  ])
  func `is a string of JSON that steers no terminal`(text: String, string: String) {
    #expect(Untrusted(text).json.unicodeScalars.elementsEqual(string.unicodeScalars))
  }

  @Test func `that is no UTF-8 is text all the same`() {
    let text = Untrusted(String(decoding: [0x61, 0xff, 0xc3, 0x22] as [UInt8], as: UTF8.self))
    #expect(text.json == "\"a\u{fffd}\u{fffd}\\\"\"")
    #expect(text.csv == "\"a\u{fffd}\u{fffd}\"\"\"")
  }

  @Test(arguments: [
    ("<b onclick='x'>&\"", "&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;"),
    ("<\u{338}script>", "&lt;\u{338}script&gt;"), ("\u{1b}[0m", "\u{fffd}[0m"),
  ])
  func `is text of HTML`(text: String, html: String) {
    #expect(Untrusted(text).html.unicodeScalars.elementsEqual(html.unicodeScalars))
  }

  @Test func `makes sentences that are escaped as a whole`() {
    let name: Untrusted = "web\u{1b}1"
    let sentence: Untrusted = "VM \(name) of \(3): " + "no halts"
    #expect(sentence.terminal == "VM web\u{fffd}1 of 3: no halts")
    #expect(Untrusted.joined([name, "b"], by: ", ").terminal == "web\u{fffd}1, b")
  }
}
