# The commands of the README. Each does all the set-up it needs on a fresh Debian 12 machine.
.PHONY: demo build test check self bench fuzz install package setup setup-test

JOBS ?= $(shell nproc)
WRIT := build/release/writ
export JOBS

# A real spec on real code: blocked, mended, resumed, approved, attested, verified elsewhere.
demo: build
	@examples/demo.sh $(WRIT)

build: setup
	@cmake --preset release >/dev/null
	@cmake --build build/release -j$(JOBS) --target writ

test: setup-test
	@cmake --preset dev >/dev/null
	@cmake --build build/dev -j$(JOBS)
	@ctest --preset dev -j$(JOBS)

# What CI checks beside the tests; BASE=REV narrows format and clang-tidy to what changed since.
check: setup-test
	@cmake --preset dev >/dev/null
	@tools/check.sh $(BASE)

# Writ's own spec, run by Writ on this checkout.
self: setup-test
	@cmake --preset dev >/dev/null
	@cmake --build build/dev -j$(JOBS) --target writ
	@tools/self.sh build/dev/writ

# Writes docs/benchmarks.md.
bench: setup
	@cmake --preset release >/dev/null
	@cmake --build build/release -j$(JOBS) --target writ benchmarks
	@bench/run.sh build/release docs/benchmarks.md

# SECONDS=60 per target.
fuzz: setup-test
	@cmake --preset fuzz >/dev/null
	@cmake --build build/fuzz -j$(JOBS) --target fuzzers
	@tests/fuzz/run.sh build/fuzz $(or $(SECONDS),60)

# The program and the C++ SDK.
install: build
	@cmake --build build/release -j$(JOBS) --target writ_sdk_archive
	@cmake --install build/release

# build/release/writ_VERSION_ARCHITECTURE.deb
package: build
	@cd build/release && cpack -G DEB

setup:
	@tools/setup.sh build

setup-test:
	@tools/setup.sh test
