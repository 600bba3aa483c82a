//! Which paths permissions may be given on (`check_acl_path` of each product).

use crate::proxmox::fault::Fault;
use crate::proxmox::product::Product;

/// Refuses a path that means nothing to the product.
pub(super) fn check(product: Product, path: &str) -> Result<(), Fault> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let known = match product {
        Product::Pdm => is_of_manager(&parts),
        Product::Pbs | Product::Pve => is_of_backup_server(&parts),
    };
    match known {
        true => Ok(()),
        false => Err(Fault::Failed(format!("invalid acl path '{path}'."))),
    }
}

fn is_of_backup_server(parts: &[&str]) -> bool {
    match parts {
        [] | ["access" | "system" | "tape"] => true,
        ["access", "acl" | "users" | "domains"] => true,
        ["access", "openid", rest @ ..] => rest.len() <= 1,
        // A datastore, and a namespace of at most seven names in it.
        ["datastore", rest @ ..] => rest.len() <= 8,
        ["remote", rest @ ..] => rest.len() <= 2,
        ["system", one] if is_of_system(one) => true,
        ["system", "services", rest @ ..] => rest.len() <= 1,
        ["system", "network"] | ["system", "network", "dns"] => true,
        ["system", "network", "interfaces", rest @ ..] => rest.len() <= 1,
        ["system", "s3-endpoint", rest @ ..] => rest.len() <= 1,
        ["tape", "device" | "pool" | "job", rest @ ..] => rest.len() <= 1,
        _ => false,
    }
}

fn is_of_manager(parts: &[&str]) -> bool {
    match parts {
        [] | ["access" | "system"] => true,
        ["access", "acl" | "users" | "realm" | "domains"] => true,
        ["access", "openid" | "realm", rest @ ..] => rest.len() <= 1,
        ["resource", rest @ ..] => rest.len() <= 4,
        ["view", rest @ ..] => rest.len() <= 1,
        ["system", one] if is_of_system(one) => true,
        ["system", "services", rest @ ..] => rest.len() <= 1,
        ["system", "network", rest @ ..] => rest.len() <= 2,
        _ => false,
    }
}

fn is_of_system(name: &str) -> bool {
    let known = [
        "certificates",
        "disks",
        "log",
        "notifications",
        "software-status",
        "status",
        "tasks",
        "time",
        "auto-installation",
    ];
    known.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let check = |product, path: &str, want: bool| {
            assert_eq!(check(product, path).is_ok(), want, "{product:?} {path}");
        };
        for path in [
            "/",
            "/datastore",
            "/datastore/main/a/b/c/d/e/f/g",
            "/remote/r/s",
            "/system/network/interfaces/eno1",
            "/tape/device/lto9",
            "/access/users",
        ] {
            check(Product::Pbs, path, true);
        }
        for path in ["/x", "/remote/r/s/t", "/system/x", "/vms/100", "/access/x"] {
            check(Product::Pbs, path, false);
        }
        check(Product::Pdm, "/resource/r/guest/100", true);
        check(Product::Pdm, "/view/mine", true);
        check(Product::Pdm, "/datastore", false);
    }
}
