# No warning of the compiler or of clippy, in the code and in the tests.
. .ci/lib.sh
cargo clippy --locked --all-targets -- -D warnings
