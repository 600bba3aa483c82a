//! JSON read with the place of every value, so that a fault can name its line and column.

use serde_json::{Number, Value};

use super::super::scan::{Malformed, Next, Scanner};
use super::super::text::Characters;
use super::keyword;

/// How many lists and objects may stand in one another. The products' own trees need about forty.
const DEEPEST: usize = 200;

/// What is wrong with the input, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The byte, counted from the start of what was read.
    pub(super) at: usize,
    /// A sentence without its place.
    pub(super) message: String,
}

impl Fault {
    /// A fault at a byte.
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
        }
    }
}

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Self {
        Self::new(malformed.at, malformed.reason)
    }
}

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// Its first byte, counted from the start of what was read.
    pub(super) at: usize,
    /// What it is.
    pub(super) tree: Tree,
}

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// A list.
    List(Vec<Node>),
    /// An object, its members in the order of the text, no name twice.
    Object(Vec<(String, Node)>),
}

/// Reads the value at the start of `text`, and says how many bytes it takes. `start` is added to all places.
pub(super) fn read(text: &[u8], start: usize) -> Result<(Node, usize), Fault> {
    let shifted = |fault: Fault| Fault::new(fault.at + start, fault.message);
    let mut reader = Reader {
        scan: Scanner::new(text),
        start,
    };
    let node = reader.value(0).map_err(shifted)?;
    Ok((node, reader.scan.position()))
}

struct Reader<'a> {
    scan: Scanner<'a>,
    start: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Result<Node, Fault> {
        let first = self.scan.peek()?;
        let at = self.scan.position();
        if depth > DEEPEST {
            let message =
                format!("lists and objects stand in one another more than {DEEPEST} deep");
            return Err(Fault::new(at, message));
        }
        let tree = match first {
            b'{' => self.object(depth)?,
            b'[' => self.list(depth)?,
            b'"' => Tree::String(Characters::new(self.scan.string()?).collect()),
            b't' => self.word("true", Tree::Bool(true))?,
            b'f' => self.word("false", Tree::Bool(false))?,
            b'-' | b'0'..=b'9' => self.number(at)?,
            _ => self.word("null", Tree::Null)?,
        };
        Ok(Node {
            at: at + self.start,
            tree,
        })
    }

    fn list(&mut self, depth: usize) -> Result<Tree, Fault> {
        self.scan.open()?;
        let mut items = Vec::new();
        let mut next = self.scan.empty(b']')?;
        while next == Next::Item {
            items.push(self.value(depth + 1)?);
            next = self.scan.next(b']')?;
        }
        Ok(Tree::List(items))
    }

    fn object(&mut self, depth: usize) -> Result<Tree, Fault> {
        self.scan.open()?;
        let mut members = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        let mut next = self.scan.empty(b'}')?;
        while next == Next::Item {
            self.scan.peek()?;
            let at = self.scan.position();
            let name: String = Characters::new(self.scan.key()?).collect();
            if !names.insert(name.clone()) {
                return Err(Fault::new(at, format!("{name:?} stands there twice")));
            }
            members.push((name, self.value(depth + 1)?));
            next = self.scan.next(b'}')?;
        }
        Ok(Tree::Object(members))
    }

    fn number(&mut self, at: usize) -> Result<Tree, Fault> {
        let digits = std::str::from_utf8(self.scan.number()?).unwrap_or_default();
        let number = serde_json::from_str(digits);
        let number = number.map_err(|_| Fault::new(at, "the number is too large"))?;
        Ok(Tree::Number(number))
    }

    fn word(&mut self, word: &'static str, tree: Tree) -> Result<Tree, Fault> {
        self.scan.word(word)?;
        Ok(tree)
    }
}

impl Node {
    /// The members of an object; none when it is something else.
    pub(super) fn members(&self) -> &[(String, Node)] {
        match &self.tree {
            Tree::Object(members) => members,
            _ => &[],
        }
    }

    /// The member of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        let mut members = self.members().iter();
        members
            .find(|(known, _)| known == name)
            .map(|(_, node)| node)
    }

    /// The text of a string.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.tree {
            Tree::String(text) => Some(text),
            _ => None,
        }
    }

    /// A yes or no, as the products spell it: `true`, `1`, `"1"` and their opposites.
    pub(super) fn flag(&self) -> Option<bool> {
        match &self.tree {
            Tree::Bool(flag) => Some(*flag),
            Tree::Number(number) if number.as_u64() == Some(1) => Some(true),
            Tree::Number(number) if number.as_u64() == Some(0) => Some(false),
            Tree::String(text) if text == "1" => Some(true),
            Tree::String(text) if text == "0" || text.is_empty() => Some(false),
            _ => None,
        }
    }

    /// The same value without places and without prose.
    pub(super) fn bare(&self) -> Value {
        match &self.tree {
            Tree::Null => Value::Null,
            Tree::Bool(flag) => Value::Bool(*flag),
            Tree::Number(number) => Value::Number(number.clone()),
            Tree::String(text) => Value::String(text.clone()),
            Tree::List(items) => items.iter().map(Node::bare).collect(),
            Tree::Object(members) => {
                let told = members.iter().filter(|(name, _)| !keyword::is_prose(name));
                Value::Object(
                    told.map(|(name, node)| (name.clone(), node.bare()))
                        .collect(),
                )
            }
        }
    }

    /// What it is called in a sentence: short values are quoted, others named.
    pub(super) fn called(&self) -> String {
        match &self.tree {
            Tree::List(_) => "a list".to_owned(),
            Tree::Object(_) => "an object".to_owned(),
            Tree::String(text) if text.chars().count() > 60 => "a long string".to_owned(),
            _ => self.bare().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_places() {
        let text = r#" {"a": [1, "x\n]", {"b":null}], "c":true} rest"#;
        let (node, length) = read(text.as_bytes(), 100).unwrap();
        assert_eq!(&text[length..], " rest");
        assert_eq!(node.at, 101);
        assert_eq!(node.get("c").unwrap().at, 100 + text.find("true").unwrap());
        assert_eq!(
            node.bare().to_string(),
            r#"{"a":[1,"x\n]",{"b":null}],"c":true}"#
        );
    }

    #[test]
    fn faults_know_their_places() {
        let check = |text: &str, at: usize, want: &str| {
            let fault = read(text.as_bytes(), 1000).unwrap_err();
            assert_eq!(
                (fault.at, fault.message.as_str()),
                (1000 + at, want),
                "{text}"
            );
        };
        check("[1,", 3, "the text ends too early");
        check("{a:1}", 1, "the name of a field is missing");
        check("{\"a\":1, \"a\":2}", 8, "\"a\" stands there twice");
        check("[1e999]", 1, "the number is too large");
        check("[nul]", 1, "no JSON value begins like this");
        let deep = "[".repeat(1_000_000);
        check(
            &deep,
            201,
            "lists and objects stand in one another more than 200 deep",
        );
    }

    #[test]
    fn flags_are_spelled_in_many_ways() {
        let check = |text: &str, want: Option<bool>| {
            let (node, _) = read(text.as_bytes(), 0).unwrap();
            assert_eq!(node.flag(), want, "{text}");
        };
        check("1", Some(true));
        check("\"1\"", Some(true));
        check("true", Some(true));
        check("0", Some(false));
        check("\"0\"", Some(false));
        check("\"\"", Some(false));
        check("2", None);
        check("\"yes\"", None);
        check("[]", None);
    }
}
