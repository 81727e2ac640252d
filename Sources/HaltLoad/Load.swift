import Glibc

/// One load, from the first vCPU's start to the last one's end.
struct Load {
  private let machine: Machine
  private let wakers: [Waker]
  private let stop = Stop()
  private let ceilings: CeilingBlocks
  private let options: Options

  init(_ options: Options) throws(Failure) {
    self.options = options
    ceilings = CeilingBlocks(options.ceiling, length: options.block, seed: options.seed)
    machine = try Machine(
      vcpus: options.vcpus, ceiling: options.ceiling.first, counted: options.holdStatistics,
      keepsHalt: options.exits == .hlt)
    let rings = options.distribution == .request
    try machine.load(
      busy: options.busy, rings: rings, idle: options.idle, most: options.guestHaltPoll)
    var wakers: [Waker] = []
    for vcpu in 0..<options.vcpus {
      let doorbell = rings ? try machine.doorbell(of: vcpu) : nil
      wakers.append(
        Waker(
          of: vcpu, in: machine, doorbell: doorbell,
          busy: options.iothread ?? Nanoseconds(count: 0)))
    }
    self.wakers = wakers
  }

  /// Runs until its time is up or someone interrupts it.
  func run() throws(Failure) -> Outcome {
    try Interruption.prepare()
    let begin = Clock.now
    let guests = machine.vcpus.map(guest)
    let senders = machine.vcpus.map { sender($0, from: begin) }
    let neighbours = options.neighbour.map { [neighbour($0, from: begin)] } ?? []
    let setters = ceilings.isEmpty ? [] : [ceilingSetter(from: begin)]
    let others = senders + neighbours + setters
    do throws(Failure) {
      for thread in guests + others { try thread.start() }
      stop.raise(at: begin + options.duration.count)
    } catch {
      try? end(guests, others)
      throw error
    }
    try end(guests, others)
    let end = Clock.now
    return Outcome(
      begin: begin, end: end,
      vcpus: try machine.vcpus.map { vcpu throws(Failure) in
        try outcome(of: vcpu, guests[vcpu.id].tid)
      },
      sums: options.stats != nil && machine.vcpus.contains { $0.statistics == nil }
        ? try machine.sums() : nil, ceilings: ceilings.blocks)
  }

  private func end(_ guests: [Thread], _ others: [Thread]) throws(Failure) {
    stop.raise()
    for vcpu in machine.vcpus { vcpu.leave() }
    for thread in guests { thread.kick() }
    let failures = (guests + others).compactMap { $0.join() }
    if let failure = failures.first { throw failure }
  }

  private func outcome(of vcpu: VCPU, _ tid: Int32) throws(Failure) -> Outcome.VCPU {
    Outcome.VCPU(
      id: vcpu.id, tid: tid, sent: wakers[vcpu.id].sent, answered: machine.answered(by: vcpu.id),
      statistics: try vcpu.statistics.map { file throws(Failure) in try Statistics(of: file) },
      latency: wakers[vcpu.id].latency)
  }

  private func guest(_ vcpu: VCPU) -> Thread {
    Thread(
      named: "CPU \(vcpu.id)/KVM", cpu: place(ofVCPU: vcpu.id), stop: stop
    ) { [stop] () throws(Failure) in try vcpu.run(until: stop) }
  }

  private func sender(_ vcpu: VCPU, from begin: UInt64) -> Thread {
    let random = Random(seed: options.seed, stream: vcpu.id)
    let gaps = Gaps(options.distribution, mean: options.mean, random: random)
    return Thread(
      named: "waker \(vcpu.id)", cpu: place(ofWaker: vcpu.id), stop: stop
    ) { [stop, waker = wakers[vcpu.id]] () throws(Failure) in
      try waker.run(gaps, from: begin, until: stop)
    }
  }

  private func neighbour(_ neighbour: Neighbour, from begin: UInt64) -> Thread {
    Thread(named: "neighbour", cpu: place(ofVCPU: 0), stop: stop) { [stop] in
      neighbour.run(from: begin, until: stop)
    }
  }

  private func ceilingSetter(from begin: UInt64) -> Thread {
    Thread(named: "ceilings", cpu: nil, stop: stop) {
      [stop, machine, ceilings] () throws(Failure) in
      try ceilings.run(on: machine, from: begin, until: stop)
    }
  }

  private func place(ofVCPU vcpu: Int) -> Int? {
    place(options.together ? 0 : options.cross ? vcpu : 2 * vcpu)
  }

  private func place(ofWaker vcpu: Int) -> Int? {
    if options.iothread != nil { return place(ofVCPU: vcpu) }
    return place(
      options.together ? 1 : options.cross ? (vcpu + 1) % options.vcpus : 2 * vcpu + 1)
  }

  private func place(_ index: Int) -> Int? {
    options.staysPut ? index % max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) : nil
  }
}
