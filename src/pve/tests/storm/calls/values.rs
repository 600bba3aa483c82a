//! What stands in paths and forms: by name what the world holds of it, else what the contract declares.

use serde_json::{Map, Value};

use super::{Draft, encoded, text};
use crate::contract::sample::{Booleans, Hints, Limits, sample};
use crate::contract::{Kind, Parameter};

impl Draft<'_> {
    /// Makes the path of a template: each parameter is something that the list above it names.
    pub(super) fn go(&mut self, template: &str) -> Option<()> {
        let mut above = String::new();
        for part in template.split('/').skip(1) {
            let name = part.strip_prefix('{').and_then(|p| p.strip_suffix('}'));
            let value = match name {
                Some("new") => self.fresh("")?,
                Some(_) if self.random.u32(..100) < 2 => self.wrong(),
                Some(name) => self.listed(&above, name)?,
                None => part.to_owned(),
            };
            if let Some(name) = name {
                self.chosen.insert(name.to_owned(), value.clone());
            }
            self.path.push('/');
            self.path.push_str(&encoded(&value));
            above.push('/');
            above.push_str(part);
        }
        Some(())
    }

    /// One of those that the list at the path names.
    fn listed(&mut self, above: &str, name: &str) -> Option<String> {
        let keys = self.keys(above, name);
        let data = self.asked(&self.path.clone());
        let items = data.as_array().map_or(&[][..], Vec::as_slice);
        let named = items.iter().filter_map(|item| match item {
            Value::String(text) => Some(text.clone()),
            item => keys.iter().find_map(|key| text(item.get(key)?)),
        });
        let mut named: Vec<String> = named.filter(|name| name != "current").collect();
        if named.is_empty() {
            named.extend(unlisted(above, name).map(str::to_owned));
        }
        self.one_of(named)
    }

    /// Under which names a list tells what a parameter of the path below is.
    pub(super) fn keys(&self, above: &str, name: &str) -> Vec<String> {
        let links = self.get(above).map(|operation| &operation.facts.links);
        let linked = links.into_iter().flatten();
        let linked = linked.filter_map(|link| link.strip_prefix('{')?.strip_suffix('}'));
        let others: &[&str] = match name {
            "volume" => &["volid"],
            "snapname" => &["name"],
            _ => &["id", "name", "plugin"],
        };
        let keys = linked.chain([name]).chain(others.iter().copied());
        keys.map(str::to_owned).collect()
    }

    /// What a `GET` answers.
    pub(super) fn asked(&self, path: &str) -> Value {
        let mut got = self.desk.ask(&format!("GET {path}"), "");
        got.body["data"].take()
    }

    fn one_of(&mut self, mut items: Vec<String>) -> Option<String> {
        let count = items.len();
        (count > 0).then(|| items.swap_remove(self.random.usize(..count)))
    }

    /// One item of a list by the name of a member.
    fn member(&mut self, path: &str, key: &str) -> Option<String> {
        let data = self.asked(path);
        let items = data.as_array()?.iter();
        self.one_of(items.filter_map(|item| text(item.get(key)?)).collect())
    }

    /// What no list names.
    pub(super) fn wrong(&mut self) -> String {
        const WRONG: [&str; 8] = [
            "", "nobody", "-1", "99999999", "a b", "%", "a,b;c", "\u{e9}\n",
        ];
        WRONG[self.random.usize(..WRONG.len())].to_owned()
    }

    /// A name for something new.
    pub(super) fn fresh(&mut self, name: &str) -> Option<String> {
        *self.names += 1;
        let n = *self.names;
        let (small, byte) = (n % 10, n % 250);
        let is = |part: &str| self.path.contains(part);
        Some(match name {
            "vmid" | "newid" => self.thing("free")?,
            "userid" => format!("s{n}@pve"),
            "sid" => self.thing("sid")?,
            "cidr" => format!("10.9.{byte}.0/24"),
            "subnet" => format!("10.{byte}.0.0/24"),
            "iface" => format!("vmbr{n}"),
            "node_id" | "node" => self.thing("node")?,
            "pos" | "seq" | "order" | "url_seq" => n.to_string(),
            "id" if is("/replication") => format!("{}-{small}", self.thing("guest")?),
            _ => format!("s{n}"),
        })
    }

    /// What the contract lets a parameter be, as far as possible something that is there.
    pub(super) fn value(&mut self, parameter: &Parameter) -> Option<String> {
        let schema = &parameter.schema;
        if let Some(thing) = self.thing(&parameter.name) {
            return Some(thing);
        }
        if !schema.choices.is_empty() {
            return text(&schema.choices[self.random.usize(..schema.choices.len())]);
        }
        match schema.kind {
            Kind::Boolean => Some(self.random.u8(..2).to_string()),
            Kind::Integer => {
                let least = schema.facts().minimum.as_ref();
                let least = least.and_then(serde_json::Number::as_i64).unwrap_or(0);
                let greatest = schema.facts().maximum.as_ref();
                let greatest = greatest.and_then(serde_json::Number::as_i64);
                let greatest = greatest.unwrap_or(i64::MAX).min(least.saturating_add(8));
                Some(self.random.i64(least..=greatest.max(least)).to_string())
            }
            _ => {
                let hints = Hints {
                    values: &|_| None,
                    booleans: Booleans::ZeroOrOne,
                    limits: Limits::default(),
                };
                text(&sample(schema, &hints))
            }
        }
    }

    /// One of the things that go by this name, in parameters and in the gaps of recipes.
    pub(super) fn thing(&mut self, name: &str) -> Option<String> {
        match name {
            "free" | "newid" => text(&self.asked("/cluster/nextid")),
            "new" => self.fresh(""),
            "digit" => Some(self.random.u32(..5).to_string()),
            "size" if self.chosen.contains_key("vmid") => Some("+1G".to_owned()),
            "number" => Some(self.random.u32(1..200).to_string()),
            "node" | "target" | "nodes" | "target-node" => self.member("/nodes", "node"),
            "guest" | "vmid" | "vms" | "target-vmid" => {
                self.member("/cluster/resources?type=vm", "vmid")
            }
            "sid" => {
                let id = self.member("/cluster/resources?type=vm", "id")?;
                Some(id.replace("qemu/", "vm:").replace("lxc/", "ct:"))
            }
            "storage" | "targetstorage" | "target-storage" => self.member("/storage", "storage"),
            "drive" | "unused" | "volid" | "delete" => self.of_thing(name),
            "disk" | "volume" if self.chosen.contains_key("vmid") => self.of_thing("drive"),
            "poolid" | "pool" => self.member("/pools", "poolid"),
            "userid" | "users" | "user" => self.member("/access/users", "userid"),
            "groupid" | "groups" | "group" => self.member("/access/groups", "groupid"),
            "roleid" | "roles" | "role" => self.member("/access/roles", "roleid"),
            "token" | "tokens" => {
                let user = self.member("/access/users", "userid")?;
                let path = format!("/access/users/{}/token", encoded(&user));
                Some(format!("{user}!{}", self.member(&path, "tokenid")?))
            }
            "security" => self.member("/cluster/firewall/groups", "group"),
            "ip" if self.path.contains("/vnets/") => {
                Some(format!("10.20.0.{}", self.random.u8(2..9)))
            }
            "zone" => self.member("/cluster/sdn/zones", "zone"),
            "vnet" => self.member("/cluster/sdn/vnets", "vnet"),
            "fabric" => self.member("/cluster/sdn/fabrics/fabric", "id"),
            "schedule" => Some("*/15".to_owned()),
            "comment" | "description" => Some("what for: \u{e4}, a=b; c%".to_owned()),
            "digest" => self.digest(),
            "again" => self.chosen.get("guest").cloned(),
            _ => self.of_node(name),
        }
    }

    /// What only a node has: that of the path, or else the first.
    fn of_node(&mut self, name: &str) -> Option<String> {
        let node = self.chosen.get("node").cloned();
        let node = || node.unwrap_or_else(|| "pve01".to_owned());
        match name {
            "images" | "rootdir" | "backup" | "iso" | "vztmpl" | "import" | "snippets" => {
                let path = format!("/nodes/{}/storage?content={name}&enabled=1", node());
                self.member(&path, "storage")
            }
            "archive" | "image" | "appliance" => {
                let content = match name {
                    "archive" => "backup",
                    "image" => "iso",
                    _ => "vztmpl",
                };
                let storage = self.thing(content)?;
                let path = format!(
                    "/nodes/{}/storage/{storage}/content?content={content}",
                    node()
                );
                self.member(&path, "volid")
            }
            "device" | "disk" | "devices" | "dev" => {
                let disks = self.asked(&format!("/nodes/{}/disks/list", node()));
                let free = disks
                    .as_array()?
                    .iter()
                    .filter(|disk| disk.get("used").is_none());
                self.one_of(free.filter_map(|disk| text(disk.get("devpath")?)).collect())
            }
            "nic" => self.member(&format!("/nodes/{}/network?type=eth", node()), "iface"),
            "bridge" => self.member(
                &format!("/nodes/{}/network?type=any_bridge", node()),
                "iface",
            ),
            _ => None,
        }
    }

    /// What the thing at the path, or the list that it is in, says that it was when it was read.
    fn digest(&self) -> Option<String> {
        let above = self.path.rsplit_once('/').map_or("", |(above, _)| above);
        let data = [self.path.clone(), above.to_owned()].map(|path| self.asked(&path));
        let digest = |data: &Value| {
            let item = data.get(0).unwrap_or(data);
            text(item.get("digest")?)
        };
        let found = data.iter().find_map(digest);
        found.or_else(|| Some("0".repeat(40)))
    }

    /// What a thing at the path is made of: the keys of a guest's drives, any key.
    fn of_thing(&mut self, what: &str) -> Option<String> {
        let vmid = self.chosen.get("vmid");
        let path = match vmid {
            Some(vmid) => {
                let kind = if self.path.contains("/lxc/") {
                    "lxc"
                } else {
                    "qemu"
                };
                format!("/nodes/{}/{kind}/{vmid}/config", self.chosen.get("node")?)
            }
            None => self.path.clone(),
        };
        let data = self.asked(&path);
        let empty = Map::new();
        let members = data.as_object().unwrap_or(&empty).iter();
        let is_drive = |key: &str, value: &Value| {
            let stem = key.trim_end_matches(|letter: char| letter.is_ascii_digit());
            matches!(
                stem,
                "scsi" | "virtio" | "sata" | "ide" | "rootfs" | "mp" | "efidisk" | "tpmstate"
            ) && !text(value).is_some_and(|text| text.contains("media=cdrom"))
        };
        let keys = members.filter_map(|(key, value)| match what {
            "drive" => is_drive(key, value).then(|| key.clone()),
            "volid" => is_drive(key, value)
                .then(|| text(value))?
                .and_then(|text| Some(text.split(',').next()?.to_owned())),
            "unused" => key.starts_with("unused").then(|| key.clone()),
            _ => (key != "digest").then(|| key.clone()),
        });
        let keys = keys.collect();
        self.one_of(keys)
    }
}

/// What is there although no list tells of it.
fn unlisted(above: &str, name: &str) -> Option<&'static str> {
    match (above.rsplit('/').next()?, name) {
        ("osd", _) => Some("0"),
        ("lvm", _) => Some("pve"),
        ("lvmthin", _) => Some("data"),
        ("directory", _) => Some("scratch"),
        ("entry", _) => Some("10"),
        ("vnets", _) => Some("wide"),
        ("fabrics", _) => Some("spine"),
        _ => None,
    }
}
