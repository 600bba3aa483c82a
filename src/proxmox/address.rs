//! The way from a request's path to a format and an operation's path, as each product reads it.
//!
//! The Perl product decodes a whole path at once, so an encoded slash separates like a plain one; the Rust
//! products take the path apart first and refuse parts that start with a dot (`PVE::APIServer::AnyEvent`,
//! proxmox-http's `normalize_path_with_components`; proxmox.md 1.1, "Formats", and 1.2).

use super::envelope::Format;
use super::fault::Fault;
use super::percent;
use super::product::Product;

/// Path and query that the Rust products take at most, in bytes.
pub const LONGEST_TARGET: usize = 3072;

/// Where a request wants to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Below `/api2/<format>`.
    Api(Target),
    /// Anywhere else: the path, decoded and without empty parts. The product has files there.
    Outside(String),
}

/// An operation's place below a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The format; `Json` for one that does not exist.
    pub format: Format,
    /// The name of a format that does not exist. The Perl product tells only those who are logged in, so it is
    /// no refusal yet.
    pub unknown_format: Option<String>,
    /// The path below the format as it is looked up: no empty parts, `%` as `%25`, a slash inside a part as
    /// `%2F` (what `http::path::canonical` gives). `/` for the format alone.
    pub path: String,
    /// The path below the format as texts show it.
    pub shown: String,
    /// The whole path as texts of the Rust products show it.
    pub full: String,
}

impl Address {
    /// Reads a path as it stood in the request line, without the query.
    ///
    /// # Errors
    /// What the product refuses whoever asks: `/api2` without a format, a format that the Rust products do not
    /// have, a part that starts with a dot there.
    pub fn read(product: Product, path: &str) -> Result<Self, Fault> {
        match product {
            Product::Pve => perl(path),
            Product::Pbs | Product::Pdm => rust(path),
        }
    }
}

/// The templates whose last part takes the rest of the path (`fragmentDelimiter => ''` in pve-storage's and
/// pve-firewall's registrations; the Rust products have none): volumes, and the addresses of IP sets.
pub fn takes_rest(template: &str) -> bool {
    template.ends_with("/content/{volume}")
        || (template.ends_with("/{cidr}") && template.contains("/firewall/ipset/"))
}

fn perl(path: &str) -> Result<Address, Fault> {
    let decoded = percent::decode(path);
    // The product looks for this start only, so `/api2x` is a call without a format.
    let Some(rest) = decoded.strip_prefix("/api2") else {
        return Ok(Address::Outside(joined(parts(&decoded))));
    };
    let (format, shown) = match rest.strip_prefix('/') {
        None => ("", ""),
        Some(rest) => {
            let rest = rest.trim_start_matches('/');
            rest.split_at(rest.find('/').unwrap_or(rest.len()))
        }
    };
    if !is_format_name(format) {
        return Err(Fault::NoApiPath(decoded));
    }
    let known = Format::named(format);
    Ok(Address::Api(Target {
        format: known.unwrap_or(Format::Json),
        unknown_format: known.is_none().then(|| format.to_owned()),
        path: joined(parts(shown).map(|part| part.replace('%', "%25"))),
        shown: if shown.is_empty() { "/" } else { shown }.to_owned(),
        full: decoded.clone(),
    }))
}

/// `[a-z][a-z0-9]+`
fn is_format_name(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

fn rust(path: &str) -> Result<Address, Fault> {
    let mut all = parts(path);
    if all.clone().any(|part| part.starts_with('.')) {
        return Err(Fault::Failed("path contains illegal components".to_owned()));
    }
    let full = joined(parts(path));
    if all.next() != Some("api2") {
        return Ok(Address::Outside(joined(parts(&percent::decode(path)))));
    }
    let Some(format) = all.next() else {
        return Err(Fault::NoApiPath(full));
    };
    let shown = joined(all.clone());
    let Some(known) = Format::named(format) else {
        return Err(Fault::NoFormat {
            path: shown,
            format: format.to_owned(),
        });
    };
    let canonical = |part: &str| {
        percent::decode(part)
            .replace('%', "%25")
            .replace('/', "%2F")
    };
    Ok(Address::Api(Target {
        format: known,
        unknown_format: None,
        path: joined(all.map(canonical)),
        shown,
        full,
    }))
}

fn parts(path: &str) -> impl Iterator<Item = &str> + Clone {
    path.split('/').filter(|part| !part.is_empty())
}

fn joined(parts: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut path = String::new();
    for part in parts {
        path.push('/');
        path.push_str(part.as_ref());
    }
    if path.is_empty() {
        path.push('/');
    }
    path
}

#[cfg(test)]
mod tests;
