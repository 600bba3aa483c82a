//! The paths that permissions may stand on (proxmox.md 2.6; `check_path` of pve-access-control 7.4, 8.2 and 9.1).

use crate::proxmox::Edition;

/// Whether a release knows permissions on a normalised path. Whether there is such a thing does not matter: the
/// product takes permissions for guests that do not exist yet.
pub fn is_permission_path(edition: Edition, path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let is_old = edition == Edition::Pve7;
    match parts[..] {
        [""] => true,
        ["access" | "nodes" | "pool" | "sdn" | "storage" | "vms"] => true,
        ["access", "groups" | "realm"] => true,
        ["access", "groups" | "realm", name] | ["nodes" | "storage", name] => is_word(name),
        ["pool", ref names @ ..] => {
            let deepest = if is_old { 1 } else { 3 };
            names.len() <= deepest && names.iter().all(|name| is_word(name))
        }
        ["vms", vmid] => is_vmid(vmid),
        ["sdn", ref rest @ ..] if is_old => {
            matches!(rest, ["zones" | "vnets", name] if is_word(name))
        }
        ["sdn", ref rest @ ..] => is_network_path(edition, rest),
        ["mapping"] => !is_old,
        ["mapping", ref names @ ..] => {
            !is_old && names.len() <= 2 && names.iter().all(|name| is_word(name))
        }
        _ => false,
    }
}

fn is_network_path(edition: Edition, parts: &[&str]) -> bool {
    let plain = |name: &str| !name.is_empty() && name.chars().all(char::is_alphanumeric);
    let is_new = edition == Edition::Pve9;
    match parts {
        ["controllers" | "dns" | "ipams" | "zones"] => true,
        ["controllers", name] => is_word(name) && !name.contains('.'),
        ["dns" | "ipams", name] => plain(name),
        ["fabrics" | "prefix-lists" | "route-maps"] => is_new,
        ["fabrics" | "prefix-lists" | "route-maps", name] => is_new && plain(name),
        ["zones", zone] => is_word(zone),
        ["zones", zone, network] => is_word(zone) && is_word(network),
        ["zones", zone, network, tag] => is_word(zone) && is_word(network) && is_tag(tag),
        _ => false,
    }
}

fn is_word(name: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    !name.is_empty() && name.chars().all(allowed)
}

fn is_number(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits && !text.is_empty() && !text.starts_with('0')
}

fn is_vmid(text: &str) -> bool {
    is_number(text) && text.len() >= 3
}

fn is_tag(text: &str) -> bool {
    is_number(text) && text.len() <= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_releases() {
        let check = |path: &str, old: bool, middle: bool, new: bool| {
            let found = [Edition::Pve7, Edition::Pve8, Edition::Pve9]
                .map(|edition| is_permission_path(edition, path));
            assert_eq!(found, [old, middle, new], "{path}");
        };
        for path in [
            "/",
            "/access",
            "/access/groups/ops",
            "/access/realm/pve",
            "/nodes/pve01",
            "/pool/a",
            "/sdn",
            "/sdn/zones/lab",
            "/storage/local-lvm",
            "/vms/999",
        ] {
            check(path, true, true, true);
        }
        for path in [
            "/vms/99",
            "/vms/x",
            "/nowhere",
            "/access/x",
            "/pool/a/b/c/d",
            "/nodes/a/b",
        ] {
            check(path, false, false, false);
        }
        check("/sdn/vnets/x", true, false, false);
        check("/sdn/zones", false, true, true);
        check("/sdn/zones/lab/net/10", false, true, true);
        check("/sdn/zones/lab/net/0", false, false, false);
        check("/mapping/pci/gpu", false, true, true);
        check("/pool/a/b/c", false, true, true);
        check("/sdn/fabrics/f1", false, false, true);
        check("/sdn/controllers/a.b", false, false, false);
    }
}
