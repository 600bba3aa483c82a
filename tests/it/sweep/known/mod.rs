//! What a person knows who walks through a product: values that no list gives, and what is refused for good
//! reasons.

use mock_server::proxmox::Product;

mod pbs;
mod pdm;
mod pve;

/// Everything that is known of a product.
pub(super) struct Known {
    /// Templates that are read with a query.
    queries: &'static [(&'static str, &'static str)],
    /// Queries of whole families, by the end of the template.
    families: &'static [(&'static str, &'static str)],
    /// Values of the last part of a template, in the place of what a list names.
    values: &'static [(&'static str, &'static [&'static str])],
    /// Templates that are refused in the default world.
    refused: &'static [(&'static str, u16)],
    /// Templates that are refused for some of what is listed above them: an OSD is on one node only, a storage keeps
    /// backups or does not.
    either: &'static [(&'static str, u16)],
    /// Templates to which nothing leads, with all that is below them.
    unreachable: &'static [&'static str],
    /// How streams refuse who has no ticket for them.
    sockets: u16,
}

/// What reading a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// 200 and an answer of the declared type.
    Good,
    /// A refusal with this status: the product has nothing to show there.
    Refused(u16),
    /// One of both.
    Either(u16),
}

/// What is known of a product.
pub(super) fn of(product: Product) -> &'static Known {
    match product {
        Product::Pve => &pve::PVE,
        Product::Pbs => &pbs::PBS,
        Product::Pdm => &pdm::PDM,
    }
}

impl Known {
    /// The query for reading a template.
    pub(super) fn query(&self, template: &str) -> &'static str {
        let own = self.queries.iter().find(|(known, _)| *known == template);
        let family = || {
            self.families
                .iter()
                .find(|(end, _)| template.ends_with(end))
        };
        own.or_else(family).map_or("", |(_, query)| query)
    }

    /// The values of the last part of a template, where no list is asked for them.
    pub(super) fn values(&self, template: &str) -> Option<&'static [&'static str]> {
        let found = self.values.iter().find(|(known, _)| *known == template);
        found.map(|(_, values)| *values)
    }

    /// What reading a template leads to.
    pub(super) fn reading(&self, template: &str) -> Reading {
        if template.ends_with("websocket") {
            return Reading::Refused(self.sockets);
        }
        let find = |list: &[(&str, u16)]| {
            let found = list.iter().find(|(known, _)| *known == template);
            found.map(|(_, status)| *status)
        };
        match (find(self.refused), find(self.either)) {
            (Some(status), _) => Reading::Refused(status),
            (None, Some(status)) => Reading::Either(status),
            (None, None) => Reading::Good,
        }
    }

    /// Whether it is right that nothing leads to a template.
    pub(super) fn is_unreachable(&self, template: &str) -> bool {
        let mut all = self.unreachable.iter();
        all.any(|known| template == *known || template.starts_with(&format!("{known}/")))
    }
}

/// What a list's item is called in the path below: tasks of a remote are listed by the remote's own ids.
pub(super) fn spelled(template: &str, path: &str, value: String) -> String {
    let remote = path.split('/').nth(3).unwrap_or_default();
    match template {
        "/pve/remotes/{remote}/tasks/{upid}" => format!("pve:{remote}!{value}"),
        "/pbs/remotes/{remote}/tasks/{upid}" => format!("pbs:{remote}!{value}"),
        _ => value,
    }
}

/// Whether a list's item leads nowhere: the state of now is in the list of snapshots, but is none.
pub(super) fn is_no_path(parameter: &str, value: &str) -> bool {
    parameter == "snapname" && value == "current"
}

/// Other names under which lists give the value of a parameter.
pub(super) fn keys(parameter: &str) -> &'static [&'static str] {
    match parameter {
        "volume" => &["volid"],
        "snapname" => &["name"],
        _ => &["id", "name", "plugin"],
    }
}
