//! Header fields in one allocation, because every exchange keeps its own in the journal.

/// Header fields in the order they came. Names are compared without regard to case.
///
/// All bytes stand in one buffer with an index beside it: a request is copied once out of the
/// connection's read buffer and the journal then keeps that very copy (keeping the connection's own
/// slices would keep 8 KB of read buffer alive for each exchange).
#[derive(Debug, Clone, Default)]
pub struct Headers {
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

/// Where one field stands in the buffer: its value follows its name without a separator.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    name: u32,
    value: u32,
}

impl Headers {
    /// An empty set with room for `fields` fields of `bytes` bytes together.
    pub fn with_capacity(fields: usize, bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            spans: Vec::with_capacity(fields),
        }
    }

    /// Adds a field. Sizes are bounded long before by the dialect's header limit.
    pub fn push(&mut self, name: &str, value: &[u8]) {
        let length = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.spans.push(Span {
            start: length(self.bytes.len()),
            name: length(name.len()),
            value: length(value.len()),
        });
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(value);
    }

    /// The first value of a field, as the bytes that were sent.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The first value of a field, if it is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)
            .and_then(|value| std::str::from_utf8(value).ok())
    }

    /// All fields in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.spans.iter().map(|span| {
            let name = span.start as usize..(span.start + span.name) as usize;
            let value = name.end..name.end + span.value as usize;
            (
                std::str::from_utf8(&self.bytes[name]).unwrap_or_default(),
                &self.bytes[value],
            )
        })
    }

    /// How many bytes this set keeps allocated, for limits that count bytes.
    pub fn footprint(&self) -> usize {
        self.bytes.capacity() + self.spans.capacity() * size_of::<Span>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_ignores_case() {
        let mut headers = Headers::default();
        headers.push("Accept", b"a");
        headers.push("x-node", b"\xff");
        headers.push("accept", b"b");
        assert_eq!(headers.text("ACCEPT"), Some("a"));
        assert_eq!(headers.get("X-Node"), Some(&b"\xff"[..]));
        assert_eq!(headers.text("X-Node"), None);
        let names: Vec<_> = headers.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["Accept", "x-node", "accept"]);
    }
}
