# The code is formatted as stock rustfmt formats it.
. .ci/lib.sh
cargo fmt --all --check -- --color never
echo "formatted"
