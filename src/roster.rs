//! The list of personalities: the one place that names them all.

use crate::personality::Description;
use crate::{pbs, pdm, plexd, pve};

/// Every product that the server can be.
pub const PERSONALITIES: &[Description] = &[
    pve::DESCRIPTION,
    pbs::DESCRIPTION,
    pdm::DESCRIPTION,
    plexd::DESCRIPTION,
];

/// The personality of that name or alias.
pub fn find(name: &str) -> Option<&'static Description> {
    PERSONALITIES
        .iter()
        .find(|description| description.name == name || description.aliases.contains(&name))
}

/// All names as a sentence lists them, aliases in brackets.
pub fn names() -> String {
    let named = |description: &Description| match description.aliases {
        [] => description.name.to_owned(),
        aliases => format!("{} ({})", description.name, aliases.join(", ")),
    };
    PERSONALITIES
        .iter()
        .map(named)
        .collect::<Vec<_>>()
        .join(", ")
}
