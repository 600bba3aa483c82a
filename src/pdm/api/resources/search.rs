//! Searches: words that a resource has to have, or one of which it has to have (`pdm-search`, and the matching of
//! the server's `api/resources`).

use serde_json::Value;

use super::rows;
use crate::pdm::world::remote::Kind;

/// A search, read. Without words it finds everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::pdm::api) struct Search(Vec<Term>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    /// Whether a plus stood in front.
    required: bool,
    /// What is looked at: `name`, `type`, ...
    category: Option<String>,
    value: String,
}

impl Term {
    fn parse(text: &str) -> Self {
        let rest = text.strip_prefix('+').filter(|rest| !rest.is_empty());
        let plain = rest.unwrap_or(text);
        let parted = plain.split_once(':');
        let parted = parted.filter(|(category, value)| !category.is_empty() && !value.is_empty());
        Self {
            required: rest.is_some(),
            category: parted.map(|(category, _)| category.to_owned()),
            value: parted.map_or(plain, |(_, value)| value).to_owned(),
        }
    }

    fn starts(&self, text: &str) -> bool {
        text.to_lowercase().starts_with(&self.value.to_lowercase())
    }

    fn within(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.value.to_lowercase())
    }

    fn is_boolean(&self, truth: bool) -> bool {
        match self.value.to_lowercase().as_str() {
            "1" | "on" | "yes" | "true" => truth,
            "0" | "off" | "no" | "false" => !truth,
            _ => false,
        }
    }

    fn is_kind(&self, kind: Kind) -> bool {
        Kind::named(&self.value) == Some(kind)
    }

    fn takes_row(&self, remote: &str, row: &Value) -> bool {
        let global = row["id"].as_str().unwrap_or_default();
        let name = rows::name(row);
        match self.category.as_deref() {
            None => self.within(name) || self.within(&local_id(row)),
            Some("type") => self.starts(rows::kind(row)),
            Some("name") => self.within(name),
            Some("id") => self.within(&local_id(row)),
            Some("status") => self.starts(status(row)),
            Some("property") => properties(row).contains(&&*self.value.to_lowercase()),
            Some("template") => row["template"]
                .as_bool()
                .is_some_and(|is| self.is_boolean(is)),
            Some("remote") => self.within(remote),
            Some("network-type") => {
                let kind = row["network_type"].as_str();
                !global.is_empty() && kind.is_some_and(|kind| self.starts(kind))
            }
            // Looked at elsewhere.
            Some("remote-type" | "view") => true,
            Some(_) => false,
        }
    }

    fn takes_remote(&self, id: &str, kind: Kind, is_online: bool) -> bool {
        match self.category.as_deref() {
            None => self.within(id) || self.starts("remote"),
            Some("type") => self.starts("remote"),
            Some("name" | "remote" | "id") => self.within(id),
            Some("status") => self.starts(if is_online { "online" } else { "offline" }),
            Some("remote-type") => self.is_kind(kind),
            Some("view") => true,
            Some(_) => false,
        }
    }
}

impl Search {
    /// Reads a search: words, each with a plus in front if it is required.
    pub(super) fn parse(text: &str) -> Self {
        Self(text.split_whitespace().map(Term::parse).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The view that it names.
    pub(super) fn view(&self) -> Option<&str> {
        let mut views = self
            .0
            .iter()
            .filter(|term| term.category.as_deref() == Some("view"));
        views.next_back().map(|term| term.value.as_str())
    }

    /// All required words, and one of the others if there are any.
    fn takes(&self, term: impl Fn(&Term) -> bool) -> bool {
        let (required, optional): (Vec<&Term>, Vec<&Term>) =
            self.0.iter().partition(|term| term.required);
        required.into_iter().all(&term) && (optional.is_empty() || optional.into_iter().any(&term))
    }

    pub(super) fn takes_row(&self, remote: &str, row: &Value) -> bool {
        self.takes(|term| term.takes_row(remote, row))
    }

    pub(super) fn takes_remote(&self, id: &str, kind: Kind, is_online: bool) -> bool {
        self.takes(|term| term.takes_remote(id, kind, is_online))
    }

    pub(super) fn takes_kind(&self, kind: Kind) -> bool {
        self.takes(|term| match term.category.as_deref() {
            Some("remote-type") => term.is_kind(kind),
            _ => true,
        })
    }

    /// Whether remotes themselves are looked for, and nothing that they have.
    pub(super) fn wants_remotes_only(&self) -> bool {
        let is_remote =
            |term: &&Term| term.category.as_deref() == Some("type") && term.starts("remote");
        let required = self.0.iter().filter(|term| term.required);
        let optional: Vec<&Term> = self.0.iter().filter(|term| !term.required).collect();
        required.clone().any(|term| is_remote(&term))
            || (!optional.is_empty() && optional.iter().all(is_remote))
    }
}

/// The id that the thing has at its remote.
fn local_id(row: &Value) -> String {
    let field = |name: &str| row[name].as_str().unwrap_or_default();
    match field("type") {
        "pve-qemu" => format!("qemu/{}", row["vmid"]),
        "pve-lxc" => format!("lxc/{}", row["vmid"]),
        "pve-node" => format!("node/{}", field("node")),
        "pve-storage" => format!("storage/{}/{}", field("node"), field("storage")),
        "pbs-node" => format!("node/{}", field("name")),
        "pbs-datastore" => field("name").to_owned(),
        _ => {
            let (node, network) = (field("node"), field("network"));
            format!("network/{node}/{}/{network}", field("network_type"))
        }
    }
}

fn status(row: &Value) -> &str {
    match row["type"].as_str().unwrap_or_default() {
        "pbs-node" if row["uptime"].as_u64().unwrap_or_default() > 0 => "online",
        "pbs-node" => "offline",
        "pbs-datastore" if row.get("maintenance").is_none() => "online",
        "pbs-datastore" => "under-maintenance",
        _ => row["status"].as_str().unwrap_or_default(),
    }
}

fn properties(row: &Value) -> Vec<&str> {
    let mut properties = Vec::new();
    properties.extend(row["backend-type"].as_str());
    if row.get("backing-device").is_some() {
        properties.push("removable");
    }
    if row["usage"]
        .as_f64()
        .is_some_and(|usage| usage > super::status::HIGH_USAGE)
    {
        properties.push("high-usage");
    }
    properties
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_find_rows() {
        let row = json!({"type": "pve-qemu", "id": "remote/lab/guest/101", "vmid": 101, "name": "Web-01",
            "status": "running", "template": false, "node": "pve01"});
        let check = |text: &str, want: bool| {
            assert_eq!(Search::parse(text).takes_row("lab", &row), want, "{text}");
        };
        check("", true);
        check("web", true);
        check("101", true);
        check("db", false);
        check("db web", true);
        check("+db web", false);
        check("+web +type:qemu", true);
        check("type:lxc", false);
        check("status:run", true);
        check("template:no", true);
        check("template:1", false);
        check("remote:LA", true);
        check("id:qemu/101", true);
        check("colour:red", false);
        check("name:", false);
    }

    #[test]
    fn some_look_for_remotes() {
        let check = |text: &str, want: bool| {
            assert_eq!(Search::parse(text).wants_remotes_only(), want, "{text}");
        };
        check("+type:remote", true);
        check("type:re", true);
        check("+web +type:remote", true);
        check("type:remote web", false);
        check("web", false);
        check("", false);
    }
}
