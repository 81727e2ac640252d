# make demo      install what is missing, build, record a small VM (or read a recorded trace), report
# make test      build everything and pass every test
# make install   put the binary under PREFIX (/usr/local)
# make lint      check the house rules
# make fuzz      mutate traces until RUNS inputs (1000000) went through without a failure
PREFIX ?= /usr/local
DESTDIR ?=
RUNS ?= 1000000
# What building needs; what the tests use beside that.
BUILD_PACKAGES = gcc libc6-dev pkg-config libtracefs-dev libtraceevent-dev libzstd-dev zlib1g-dev
TEST_PACKAGES = trace-cmd zstd
RELEASE = .build/release

.PHONY: demo build release test fuzz install lint packages test-packages clean

packages:
	@scripts/packages $(BUILD_PACKAGES)

test-packages: packages
	@scripts/packages $(TEST_PACKAGES)

build: packages
	swift build

# The Swift runtime travels inside the binary.
release: packages
	swift build -c release --static-swift-stdlib --product polltrace
	swift build -c release --static-swift-stdlib --product haltload

demo: release
	@scripts/demo $(RELEASE)

test: test-packages
	swift build --build-tests
	swift test --skip-build --disable-xctest --no-parallel

fuzz: packages
	@Tests/Fuzz/run $(RUNS)

install: release
	install -D -m 755 $(RELEASE)/polltrace $(DESTDIR)$(PREFIX)/bin/polltrace

lint:
	@scripts/lint

clean:
	rm -rf .build
