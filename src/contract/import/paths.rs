//! The nodes of a tree as the paths of a document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::super::facts::{METHODS, nameless, parameters_of};
use super::keyword::{is_prose, keep};
use super::members::{list, object, wrong};
use super::operation::Draft;
use super::tree::{Fault, Node};

/// The paths of a document, in the order of the tree.
#[derive(Default)]
pub(super) struct Paths {
    /// `paths`
    pub(super) items: Map<String, Value>,
    /// `components.schemas`: the bodies, each under the name of the first operation that takes it.
    pub(super) schemas: Map<String, Value>,
    /// How many operations there are.
    pub(super) operations: usize,
    /// The names that are given away.
    ids: BTreeSet<String>,
    /// The paths without the names of their parameters.
    nameless: BTreeSet<String>,
    /// The name of each body that is in `schemas`.
    bodies: BTreeMap<String, String>,
}

impl Paths {
    /// Reads a tree.
    pub(super) fn read(root: &Node) -> Result<Self, Fault> {
        let mut paths = Self::default();
        paths.nodes(root, "the tree")?;
        if paths.operations == 0 {
            return Err(Fault::new(root.at, "the tree has no operation in it"));
        }
        Ok(paths)
    }

    /// What the product calls itself, by paths that no other one has.
    pub(super) fn product(&self) -> &'static str {
        let products = [
            ("/remotes/remote", "Proxmox Datacenter Manager API"),
            ("/admin/datastore", "Proxmox Backup Server API"),
            ("/config/ruledb", "Proxmox Mail Gateway API"),
            ("/cluster/resources", "Proxmox VE API"),
        ];
        let known = products
            .iter()
            .find(|(path, _)| self.items.contains_key(*path));
        known.map_or("Proxmox API", |(_, title)| title)
    }

    fn nodes(&mut self, node: &Node, at: &str) -> Result<(), Fault> {
        for node in list(node, at)? {
            self.node(node)?;
        }
        Ok(())
    }

    fn node(&mut self, node: &Node) -> Result<(), Fault> {
        object(node, "a node of the tree")?;
        let Some(path) = node.get("path") else {
            return Err(Fault::new(node.at, "a node of the tree has no `path`"));
        };
        let template = path.text().ok_or_else(|| wrong(path, "path", "a string"))?;
        let mut item = Map::new();
        for (name, member) in node.members() {
            match name.as_str() {
                "path" | "text" | "leaf" | "children" => {}
                "info" => {
                    for (method, node) in object(member, "info")? {
                        let (key, operation) = self.operation(method, template, node)?;
                        item.insert(key, operation);
                    }
                }
                name if is_prose(name) => {}
                name => keep(&mut item, name, member.bare()),
            }
        }
        if !item.is_empty() {
            parameters_of(template)
                .map_err(|fault| Fault::new(path.at, format!("{}: {}", fault.at, fault.message)))?;
            if !self.nameless.insert(nameless(template)) {
                let message = format!("{template}: the tree has this path twice");
                return Err(Fault::new(path.at, message));
            }
            self.items.insert(template.to_owned(), item.into());
        }
        match node.get("children") {
            Some(children) => self.nodes(children, "children"),
            None => Ok(()),
        }
    }

    fn operation(
        &mut self,
        method: &str,
        template: &str,
        node: &Node,
    ) -> Result<(String, Value), Fault> {
        let named =
            |fault: Fault| Fault::new(fault.at, format!("{method} {template}: {}", fault.message));
        let key = method.to_ascii_lowercase();
        if !METHODS.contains(&key.as_str()) || key.to_ascii_uppercase() != method {
            return Err(named(Fault::new(
                node.at,
                format!("`{method}` is no method"),
            )));
        }
        let names: Vec<&str> = template.split('/').filter_map(in_braces).collect();
        let draft = Draft::read(method, &names, node).map_err(named)?;
        let id = self.id(&key, template);
        let body = draft.body.as_ref().map(|schema| self.body(schema, &id));
        self.operations += 1;
        Ok((key, draft.finish(&id, body.as_deref())))
    }

    /// A name that no other operation has: the method and the segments of the path.
    fn id(&mut self, method: &str, template: &str) -> String {
        let mut id = method.to_owned();
        for segment in template.split('/').filter(|segment| !segment.is_empty()) {
            id.push('_');
            let plain = in_braces(segment).unwrap_or(segment);
            id.extend(plain.chars().map(|char| match char {
                char if char.is_ascii_alphanumeric() => char,
                _ => '_',
            }));
        }
        if template == "/" {
            id.push_str("_root");
        }
        let numbered = (2..).map(|number| format!("{id}_{number}"));
        let mut names = std::iter::once(id.clone()).chain(numbered);
        let free = names.find(|name| self.ids.insert(name.clone()));
        free.unwrap_or(id)
    }

    /// The name of a body, which may be that of another operation with the very same.
    fn body(&mut self, schema: &Map<String, Value>, id: &str) -> String {
        let value = Value::Object(schema.clone());
        let name = self
            .bodies
            .entry(value.to_string())
            .or_insert_with(|| id.to_owned());
        self.schemas.entry(name.as_str()).or_insert(value);
        name.clone()
    }
}

fn in_braces(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}
