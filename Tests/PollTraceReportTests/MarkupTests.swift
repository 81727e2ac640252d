import Testing

@testable import PollTraceReport

@Suite struct `A piece of a page` {
  @Test(arguments: [
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("a & b", "a &amp; b"), ("\" onload='x'", "&quot; onload=&#39;x&#39;"),
    ("plain name", "plain name"), ("µs – ü", "µs – ü"),
    ("\u{1b}[31m\u{202e}\n", "\u{fffd}[31m\u{fffd}\u{fffd}"),
  ])
  func `escapes text and the values of attributes`(text: String, expected: String) {
    var markup = Markup()
    markup.element("p", ["title": text], text)
    #expect(markup.source == "<p title=\"\(expected)\">\(expected)</p>")
  }

  @Test func `keeps lines for a shell apart`() {
    var markup = Markup()
    markup.commands(["echo 0 > 'a b'", "rm c"], ["id": "x"])
    #expect(markup.source == "<pre id=\"x\">echo 0 &gt; &#39;a b&#39;\nrm c\n</pre>")
  }

  @Test func `nests elements`() {
    var markup = Markup()
    markup.element("ul", ["class": "a"]) { list in
      list.element("li", "one")
      list.shape("path", ["d": "M0 0"])
    }
    #expect(markup.source == "<ul class=\"a\"><li>one</li><path d=\"M0 0\"/></ul>")
  }
}

@Suite struct `A scale` {
  @Test func `draws equal ratios equally far apart where it is logarithmic`() {
    let scale = Scale(kind: .logarithmic, values: 1_000...1_000_000, places: (0, 300))
    #expect(abs(scale.place(10_000) - 100) < 0.01)
    #expect(abs(scale.place(100_000) - 200) < 0.01)
    #expect(scale.place(1) == 0)
    #expect(scale.place(1e9) == 300)
    #expect(scale.ticks(6) == [1e3, 1e4, 1e5, 1e6])
  }

  @Test func `has round ticks`() {
    #expect(Scale(values: 0...68, places: (0, 1)).ticks(5) == [0, 20, 40, 60])
    #expect(Scale(values: 0...0.7, places: (0, 1)).ticks(4).count == 4)
  }

  @Test func `is written to a tenth`() {
    #expect([1, 0.04, -2.25, 12.34, .nan].map(Place.text) == ["1", "0", "-2.3", "12.3", "0"])
  }
}
