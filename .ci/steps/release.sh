# The program as it is shipped: static, stripped, and small enough for an image that starts at once.
. .ci/lib.sh
RUSTFLAGS="-C target-feature=+crt-static" cargo build --locked --release --target "$(host_triple)"

binary=$(release_binary)
printf 'size of the static program: %d bytes\n' "$(wc -c <"$binary")"
if have readelf; then
    needed=$(readelf -d "$binary" | grep -c NEEDED || true)
    [ "$needed" -eq 0 ] || fail "the program needs $needed shared libraries"
    echo "it needs no shared library"
fi
"$binary" --version
