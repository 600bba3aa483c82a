//! The facts of an operation that Proxmox products declare, from its extensions.

use serde_json::{Map, Value};

use super::facts::word;
use super::operation::Facts;
use super::resolve::Fault;

impl Default for Facts {
    fn default() -> Self {
        Self {
            name: None,
            allow_token: true,
            protected: false,
            proxy_to: None,
            upload: false,
            download: false,
            unstable: false,
            returns_null: false,
            links: Vec::new(),
        }
    }
}

/// Reads the extensions of an operation. Those that are not known are not looked at.
pub(super) fn facts(item: &Map<String, Value>, at: &str) -> Result<Facts, Fault> {
    let flag = |name: &str, default: bool| match item.get(name) {
        None => Ok(default),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(Fault::at(at, format!("`{name}` must be true or false"))),
    };
    Ok(Facts {
        name: word(item, "x-name", at)?.map(Into::into),
        allow_token: flag("x-allowtoken", true)?,
        protected: flag("x-protected", false)?,
        proxy_to: word(item, "x-proxyto", at)?.map(Into::into),
        upload: flag("x-upload", false)?,
        download: flag("x-download-allowed", false)?,
        unstable: flag("x-unstable", false)?,
        returns_null: flag("x-returns-null", false)?,
        links: links(item, at)?,
    })
}

/// The templates of what stands below.
fn links(item: &Map<String, Value>, at: &str) -> Result<Vec<Box<str>>, Fault> {
    let Some(links) = item.get("x-links") else {
        return Ok(Vec::new());
    };
    let href = |link: &Value| link.get("href")?.as_str().map(Into::into);
    let hrefs = links
        .as_array()
        .and_then(|links| links.iter().map(href).collect());
    hrefs.ok_or_else(|| Fault::at(at, "`x-links` must be a list of objects with a `href`"))
}
