//! Answers that are text from the start, for lists of thousands, and the one before to copy from.
//!
//! A list of a large cluster is megabytes, of which a change to one guest changes a few hundred bytes. So whoever
//! writes one may leave notes beside it, about what stands where and why; who writes the next one to the same
//! question is handed both, and copies what would not come out otherwise. An answer with a former is the same as one
//! without, only sooner.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;

/// What every body begins with, so that a text is written where it is sent from.
const BEFORE: &[u8] = b"{\"data\":";

/// `data` of an answer as JSON text: a list, or something with a list in it, truth values as the product writes them.
#[derive(Clone)]
pub struct Written {
    text: Vec<u8>,
    /// What comes after the last row.
    end: String,
    notes: Option<Notes>,
}

/// What a handler remembers of an answer.
pub type Notes = Arc<dyn Any + Send + Sync>;

impl Written {
    /// An empty list, with room for so many bytes.
    pub fn list(room: usize) -> Self {
        Self::within("[", "]".to_owned(), room)
    }

    /// An empty list within something: JSON up to the bracket that opens it, and from the one that closes it on.
    pub fn within(begin: &str, end: String, room: usize) -> Self {
        let mut text = Vec::with_capacity(BEFORE.len() + begin.len() + room + end.len());
        text.extend_from_slice(BEFORE);
        text.extend_from_slice(begin.as_bytes());
        let notes = None;
        Self { text, end, notes }
    }

    /// Adds a row.
    pub fn add(&mut self, row: &impl Serialize) {
        let before = self.text.len();
        self.begin_row();
        // Nothing of a row is a key that is no text, the one thing that cannot be written.
        if serde_json::to_writer(&mut self.text, row).is_err() {
            self.text.truncate(before);
        }
    }

    /// The text, with all before the next row; for whoever adds that row.
    pub fn begin_row(&mut self) -> &mut Vec<u8> {
        if self.text.last() != Some(&b'[') {
            self.text.push(b',');
        }
        &mut self.text
    }

    /// How long the text is so far: the places that notes tell of are counted from its beginning.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there is no row yet.
    pub fn is_empty(&self) -> bool {
        self.text.last() == Some(&b'[')
    }

    /// The same with notes for whoever writes the next one.
    #[must_use]
    pub fn noting(mut self, notes: impl Any + Send + Sync) -> Self {
        self.notes = Some(Arc::new(notes));
        self
    }

    /// The notes.
    pub(super) fn notes(&self) -> Option<Notes> {
        self.notes.clone()
    }

    /// All of `data`.
    pub(super) fn data(mut self) -> Vec<u8> {
        self.text.drain(..BEFORE.len());
        self.text.extend_from_slice(self.end.as_bytes());
        self.text
    }

    /// The whole body, with further members behind: the text of a JSON object, which may be empty.
    pub(super) fn body(mut self, members: &str) -> Bytes {
        self.text.extend_from_slice(self.end.as_bytes());
        let rest = members.trim_start_matches('{');
        if rest != "}" {
            self.text.push(b',');
        }
        self.text.extend_from_slice(rest.as_bytes());
        self.text.into()
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Written({} bytes)", self.text.len())
    }
}

/// What the same was answered before.
#[derive(Clone)]
pub struct Former {
    pub(super) body: Bytes,
    pub(super) notes: Notes,
}

impl Former {
    /// How long a list is that hardly differs.
    pub fn room(&self) -> usize {
        self.body.len() + 1024
    }

    /// The text, and the notes that were made of it; `None` for notes of another kind.
    pub fn read<T: Any>(&self) -> Option<(&[u8], &T)> {
        Some((&self.body, self.notes.downcast_ref()?))
    }
}

impl fmt::Debug for Former {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Former({} bytes)", self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let check = |rows: &[u8], members: &str, want: &str| {
            let mut list = Written::list(0);
            assert!(list.is_empty());
            rows.iter().for_each(|row| list.add(row));
            assert_eq!(list.clone().body(members), want);
            let data = want.split([':', ']']).nth(1).unwrap();
            assert_eq!(list.data(), format!("{data}]").as_bytes());
        };
        check(&[], "{}", r#"{"data":[]}"#);
        check(&[1], "{}", r#"{"data":[1]}"#);
        check(
            &[1, 2],
            r#"{"success":1,"total":2}"#,
            r#"{"data":[1,2],"success":1,"total":2}"#,
        );
    }

    #[test]
    fn lists_within_something() {
        let mut list = Written::within(r#"{"rows":["#, r#"],"of":7}"#.to_owned(), 0);
        assert_eq!(list.clone().data(), br#"{"rows":[],"of":7}"#);
        (1..3).for_each(|row| list.add(&row));
        assert_eq!(list.body("{}"), r#"{"data":{"rows":[1,2],"of":7}}"#);
    }

    #[test]
    fn notes_of_another_kind_are_not_read() {
        let list = Written::list(0).noting(7_u8);
        let former = Former {
            notes: list.notes().unwrap(),
            body: list.body("{}"),
        };
        assert_eq!(former.read(), Some((&br#"{"data":[]}"#[..], &7_u8)));
        assert!(former.read::<u16>().is_none());
    }
}
