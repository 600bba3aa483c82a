//! The three products, and the names by which each one knows the same things.

/// One of Proxmox's products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// Proxmox VE, written in Perl.
    Pve,
    /// Proxmox Backup Server, written in Rust.
    Pbs,
    /// Proxmox Datacenter Manager, written in Rust on the same libraries as Backup Server.
    Pdm,
}

impl Product {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pve, Self::Pbs, Self::Pdm];

    /// Whether this is the Perl product: nearly every difference on the wire (proxmox.md 1.3) follows from it.
    pub fn is_perl(self) -> bool {
        self == Self::Pve
    }

    /// What a ticket starts with.
    pub fn ticket_prefix(self) -> &'static str {
        match self {
            Self::Pve => "PVE",
            Self::Pbs => "PBS",
            Self::Pdm => "PDM",
        }
    }

    /// What a ticket for one console starts with. PDM's is not documented anywhere; it follows the pattern.
    pub fn console_prefix(self) -> &'static str {
        match self {
            Self::Pve => "PVEVNC",
            Self::Pbs => "PBSTERM",
            Self::Pdm => "PDMTERM",
        }
    }

    /// The names of the cookie that carries a ticket, the preferred one first (proxmox.md 2.1, 2.4, 2.5).
    pub fn cookies(self) -> &'static [&'static str] {
        match self {
            Self::Pve => &["PVEAuthCookie"],
            Self::Pbs => &["__Host-PBSAuthCookie", "PBSAuthCookie"],
            Self::Pdm => &["__Host-PDMAuthCookie", "PDMAuthCookie"],
        }
    }

    /// The scheme of an `Authorization` header that carries an API token.
    pub fn token_scheme(self) -> &'static str {
        match self {
            Self::Pve => "PVEAPIToken",
            Self::Pbs => "PBSAPIToken",
            Self::Pdm => "PDMAPIToken",
        }
    }

    /// What stands between the id of an API token and its secret.
    pub fn token_separator(self) -> char {
        if self.is_perl() { '=' } else { ':' }
    }
}

/// The releases that differ in privileges and words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// Proxmox VE 7: errors have no `message` in their body.
    Pve7,
    /// Proxmox VE 8: mappings, `SDN.Use`, `Sys.AccessNetwork`; `Permissions.Modify` in no predefined role but
    /// `Administrator`.
    Pve8,
    /// Proxmox VE 9: `VM.Monitor` became `VM.GuestAgent.*`, `VM.Replicate` is new.
    Pve9,
    /// Proxmox Backup Server.
    Pbs,
    /// Proxmox Datacenter Manager.
    Pdm,
}

impl Edition {
    /// The product.
    pub fn product(self) -> Product {
        match self {
            Self::Pve7 | Self::Pve8 | Self::Pve9 => Product::Pve,
            Self::Pbs => Product::Pbs,
            Self::Pdm => Product::Pdm,
        }
    }
}
