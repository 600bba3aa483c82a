//! The last body under each capture name.
//!
//! One body per name, the last one wins, whichever node sent it: that is what scripts written for
//! plexd's mock read. The names are the contract's and each body is within the dialect's limit, so
//! there is a bound on the whole without counting here.

use bytes::Bytes;

/// The last bodies.
#[derive(Debug)]
pub struct Captures(Vec<Option<Bytes>>);

impl Captures {
    /// Room for `names` names, nothing kept yet.
    pub fn new(names: usize) -> Self {
        Self(vec![None; names])
    }

    /// Keeps a body and hands back the one it replaces, for the caller to free where that holds up nobody.
    pub fn keep(&mut self, name: u16, body: Bytes) -> Option<Bytes> {
        self.0.get_mut(usize::from(name))?.replace(body)
    }

    /// The last body under a name.
    pub fn last(&self, name: u16) -> Option<Bytes> {
        self.0.get(usize::from(name))?.clone()
    }

    /// Forgets all bodies.
    pub fn clear(&mut self) {
        self.0.fill(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_body_wins() {
        let mut captures = Captures::new(1);
        assert_eq!(captures.last(0), None);
        assert_eq!(captures.keep(0, Bytes::from_static(b"a")), None);
        assert_eq!(captures.keep(0, Bytes::from_static(b"b")).unwrap(), "a");
        assert_eq!(captures.last(0).unwrap(), "b");
        assert_eq!(captures.keep(7, Bytes::new()), None);
        assert_eq!(captures.last(7), None);
        captures.clear();
        assert_eq!(captures.last(0), None);
    }
}
