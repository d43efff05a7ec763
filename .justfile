# Short names for what one does all day. `just ci` is exactly what CI runs.

default:
    @just --list

# Everything, as CI does it
ci:
    ./test

# Serve from the sources
serve *arguments:
    cargo run --locked -- serve {{ arguments }}

# Show a signed delivery in a dialect
demo dialect="fondaco":
    cargo run --locked -- demo --dialect {{ dialect }}

# The house rules on the source text, in under a second
tidy:
    cargo test --locked --test tidy

# Tests whose name contains a text
only name:
    cargo test --locked {{ name }}

# Format
fmt:
    cargo fmt --all
