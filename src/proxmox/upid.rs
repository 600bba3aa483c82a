//! UPIDs, the ids of tasks: nine parts in Proxmox VE, ten in the Rust products, and PDM's form with the name of
//! a remote in front (proxmox.md 3.1).

use std::fmt;

use super::identity::Identity;
use super::product::Product;

/// Why a text is no UPID. `Display` gives the words of the product whose form was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpidFault {
    /// In Proxmox VE (`PVE::UPID::decode`).
    #[error("unable to parse worker upid '{0}'")]
    Perl(String),
    /// In the Rust products (proxmox-schema's `upid.rs`).
    #[error("unable to parse UPID '{0}'")]
    Rust(String),
}

/// The id of a task, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Upid {
    /// The node it runs on.
    pub node: String,
    /// The process it runs in.
    pub process: Process,
    /// When it started, in seconds since 1970.
    pub start: u32,
    /// The type of the work: `qmstart`, `vzdump`, ...
    pub kind: String,
    /// What it works on, as people write it; often empty.
    pub id: String,
    /// Who started it.
    pub user: Identity,
}

/// The process of a task, by which its UPID becomes unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Process {
    /// The number of the process.
    pub pid: u32,
    /// When the process started, in clock ticks since the machine did (at most 36 bits).
    pub start: u64,
    /// The counter inside the process, in the Rust products only.
    pub task: Option<u64>,
}

impl Process {
    /// The process of the `n`th task of a world. Equal counters give equal processes, so that the same calls
    /// give the same ids again; different ones give different processes (up to four million tasks).
    pub fn nth(product: Product, n: u64) -> Self {
        match product {
            // Every task is a process of its own. Linux counts pids up to 2^22; the steps are what a busy host
            // shows between two tasks, and the one for pids has no common factor with their number.
            Product::Pve => Self {
                pid: u32::try_from(1_000 + n.wrapping_mul(37) % 4_193_287).unwrap_or(u32::MAX),
                start: 0x1_0000 + n.wrapping_mul(2_711) % 0xFFFF_0000,
                task: None,
            },
            // One daemon does all the work and counts its tasks.
            Product::Pbs | Product::Pdm => Self {
                pid: 0x02F1,
                start: 0x0480,
                task: Some(n),
            },
        }
    }
}

impl Upid {
    /// Reads a UPID in the product's own form.
    ///
    /// # Errors
    /// In the product's words.
    pub fn parse(text: &str, product: Product) -> Result<Self, UpidFault> {
        let fault = || match product {
            Product::Pve => UpidFault::Perl(text.to_owned()),
            Product::Pbs | Product::Pdm => UpidFault::Rust(text.to_owned()),
        };
        parse(text, product).ok_or_else(fault)
    }
}

impl fmt::Display for Upid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Process { pid, start, task } = self.process;
        let (node, kind, user) = (&self.node, &self.kind, &self.user);
        write!(f, "UPID:{node}:{pid:08X}:{start:08X}:")?;
        let id = match task {
            None => perl_escaped(&self.id),
            Some(task) => {
                write!(f, "{task:08X}:")?;
                unit_escaped(&self.id)
            }
        };
        write!(f, "{:08X}:{kind}:{id}:{user}:", self.start)
    }
}

/// A UPID of a remote, as PDM gives it out: `pve:<remote>!<UPID>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteUpid {
    /// What the remote is.
    pub product: Product,
    /// The remote's name.
    pub remote: String,
    /// The task there.
    pub upid: Upid,
}

impl RemoteUpid {
    /// Reads a remote UPID. The older form has no product in front (`<remote>!<UPID>`); the number of parts then
    /// tells what the remote is.
    ///
    /// # Errors
    /// In PDM's words.
    pub fn parse(text: &str) -> Result<Self, UpidFault> {
        let fault = || UpidFault::Rust(text.to_owned());
        let (front, upid) = text.split_once("!UPID:").ok_or_else(fault)?;
        let upid = format!("UPID:{upid}");
        let read = |product| Upid::parse(&upid, product).ok().map(|upid| (product, upid));
        let (remote, read) = match front.split_once(':') {
            Some(("pve", remote)) => (remote, read(Product::Pve)),
            Some(("pbs", remote)) => (remote, read(Product::Pbs)),
            Some(_) => (front, None),
            None => (front, read(Product::Pve).or_else(|| read(Product::Pbs))),
        };
        let (product, upid) = read.filter(|_| !remote.is_empty()).ok_or_else(fault)?;
        Ok(Self {
            product,
            remote: remote.to_owned(),
            upid,
        })
    }
}

impl fmt::Display for RemoteUpid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let product = if self.product.is_perl() { "pve" } else { "pbs" };
        write!(f, "{product}:{}!{}", self.remote, self.upid)
    }
}

fn parse(text: &str, product: Product) -> Option<Upid> {
    let mut parts = text.strip_prefix("UPID:")?.strip_suffix(':')?.split(':');
    let node = parts.next().filter(|node| is_node(node))?;
    let pid = hex(parts.next()?, 8..=8)?;
    let process_start = hex(parts.next()?, 8..=9)?;
    let task = match product {
        Product::Pve => None,
        Product::Pbs | Product::Pdm => Some(hex(parts.next()?, 8..=16)?),
    };
    let start = hex(parts.next()?, 8..=8)?;
    let kind = parts.next().filter(|kind| !kind.is_empty())?;
    let id = parts.next()?;
    let user = parts.next()?;
    let bare = |part: &str| {
        let allowed = |c: char| !c.is_whitespace() && (c != '/' || !product.is_perl());
        part.chars().all(allowed)
    };
    if parts.next().is_some() || ![kind, id, user].into_iter().all(bare) {
        return None;
    }
    let id = match product {
        Product::Pve => id.to_owned(),
        Product::Pbs | Product::Pdm => unit_unescaped(id)?,
    };
    Some(Upid {
        node: node.to_owned(),
        process: Process {
            pid: u32::try_from(pid).ok()?,
            start: process_start,
            task,
        },
        start: u32::try_from(start).ok()?,
        kind: kind.to_owned(),
        id,
        user: Identity::parse(user, product).ok()?,
    })
}

fn is_node(node: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !node.is_empty() && !node.starts_with('-') && !node.ends_with('-') && node.chars().all(allowed)
}

fn hex(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u64> {
    let fits = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

/// Proxmox VE has no escapes: callers leave out what may not be there. A dash keeps the rest readable.
fn perl_escaped(id: &str) -> String {
    id.replace(|c: char| matches!(c, ':' | '/') || c.is_whitespace(), "-")
}

/// As systemd escapes names of units: `/` is `-`, other bytes are `\xNN`.
fn unit_escaped(id: &str) -> String {
    let mut escaped = String::with_capacity(id.len());
    for (n, byte) in id.bytes().enumerate() {
        match byte {
            b'/' => escaped.push('-'),
            b'.' if n == 0 => escaped.push_str("\\x2e"),
            b'_' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => escaped.push(byte.into()),
            _ => escaped.push_str(&format!("\\x{byte:02x}")),
        }
    }
    escaped
}

fn unit_unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match first {
            b'-' => bytes.push(b'/'),
            b'\\' => {
                let digits = tail.strip_prefix(b"x")?.get(..2)?;
                let digits = std::str::from_utf8(digits).ok()?;
                bytes.push(u8::try_from(hex(digits, 2..=2)?).ok()?);
                rest = &tail[3..];
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests;
