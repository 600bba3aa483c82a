//! DER, as far as certificates and keys need it: values with a tag and a length, read and written.

/// Tags that are used here.
pub(super) mod tag {
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BITS: u8 = 0x03;
    pub(crate) const OCTETS: u8 = 0x04;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const TEXT: u8 = 0x0C;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const TIME: u8 = 0x18;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;
}

/// Reads one value after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

/// A value: its tag and what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next value; `None` at the end, or where there is no value.
    pub(super) fn next(&mut self) -> Option<Item<'a>> {
        let (&tag, rest) = self.rest.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7F => (usize::from(first), rest),
            // A length of a length: up to four octets, which is more than any body has.
            0x81..=0x84 => {
                let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
                let add = |length: usize, octet: &u8| length << 8 | usize::from(*octet);
                (octets.iter().fold(0, add), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(Item { tag, content })
    }

    /// The next value, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next()
            .filter(|item| item.tag == tag)
            .map(|item| item.content)
    }

    /// The next value when it has this tag; else it stays.
    pub(super) fn optional(&mut self, tag: u8) -> Option<&'a [u8]> {
        match self.rest.first() {
            Some(first) if *first == tag => self.expect(tag),
            _ => None,
        }
    }

    /// All values to the end.
    pub(super) fn items(mut self) -> impl Iterator<Item = Item<'a>> {
        std::iter::from_fn(move || self.next())
    }
}

/// A value as it is written.
pub(super) fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(length @ 0..=0x7F) => bytes.push(length),
        _ => {
            let octets = content.len().to_be_bytes();
            let octets: Vec<u8> = octets.into_iter().skip_while(|octet| *octet == 0).collect();
            bytes.push(0x80 | u8::try_from(octets.len()).unwrap_or(8));
            bytes.extend(octets);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

/// A value made of values.
pub(super) fn nested(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    value(tag, &parts.concat())
}

/// An object identifier in dots.
pub(super) fn dotted(content: &[u8]) -> String {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number: u64 = 0;
    for octet in content {
        number = number
            .saturating_mul(128)
            .saturating_add(u64::from(octet & 0x7F));
        if octet & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.push(first);
                numbers.push(number - first * 40);
            } else {
                numbers.push(number);
            }
            number = 0;
        }
    }
    let texts: Vec<_> = numbers.iter().map(u64::to_string).collect();
    texts.join(".")
}
