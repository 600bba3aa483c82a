//! Query strings: pairs in their order, keys may repeat.

use std::borrow::Cow;

use super::path::decode_component;

/// The pairs of a query string, decoded. A key without `=` has an empty value.
pub fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (decode_component(key), decode_component(value))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_keep_order_and_repeats() {
        let found: Vec<_> = pairs("a=1&b&a=%202&&c=x=y").collect();
        let want = [("a", "1"), ("b", ""), ("a", " 2"), ("c", "x=y")];
        let want: Vec<_> = want.iter().map(|&(k, v)| (k.into(), v.into())).collect();
        assert_eq!(found, want);
    }
}
