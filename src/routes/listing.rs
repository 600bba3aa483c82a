//! The table as a person reads it: `mock-server routes`.

use std::fmt::Write;

use serde_json::{Value, json};

/// One operation with what answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The method.
    pub method: String,
    /// The path template.
    pub template: String,
    /// The id of the operation in the contract.
    pub operation: String,
    /// Which of the sources answers it.
    pub origin: &'static str,
    /// The source line that binds it, or the fixture's file.
    pub place: String,
}

/// The listing as aligned lines, one operation each.
pub fn text(listings: &[Listing]) -> String {
    let width = |field: fn(&Listing) -> usize| listings.iter().map(field).max().unwrap_or(0);
    let method = width(|l| l.method.len());
    let template = width(|l| l.template.len());
    let origin = width(|l| l.origin.len());
    let mut lines = String::new();
    for l in listings {
        // Writing to a String has no failure.
        let _ = writeln!(
            lines,
            "{:method$}  {:template$}  {:origin$}  {}",
            l.method, l.template, l.origin, l.place
        );
    }
    lines
}

/// The listing as JSON: an array of objects.
pub fn json(listings: &[Listing]) -> Value {
    listings
        .iter()
        .map(|l| {
            json!({
                "method": l.method,
                "template": l.template,
                "operation": l.operation,
                "origin": l.origin,
                "place": l.place,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_aligned() {
        let listing = |method: &str, template: &str, origin| Listing {
            method: method.into(),
            template: template.into(),
            operation: "x".into(),
            origin,
            place: "here:1".into(),
        };
        let listings = [
            listing("GET", "/a", "handler"),
            listing("DELETE", "/a/{id}", "fixture"),
        ];
        let want = "GET     /a       handler  here:1\nDELETE  /a/{id}  fixture  here:1\n";
        assert_eq!(text(&listings), want);
    }
}
