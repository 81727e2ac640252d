# make demo      install what is missing, build, record a small VM (or read a recorded trace), report
# make test      build everything and pass every test
# make install   put the binaries, man pages, completions and contrib under PREFIX (/usr/local)
# make deb       build the Debian packages polltrace and polltrace-exporter into .build/deb, and check them with lintian
# make deb-test  install, upgrade, use, remove and purge them in chroots of Debian 12 and 13 (SUITES=host: in one of this system)
# make dist      write source and binary tarballs, checksums and an SBOM of the commit into .build/dist
# make dist-test  build the source tarball without a network, run the binaries, and check the SBOM
# make man       write the man pages anew from the commands' arguments
# make lab       record on other kernels, emulated, and check against KVM's counts (KERNELS="6.1 6.12")
# make export-test  check exports with DuckDB and with Perfetto's published schema, from PyPI
# make fleet-test  load a made-up fleet, ask DuckDB and Spark the same, and compare (PyPI, a JRE)
# make fleet-bench  the same questions of 10,000 hosts (some GB in .build/fleet-bench)
# make kernelshark-test  open the recorded traces with KernelShark's library
# make terminal-test  use polltrace top in a terminal: keys, sizes, signals, and the terminal put right
# make counters-test  compare the counters of 120 VMs that come and go with those that their own processes read
# make live-test  follow VMs that come and go with top's live trace, and compare with a recording beside it
# make apply-test  set, try, guard and restore parameters: a guest's own, and on folders that stand for / where things fail
# make guest-test  record this machine's CPUs, as a guest, under four values of guest_halt_poll_ns; by hand: it needs CPUs that idle
# make metrics-test  scrape polltrace metrics with Prometheus beside VMs whose own counts are known; rules and alerts
# make protos    make Swift of Perfetto's messages anew
# make browser-test  open reports in a real browser (headless Chromium) and use them
# make screenshots   pictures of reports, two widths, light and dark, into .build/screenshots
# make lint      check the house rules
# make bench     measure polltrace against its targets (Benchmarks/bench; needs some GB in Benchmarks/.build)
# make bench-check  count the instructions of report, replay and sweep, and fail above the limits in Benchmarks/
# make sanitize  tests with ThreadSanitizer, AddressSanitizer and UndefinedBehaviorSanitizer
# make fuzz      mutate traces until RUNS inputs (1000000) went through without a failure
PREFIX ?= /usr/local
DESTDIR ?=
ZSH_COMPLETIONS ?= $(PREFIX)/share/zsh/site-functions
RUNS ?= 1000000
# What every debug build gets: --enable-code-coverage, for one (then scripts/coverage says what was run).
SWIFT_FLAGS ?=
# What building needs; what the tests use beside that.
# g++ for the C++ library in Swift's own runtime.
BUILD_PACKAGES = g++ libc6-dev pkg-config libtracefs-dev libtraceevent-dev libzstd-dev zlib1g-dev
TEST_PACKAGES = trace-cmd zstd linux-perf
# What export-test takes beside DuckDB from PyPI.
EXPORT_PACKAGES = python3 python3-venv
# What fleet-test takes beside DuckDB and PySpark from PyPI.
FLEET_PACKAGES = python3 python3-venv gzip
# What kernelshark-test takes: libkshark-dev does not name what its own headers include.
KERNELSHARK_PACKAGES = gcc python3 zstd libkshark-dev libjson-c-dev libtracecmd-dev
# What metrics-test takes beside prometheus_client from PyPI: promtool is part of prometheus. nginx is started by itself.
METRICS_PACKAGES = python3 python3-venv prometheus nginx-light openssl curl
# What protos takes.
PROTO_PACKAGES = protobuf-compiler
# What looks at pages: a browser and who drives it.
BROWSER_PACKAGES = chromium chromium-driver python3-selenium fonts-dejavu-core
# What the lab takes: an emulator, and what goes into the machines it boots.
LAB_PACKAGES = qemu-system-x86 qemu-system-data busybox-static trace-cmd xz-utils zstd \
  e2fsprogs kmod strace debian-archive-keyring
