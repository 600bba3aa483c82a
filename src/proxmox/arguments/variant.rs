//! Parameters that depend on the type of the object they are part of (`type-property` of Proxmox VE).

use serde_json::{Map, Value};

use super::number;
use crate::contract::{Kind, Schema};

/// The variant of a schema that is for the type of the object.
pub(super) fn variant<'s>(schema: &'s Schema, object: &Map<String, Value>) -> Option<&'s Schema> {
    let Kind::OneOf(variants) = &schema.kind else {
        return None;
    };
    let kind = instance(schema, object)?;
    variants.iter().find(|variant| has_type(variant, &kind))
}

/// The type of an object, by the property that tells it.
pub(super) fn instance(schema: &Schema, object: &Map<String, Value>) -> Option<String> {
    let property = schema.facts().type_property.as_deref()?;
    number::scalar(object.get(property)?).map(|text| text.into_owned())
}

pub(super) fn has_type(schema: &Schema, kind: &str) -> bool {
    schema
        .facts()
        .instance_types
        .iter()
        .any(|one| **one == *kind)
}
