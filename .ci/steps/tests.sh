# The tests, with the command of the README.
. .ci/lib.sh
cargo test --locked
