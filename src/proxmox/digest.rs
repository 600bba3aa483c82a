//! Digests of configuration, by which a client says which state it means to change.

use crate::http::checksum::Checksum;

use super::product::Product;

/// The digest of a configuration file's text: SHA-1 in Proxmox VE (40 digits, proxmox.md 4.0), SHA-256 in the
/// Rust products (64 digits, proxmox-config-digest).
pub fn of_text(product: Product, text: &str) -> String {
    let checksum = match product {
        Product::Pve => Checksum::Sha1,
        Product::Pbs | Product::Pdm => Checksum::Sha256,
    };
    checksum.hex(text.as_bytes())
}

/// One section of a configuration file.
#[derive(Debug, Clone, Copy)]
pub struct Section<'a> {
    /// Its type, before the colon.
    pub kind: &'a str,
    /// Its id.
    pub id: &'a str,
    /// Its properties in their order.
    pub properties: &'a [(&'a str, &'a str)],
}

/// The digest of a whole configuration file: a change in any section changes it, as in the products, where one
/// file holds all storages, all users, all jobs. The text is the form these files have.
pub fn of_sections<'a>(
    product: Product,
    sections: impl IntoIterator<Item = Section<'a>>,
) -> String {
    let mut text = String::new();
    for Section {
        kind,
        id,
        properties,
    } in sections
    {
        text.push_str(kind);
        text.push_str(": ");
        text.push_str(id);
        text.push('\n');
        for (key, value) in properties {
            text.push('\t');
            text.push_str(key);
            text.push(' ');
            text.push_str(value);
            text.push('\n');
        }
        text.push('\n');
    }
    of_text(product, &text)
}

/// Whether a change may go on: the caller named no digest, or the present one.
pub fn fits(given: Option<&str>, present: &str) -> bool {
    given.is_none_or(|given| given.is_empty() || given == present)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_texts() {
        let check = |product: Product, length: usize, start: &str| {
            let digest = of_text(product, "");
            assert_eq!(digest.len(), length);
            assert!(digest.starts_with(start), "{digest}");
        };
        check(Product::Pve, 40, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        check(Product::Pbs, 64, "e3b0c44298fc1c149afbf4c8996fb924");
        check(Product::Pdm, 64, "e3b0c44298fc1c149afbf4c8996fb924");
    }

    #[test]
    fn every_part_of_a_section_counts() {
        let section = |kind, id, properties| {
            of_sections(
                Product::Pve,
                [Section {
                    kind,
                    id,
                    properties,
                }],
            )
        };
        let base = section("dir", "local", &[("path", "/a")]);
        assert_eq!(base, of_text(Product::Pve, "dir: local\n\tpath /a\n\n"));
        for other in [
            section("nfs", "local", &[("path", "/a")]),
            section("dir", "other", &[("path", "/a")]),
            section("dir", "local", &[("path", "/b")]),
            section("dir", "local", &[]),
            of_sections(Product::Pve, []),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn what_fits() {
        assert!(fits(None, "a"));
        assert!(fits(Some(""), "a"));
        assert!(fits(Some("a"), "a"));
        assert!(!fits(Some("b"), "a"));
    }
}
