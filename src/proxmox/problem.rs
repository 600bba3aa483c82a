//! What can be wrong with a parameter, in each product's words.

use std::collections::HashMap;

use super::product::Product;

/// One thing wrong with one parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Required, and not there.
    Missing,
    /// Not among the operation's parameters.
    Unknown,
    /// Of another type.
    Type {
        /// The type wanted: `integer`, `number`, `boolean`, `string`, `array`.
        wanted: &'static str,
        /// The value given, as text.
        got: String,
    },
    /// Not one of the values there are.
    Enumeration {
        /// The value given.
        got: String,
        /// The values there are.
        allowed: Vec<String>,
    },
    /// Below the least value.
    Minimum {
        /// The bound.
        bound: String,
        /// The value given.
        got: String,
    },
    /// Above the greatest value.
    Maximum {
        /// The bound.
        bound: String,
        /// The value given.
        got: String,
    },
    /// Too few characters.
    TooShort(u64),
    /// Too many characters.
    TooLong(u64),
    /// Not matching the pattern.
    Pattern,
    /// Not of its format; the text says why.
    Format(String),
    /// Another parameter, named here, needs this one.
    RequiredBy(String),
    /// In the path and again, with another value, in query or body (Proxmox VE).
    Conflict,
    /// Anything else, in the product's words.
    Other(String),
}

impl Problem {
    /// The text of it. Proxmox VE's are in proxmox.md 1.1, the others' in 1.2 and proxmox-schema.
    pub fn text(&self, product: Product) -> String {
        match product {
            Product::Pve => self.perl_text(),
            Product::Pbs | Product::Pdm => self.rust_text(),
        }
    }

    fn perl_text(&self) -> String {
        match self {
            Self::Missing => "property is missing and it is not optional".to_owned(),
            Self::Unknown => "property is not defined in schema and the schema does not allow \
                              additional properties"
                .to_owned(),
            Self::Type { wanted, got } => format!("type check ('{wanted}') failed - got '{got}'"),
            Self::Enumeration { got, allowed } => {
                let allowed = allowed.join(", ");
                format!("value '{got}' does not have a value in the enumeration '{allowed}'")
            }
            Self::Minimum { bound, .. } => format!("value must have a minimum value of {bound}"),
            Self::Maximum { bound, .. } => format!("value must have a maximum value of {bound}"),
            Self::Format(detail) => format!("invalid format - {detail}\n"),
            Self::RequiredBy(name) => format!("missing property required by '{name}'"),
            Self::Conflict => {
                "duplicate parameter (already defined in URI) with conflicting values!".to_owned()
            }
            Self::TooShort(_) | Self::TooLong(_) | Self::Pattern | Self::Other(_) => {
                self.common_text()
            }
        }
    }

    fn rust_text(&self) -> String {
        match self {
            Self::Missing => "parameter is missing and it is not optional.".to_owned(),
            Self::Unknown => "schema does not allow additional properties.".to_owned(),
            Self::Type {
                wanted: "boolean", ..
            } => "Unable to parse boolean option.".to_owned(),
            Self::Type { wanted, .. } => format!("Expected {wanted} value."),
            Self::Enumeration { got, .. } => {
                format!("value '{got}' is not defined in the enumeration.")
            }
            Self::Minimum { bound, got } => {
                format!("value must have a minimum value of {bound} (got {got})")
            }
            Self::Maximum { bound, got } => {
                format!("value must have a maximum value of {bound} (got {got})")
            }
            Self::Format(detail) => detail.clone(),
            Self::RequiredBy(name) => format!("parameter is required by '{name}'."),
            Self::Conflict => "duplicate parameter.".to_owned(),
            Self::TooShort(_) | Self::TooLong(_) | Self::Pattern | Self::Other(_) => {
                self.common_text()
            }
        }
    }

    fn common_text(&self) -> String {
        match self {
            Self::TooShort(least) => format!("value must be at least {least} characters long"),
            Self::TooLong(most) => format!("value may only be {most} characters long"),
            Self::Other(text) => text.clone(),
            _ => "value does not match the regex pattern".to_owned(),
        }
    }
}

/// The problems of a call, by parameter in the order they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    list: Vec<(String, String)>,
    /// Where each parameter stands in the list: a body can hold tens of thousands of unknown ones.
    places: HashMap<String, usize>,
}

impl Problems {
    /// Adds a problem. Several for one parameter are joined by a newline (proxmox.md 1.1).
    pub fn add(&mut self, parameter: &str, text: &str) {
        match self
            .places
            .get(parameter)
            .and_then(|at| self.list.get_mut(*at))
        {
            Some((_, known)) => {
                known.push('\n');
                known.push_str(text);
            }
            None => {
                self.places.insert(parameter.to_owned(), self.list.len());
                self.list.push((parameter.to_owned(), text.to_owned()));
            }
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many parameters there is something wrong with.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.list.iter().map(|(name, text)| (&**name, &**text))
    }

    /// All of them in one text, as the Rust products say it.
    pub(super) fn rust_text(&self) -> String {
        if let [(name, text)] = self.list.as_slice() {
            return format!("parameter verification failed - '{name}': {text}");
        }
        let mut all = "parameter verification failed:".to_owned();
        for (name, text) in self.iter() {
            all.push_str(&format!("\n- '{name}': {text}"));
        }
        all.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let check = |problem: Problem, pve: &str, pbs: &str| {
            assert_eq!(problem.text(Product::Pve), pve);
            assert_eq!(problem.text(Product::Pbs), pbs);
        };
        let text = str::to_owned;
        check(
            Problem::Missing,
            "property is missing and it is not optional",
            "parameter is missing and it is not optional.",
        );
        check(
            Problem::Unknown,
            "property is not defined in schema and the schema does not allow additional properties",
            "schema does not allow additional properties.",
        );
        let wrong = |wanted| Problem::Type {
            wanted,
            got: text("x"),
        };
        check(
            wrong("integer"),
            "type check ('integer') failed - got 'x'",
            "Expected integer value.",
        );
        check(
            wrong("boolean"),
            "type check ('boolean') failed - got 'x'",
            "Unable to parse boolean option.",
        );
        let listed = Problem::Enumeration {
            got: text("x"),
            allowed: vec![text("a"), text("b")],
        };
        check(
            listed,
            "value 'x' does not have a value in the enumeration 'a, b'",
            "value 'x' is not defined in the enumeration.",
        );
        check(
            Problem::Minimum {
                bound: text("1"),
                got: text("0"),
            },
            "value must have a minimum value of 1",
            "value must have a minimum value of 1 (got 0)",
        );
        let long = "value may only be 3 characters long";
        check(Problem::TooLong(3), long, long);
        let pattern = "value does not match the regex pattern";
        check(Problem::Pattern, pattern, pattern);
        let detail = text("value does not look like a valid VM ID");
        check(
            Problem::Format(detail.clone()),
            &format!("invalid format - {detail}\n"),
            &detail,
        );
    }

    #[test]
    fn several_problems() {
        let mut problems = Problems::default();
        assert!(problems.is_empty());
        problems.add("a", "one");
        assert_eq!(
            problems.rust_text(),
            "parameter verification failed - 'a': one"
        );
        problems.add("b", "two");
        problems.add("a", "three");
        let all: Vec<_> = problems.iter().collect();
        assert_eq!(all, [("a", "one\nthree"), ("b", "two")]);
        let text = "parameter verification failed:\n- 'a': one\nthree\n- 'b': two";
        assert_eq!(problems.rust_text(), text);
    }
}
