//! Property strings: `virtio=BC:24:11:00:00:01,bridge=vmbr0`, several properties in one value.
//!
//! Only the form: which keys there are and what their values may be is for the format's schema. The two
//! spellings are those of `PVE::JSONSchema` and of proxmox-schema's `property_string.rs`.

use std::collections::HashSet;
use std::fmt;

/// How a product writes property strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// Proxmox VE: a comma always separates; a value is everything after the first `=`.
    Plain,
    /// The Rust products: a value in double quotes may have commas, and `\"`, `\\` and `\n` in it.
    Quoted,
}

/// Why a text is no property string. `Display` gives the products' words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PropertyFault {
    /// A key that stands twice.
    #[error("duplicate key in comma-separated list property: {0}")]
    Duplicate(String),
    /// A bare value where there is no default key.
    #[error("value without key, but schema does not define a default key")]
    NoDefaultKey,
    /// `=value` or `key=`.
    #[error("missing key in comma-separated list property")]
    MissingKey,
    /// A quoted value that does not end.
    #[error("unexpected end of string")]
    Unfinished,
    /// Something other than a comma after a quoted value, or an escape that does not exist.
    #[error("garbage after quoted string")]
    Garbage,
    /// A value that cannot be written without quotes.
    #[error("illegal value with commas for {0}")]
    Comma(String),
}

/// The properties in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PropertyString {
    pairs: Vec<(String, String)>,
}

impl PropertyString {
    /// Reads a property string. A value without a key belongs to `default_key`.
    ///
    /// # Errors
    /// The first thing found wrong, in the product's words.
    pub fn parse(
        text: &str,
        default_key: Option<&str>,
        spelling: Spelling,
    ) -> Result<Self, PropertyFault> {
        let mut properties = Self::default();
        // A value may be as long as a body, and hold a hundred thousand keys before a schema sees any of them.
        let mut seen = HashSet::new();
        let mut rest = text;
        while !rest.is_empty() {
            let part;
            (part, rest) = match spelling {
                Spelling::Plain => plain_part(rest)?,
                Spelling::Quoted => quoted_part(rest)?,
            };
            let Some((key, value)) = part else {
                continue;
            };
            let key = match key {
                Some(key) => key,
                None => default_key.ok_or(PropertyFault::NoDefaultKey)?,
            };
            if !seen.insert(key) {
                return Err(PropertyFault::Duplicate(key.to_owned()));
            }
            properties.pairs.push((key.to_owned(), value));
        }
        Ok(properties)
    }

    /// The value of a key.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value)
    }

    /// All properties in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(key, value)| (&**key, &**value))
    }

    /// Sets a key where it stands, or at the end.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        let value = value.into();
        match self.pairs.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => self.pairs.push((key.to_owned(), value)),
        }
    }

    /// Takes a key out and gives its value.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        let at = self.pairs.iter().position(|(name, _)| name == key)?;
        Some(self.pairs.remove(at).1)
    }

    /// Writes the properties: the default key first and without its name, the others in their order.
    ///
    /// # Errors
    /// [`PropertyFault::Comma`] for a value that this spelling cannot carry.
    pub fn print(
        &self,
        default_key: Option<&str>,
        spelling: Spelling,
    ) -> Result<String, PropertyFault> {
        let is_default = |key: &str| Some(key) == default_key;
        let (first, others): (Vec<_>, Vec<_>) = self.iter().partition(|(key, _)| is_default(key));
        let mut text = String::new();
        for (key, value) in first.into_iter().chain(others) {
            if !text.is_empty() {
                text.push(',');
            }
            if !is_default(key) || !stands_alone(value, spelling) {
                text.push_str(key);
                text.push('=');
            }
            write_value(&mut text, key, value, spelling)?;
        }
        Ok(text)
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for PropertyString {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(pairs: T) -> Self {
        let mut properties = Self::default();
        for (key, value) in pairs {
            properties.set(&key.into(), value);
        }
        properties
    }
}

impl fmt::Display for PropertyString {
    /// All keys with their names, for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (key, value)) in self.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}{key}={value}")?;
        }
        Ok(())
    }
}

/// A key, if it stood there, with its value; nothing for a blank part; and what follows it.
type Part<'a> = (Option<(Option<&'a str>, String)>, &'a str);

fn plain_part(text: &str) -> Result<Part<'_>, PropertyFault> {
    let (part, rest) = text.split_once(',').unwrap_or((text, ""));
    if part.trim().is_empty() {
        return Ok((None, rest));
    }
    let read = match part.split_once('=') {
        None => (None, part.to_owned()),
        Some((key, value)) if !key.is_empty() && !value.is_empty() => (Some(key), value.to_owned()),
        Some(_) => return Err(PropertyFault::MissingKey),
    };
    Ok((Some(read), rest))
}

fn quoted_part(text: &str) -> Result<Part<'_>, PropertyFault> {
    let (key, tail) = match text.find(['=', ',', '"']) {
        Some(at) if text[at..].starts_with('=') => (Some(&text[..at]), &text[at + 1..]),
        _ => (None, text),
    };
    let Some(quoted) = tail.strip_prefix('"') else {
        let (value, rest) = tail.split_once(',').unwrap_or((tail, ""));
        return Ok((Some((key, value.to_owned())), rest));
    };
    let (value, rest) = unquoted(quoted)?;
    let rest = match rest.strip_prefix(',') {
        Some(rest) => rest,
        None if rest.is_empty() => rest,
        None => return Err(PropertyFault::Garbage),
    };
    Ok((Some((key, value)), rest))
}

/// The value up to the closing quote, and what follows the quote.
fn unquoted(text: &str) -> Result<(String, &str), PropertyFault> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => match characters.next().ok_or(PropertyFault::Unfinished)?.1 {
                'n' => value.push('\n'),
                c @ ('"' | '\\') => value.push(c),
                _ => return Err(PropertyFault::Garbage),
            },
            c => value.push(c),
        }
    }
    Err(PropertyFault::Unfinished)
}

/// Whether a value of the default key is read back without its name: one with `=` in it would be read as a key,
/// and a blank one would not be read at all.
fn stands_alone(value: &str, spelling: Spelling) -> bool {
    match spelling {
        Spelling::Plain => !value.contains('=') && !value.trim().is_empty(),
        Spelling::Quoted => !value.is_empty(),
    }
}

fn write_value(
    text: &mut String,
    key: &str,
    value: &str,
    spelling: Spelling,
) -> Result<(), PropertyFault> {
    if spelling == Spelling::Plain {
        if value.contains(',') {
            return Err(PropertyFault::Comma(key.to_owned()));
        }
        text.push_str(value);
        return Ok(());
    }
    if !value.contains([',', '"', '\\', '\n', '=']) {
        text.push_str(value);
        return Ok(());
    }
    text.push('"');
    for c in value.chars() {
        match c {
            '\n' => text.push_str("\\n"),
            c @ ('"' | '\\') => {
                text.push('\\');
                text.push(c);
            }
            c => text.push(c),
        }
    }
    text.push('"');
    Ok(())
}

#[cfg(test)]
mod tests;
