set positional-arguments := true

# In CI a warning of GHC is an error.
strict := if env("CI", "") != "" { "--ghc-options=-Werror" } else { "" }
haskell := "git ls-files --cached --others --exclude-standard '*.hs'"

# This list
default:
    @just --list

# Build everything
build: build-rs build-hs

# Build the Rust crates
build-rs:
    cargo build --release --workspace

# Build the Haskell packages and the engines that are linked into them
build-hs:
    cabal build all {{ strict }}

# Search the texts of this machine and measure; or: run PATTERN PATH…
[no-exit-message]
run *arguments:
    @cabal build -v1 exe:search exe:bench {{ strict }}
    @examples/search/run "$@"

# Watch a folder, and decide in Haskell what becomes of changes; without arguments, a demonstration
[no-exit-message]
watch *arguments:
    @cabal build -v1 exe:watch {{ strict }}
    @examples/watch/run "$@"

# Run the README's program
counter:
    @cabal build -v1 exe:counter {{ strict }}
    @cabal run -v0 exe:counter {{ strict }}

# Write the Haskell modules of all services anew, or with --check see whether they are up to date
generate *options:
    cargo build --quiet --release -p rs-in-hs-generate
    target/release/rs-in-hs-generate examples/counter/engine/Cargo.toml --out examples/counter/src {{ options }}
    target/release/rs-in-hs-generate examples/search/engine/Cargo.toml --out examples/search/src {{ options }}
    target/release/rs-in-hs-generate examples/umbrella/engine/Cargo.toml --out examples/umbrella/src --prefix Umbrella {{ options }}
    target/release/rs-in-hs-generate examples/watch/engine/Cargo.toml --out examples/watch/src {{ options }}
    target/release/rs-in-hs-generate hs/mirror/engine/Cargo.toml --out hs/mirror/src {{ options }}
    target/release/rs-in-hs-generate hs/tests/engine/Cargo.toml --out hs/tests/src {{ options }}

# Run all tests
test: test-rs test-generated test-setup test-repl test-hs

# The tests of the Rust half: unit tests, the C harness, and the loom models
test-rs:
    RUSTFLAGS="--cfg loom" cargo test --release --target-dir target/loom -p rs-in-hs-runtime --test loom
    cargo test --workspace

# The committed Haskell modules are what the services give
test-generated: (generate "--check")

# How cabal builds and links a package with an engine, and what its mistakes are told
test-setup:
    hs/setup/package.test

# GHCi loads an engine, and does so again after a reload
test-repl:
    examples/counter/repl.test {{ strict }}

# The tests that go through GHC and the linked engines
test-hs:
    cabal test all {{ strict }} --test-show-details=direct

# Measure everything, in minutes, and write docs/performance; or: bench --short
[no-exit-message]
bench *options:
    @cabal build -v1 exe:bench {{ strict }}
    @bench/run "$@"

# Measure the bounds only, in seconds; fails where one is worse than recorded
[no-exit-message]
guard:
    @cabal build -v1 exe:bench {{ strict }}
    @bench/run --guard

# Build and test with the GHC of each Debian release (as root); or: matrix SUITE…
matrix *suites:
    .ci/matrix "$@"

# A REPL with the search engine loaded
repl:
    cabal repl lib:search {{ strict }}

# Write the C header anew from the Rust source
header:
    UPDATE_HEADER=1 cargo test -p rs-in-hs --test header

# Format both languages
fmt:
    cargo fmt
    {{ haskell }} | xargs ormolu --mode inplace

# Check format and style of both languages
lint:
    cargo fmt --check
    cargo clippy --workspace --all-targets -- -D warnings
    {{ haskell }} | xargs ormolu --mode check
    {{ haskell }} | xargs hlint
