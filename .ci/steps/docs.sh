# The documentation builds without a warning, private items included: it is the map of the house.
. .ci/lib.sh
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items
