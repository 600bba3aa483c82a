//! Every declared answer of every document has a sample, and every pattern and format in them a meaning.

use std::collections::BTreeSet;

use super::*;
use crate::contract::Format;
use crate::contract::sample::{formats, pattern};

/// A sample is no larger than this, however many disks a guest may have.
const LARGEST: usize = 64 * 1024;

fn check(document: &str, declared: usize) {
    let (contract, booleans) = contract(document);
    let hints = hints(booleans);
    let mut faults = Vec::new();
    let mut count = 0;
    for operation in &contract.operations {
        let Returns::Value(schema) = operation.returns() else {
            continue;
        };
        count += 1;
        let answer = sample(schema, &hints);
        for problem in fits(schema, &answer, booleans) {
            let (id, path, message) = (&operation.id, problem.path, problem.message);
            faults.push(format!("{id}: {path}: {message}"));
        }
        let text = answer.to_string();
        let again = sample(schema, &hints).to_string();
        if text != again || text.len() > LARGEST {
            faults.push(format!("{}: {} bytes", operation.id, text.len()));
        }
    }
    assert!(faults.is_empty(), "{document}: {faults:#?}");
    assert_eq!(count, declared, "{document}");
}

#[test]
fn every_answer_of_plexd() {
    check("plexd", 12);
}

#[test]
fn every_answer_of_pve() {
    check("pve 9.2", 473);
    check("pve 8.4", 428);
    check("pve 7.4", 399);
}

#[test]
fn every_answer_of_pbs() {
    check("pbs", 168);
}

#[test]
fn every_answer_of_pdm() {
    check("pdm", 192);
}

/// What no text is kept for: the name of the member says more, or the pattern does.
const NAMELESS: [&str; 2] = ["pve-configid", "urlencoded"];

/// What takes more memory than a pattern may: up to 256 letters of any script, which says next to nothing.
const TOO_LARGE: [&str; 1] = [r"(?^i:[\(\)-_.\w\d\s]{0,256})"];

#[test]
fn every_format_has_a_text_and_every_pattern_a_meaning() {
    let mut seen = Seen::default();
    for (name, ..) in DOCUMENTS {
        let (contract, _) = contract(name);
        for operation in &contract.operations {
            if let Returns::Value(schema) = operation.returns() {
                seen.look(schema);
            }
        }
    }
    let unknown = |format: &&String| formats::text(format).is_none();
    let formats: Vec<&String> = seen.formats.iter().filter(unknown).collect();
    assert_eq!(formats, NAMELESS);
    let senseless = |pattern: &&String| pattern::compiled(pattern).is_none();
    let patterns: Vec<&String> = seen.patterns.iter().filter(senseless).collect();
    assert_eq!(patterns, TOO_LARGE);
    for format in &seen.formats {
        if let (Some(text), Some(rule)) = (formats::text(format), formats::rule(format)) {
            assert!(rule(text), "{format}: {text}");
        }
    }
}

#[derive(Default)]
struct Seen {
    formats: BTreeSet<String>,
    patterns: BTreeSet<String>,
}

impl Seen {
    fn look(&mut self, schema: &Schema) {
        let facts = schema.facts();
        self.patterns
            .extend(facts.pattern.iter().map(|pattern| pattern.to_string()));
        if let Some(inner) = &facts.property_string {
            self.look(inner);
        }
        match &schema.kind {
            Kind::String(Format::Named(name)) => {
                self.formats.insert(name.to_string());
            }
            Kind::Array(items) => self.look(items),
            Kind::OneOf(variants) => variants.iter().for_each(|variant| self.look(variant)),
            Kind::Object(shape) => {
                for property in &shape.properties {
                    self.look(&property.schema);
                }
                self.look(shape.additional.as_ref().unwrap_or(&Schema::of(Kind::Any)));
            }
            _ => {}
        }
    }
}