LAB_ARM64_PACKAGES = qemu-system-arm gcc-aarch64-linux-gnu libc6-dev-arm64-cross
# How many kernels are tried at once, a processor each; measured costs are for one at a time.
LAB_JOBS ?= 1
# All scenarios where empty; else some of Tests/Lab/scenarios.py, with commas.
SCENARIOS ?=
KERNELS ?= 5.10 6.1 6.12 7.2 6.1-arm64
BENCH_CHECK_PACKAGES = python3 valgrind binutils util-linux gcc pkg-config trace-cmd libtracecmd-dev
# What dist and dist-test take.
DIST_PACKAGES = git xz-utils binutils python3 python3-venv
# What deb and deb-test take.
DEB_PACKAGES = debhelper dpkg-dev git lintian
DEB_TEST_PACKAGES = debootstrap debian-archive-keyring iproute2 python3 systemd systemd-container
SUITES ?= bookworm trixie
# What Benchmarks/bench compares with.
BENCH_PACKAGES = python3 trace-cmd libtracecmd-dev
RELEASE = .build/release
# The Swift runtime travels inside the binaries, which look for libraries in the system's folders only; the linker's
# tables are read-only when they run, and name nothing to others (the runtime asks for all of its symbols to be named).
RELEASE_FLAGS = -c release --static-swift-stdlib --disable-local-rpath -Xlinker -z -Xlinker relro -Xlinker -z -Xlinker now -Xlinker --no-export-dynamic
# What dist adds: where the linker looks for libraries first. Nothing but linking is done again for it.
RELEASE_LINKS ?=

# Without a product named SwiftPM builds its packages' own tools as well, a compiler of protobuf among them.
BUILD_PROGRAMS = swift build $(SWIFT_FLAGS) --product polltrace && swift build $(SWIFT_FLAGS) --product haltload

# In a source tarball swift-nio takes what it is built of from vendor/, too.
ifneq ($(wildcard vendor),)
export SWIFTCI_USE_LOCAL_DEPS = 1
endif

.PHONY: demo build release test export-test kernelshark-test terminal-test counters-test live-test protos browser-test screenshots fuzz sanitize install man lab lint bench apply-test guest-test metrics-test deb deb-test dist dist-test bench-check fleet-test fleet-bench packages test-packages clean

packages:
	@scripts/packages $(BUILD_PACKAGES)

test-packages: packages
	@scripts/packages $(TEST_PACKAGES)

build: packages
	$(BUILD_PROGRAMS)

release: packages
	swift build $(RELEASE_FLAGS) $(RELEASE_LINKS) --product polltrace
	swift build $(RELEASE_FLAGS) $(RELEASE_LINKS) --product haltload

demo: release
	@scripts/demo $(RELEASE)

test: test-packages
	swift build $(SWIFT_FLAGS) --build-tests
	@scripts/test $(SWIFT_FLAGS)

