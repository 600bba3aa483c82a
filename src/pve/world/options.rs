//! Options: what was set of a thing that only its own endpoints care about.
//!
//! Things with ids are kept as the sections of [`crate::proxmox::section`], on which the plain collections work;
//! this is for what has no id: the options beside a guest's or a storage's own fields, those of a whole firewall,
//! and the items of ordered lists.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::ordered::Ordered;
use crate::proxmox::section::Setting;

/// Options with their values in their order, typed as the contract has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Options(pub Map<String, Value>);

/// Things that go by their position, as rules of a firewall do.
pub type List = Vec<Options>;

impl<'de> Deserialize<'de> for Options {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let settings = Ordered::<Setting>::deserialize(from)?;
        let settings = settings.into_iter().map(|(key, value)| (key, value.0));
        Ok(Self(settings.collect()))
    }
}