# DuckDB and Perfetto's schema come into .build/export-test; `make test` runs the same where it lies there.
export-test: packages
	@scripts/packages $(EXPORT_PACKAGES)
	[ -d .build/export-test ] || python3 -m venv .build/export-test
	.build/export-test/bin/pip install --quiet 'duckdb>=1.0' perfetto
	swift build $(SWIFT_FLAGS) --product polltrace
	for check in duckdb perfetto; do \
	  .build/export-test/bin/python Tests/Export/$${check}_check.py .build/debug/polltrace \
	    $(filter-out %.json,$(wildcard Tests/Fixtures/traces/*)) || exit 1; \
	done

# DuckDB and PySpark come into .build/fleet; any Java from 17 on does.
.build/fleet: packages
	@scripts/packages $(FLEET_PACKAGES)
	@command -v java >/dev/null || scripts/packages default-jre-headless
	[ -x .build/fleet/bin/pip ] || python3 -m venv .build/fleet
	.build/fleet/bin/pip install --quiet 'duckdb>=1.4' 'pyspark>=4'
	touch .build/fleet

fleet-test: .build/fleet
	swift build $(SWIFT_FLAGS) --product polltrace
	.build/fleet/bin/python Tests/Fleet/fleet_test.py --polltrace .build/debug/polltrace

fleet-bench: .build/fleet
	.build/fleet/bin/python Tests/Fleet/fleet_bench.py .build/fleet-bench

kernelshark-test: packages
	@scripts/packages $(KERNELSHARK_PACKAGES)
	swift build $(SWIFT_FLAGS) --product polltrace
	Tests/KernelShark/kernelshark-test .build/debug/polltrace \
	  $(wildcard Tests/Fixtures/traces/*.dat Tests/Fixtures/traces/*.dat.zst)

sanitize: packages
	@scripts/sanitize

terminal-test: packages
	@scripts/packages python3
	$(BUILD_PROGRAMS)
	Tests/Terminal/terminal-test .build/debug/polltrace .build/debug/haltload

counters-test: packages
	@scripts/packages python3
	$(BUILD_PROGRAMS)
	Tests/Counters/counters-test .build/debug/polltrace .build/debug/haltload

guest-test: packages
	@scripts/packages python3 trace-cmd
	$(BUILD_PROGRAMS)
	Tests/Guest/guest-test .build/debug/polltrace

live-test: packages
	@scripts/packages python3
	$(BUILD_PROGRAMS)
	Tests/Counters/live-test .build/debug/polltrace .build/debug/haltload

# strace kills and stops the command at chosen system calls.
apply-test: packages
	@scripts/packages python3 strace
	$(BUILD_PROGRAMS)
	Tests/Apply/apply-test .build/debug/polltrace .build/debug/haltload

# Debian's package starts its own prometheus where systemd runs; this one is another, on a free port of loopback.
metrics-test: packages
	@scripts/packages $(METRICS_PACKAGES)
	[ -d .build/metrics-test ] || python3 -m venv .build/metrics-test
	.build/metrics-test/bin/pip install --quiet 'prometheus-client>=0.20'
	$(BUILD_PROGRAMS)
	.build/metrics-test/bin/python Tests/Metrics/metrics-test .build/debug/polltrace .build/debug/haltload

fuzz: packages
	@Tests/Fuzz/run $(RUNS)

install: release
	install -D -m 755 $(RELEASE)/polltrace $(DESTDIR)$(PREFIX)/bin/polltrace
	install -m 755 $(RELEASE)/haltload $(DESTDIR)$(PREFIX)/bin/polltrace-haltload
	install -D -m 755 contrib/fleet/collect $(DESTDIR)$(PREFIX)/libexec/polltrace/collect
	install -d $(DESTDIR)$(PREFIX)/share/polltrace
	cp -r contrib/fleet contrib/prometheus $(DESTDIR)$(PREFIX)/share/polltrace
	rm -rf $(DESTDIR)$(PREFIX)/share/polltrace/fleet/__pycache__
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 docs/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	$(RELEASE)/polltrace --generate-completion-script bash | sed '1{/^#!/d}' \
	  > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/polltrace
	install -d $(DESTDIR)$(ZSH_COMPLETIONS)
	$(RELEASE)/polltrace --generate-completion-script zsh > $(DESTDIR)$(ZSH_COMPLETIONS)/_polltrace
	install -d $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(RELEASE)/polltrace --generate-completion-script fish \
	  > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/polltrace.fish

deb: packages
	@scripts/packages $(DEB_PACKAGES)
	rm -rf .build/deb
	mkdir -p .build/deb
	DEB_RULES_REQUIRES_ROOT=no debian/rules clean binary PACKAGES=.build/deb
	lintian --fail-on error,warning --show-overrides .build/deb/*.deb

deb-test: deb
	@scripts/packages $(DEB_TEST_PACKAGES)
	@scripts/deb-test .build/deb $(SUITES)

dist: packages
	@scripts/packages $(DIST_PACKAGES)
	@scripts/dist

dist-test:
	@scripts/packages $(DIST_PACKAGES)
	@scripts/dist-test .build/dist

# The pages in docs/man, anew from the commands' arguments.
man: packages
	@scripts/packages python3
	@scripts/man

protos: packages
	@scripts/packages $(PROTO_PACKAGES)
	scripts/protos

lab: release
	@scripts/packages $(LAB_PACKAGES) $(if $(filter %-arm64,$(KERNELS)),$(LAB_ARM64_PACKAGES))
	Tests/Lab/lab --jobs $(LAB_JOBS) $(if $(SCENARIOS),--only $(SCENARIOS)) $(KERNELS)

browser-test: packages
	@scripts/packages $(BROWSER_PACKAGES)
	swift build $(SWIFT_FLAGS) --product polltrace
	Tests/Browser/browser-test .build/debug/polltrace

screenshots: packages
	@scripts/packages $(BROWSER_PACKAGES)
	swift build $(SWIFT_FLAGS) --product polltrace
	Tests/Browser/screenshots .build/debug/polltrace .build/screenshots

lint:
	@scripts/lint

bench-check: release
	@scripts/packages $(BENCH_CHECK_PACKAGES)
	@Benchmarks/bench-check $(RELEASE)/polltrace

bench: release
	@scripts/packages $(BENCH_PACKAGES)
	@Benchmarks/bench

clean:
	rm -rf .build
