//! The formats that a pattern alone does not describe.

use super::super::super::Edition;
use super::super::super::role::Catalog;
use super::addresses::{
    address_with_interface, cidr, full_range_cidr, ip_or_cidr, ipv4_config, ipv6_config, is_alias,
    is_cidr_v4, is_cidr_v6, is_host, is_ip, is_ipv4, is_ipv6, netmask, portal, subnet,
};
use super::network::{route_map, route_target, short_id, vlan};
use super::{Rule, calendar, firewall, one, says};

/// The rule of a format.
pub(super) fn rule(name: &str) -> Option<Rule> {
    let found = RULES.iter().find(|(known, _)| *known == name);
    found.map(|(_, rule)| *rule)
}

const RULES: &[(&str, Rule)] = &[
    ("ipv4", |text| {
        says(
            is_ipv4(text),
            "value does not look like a valid IPv4 address",
        )
    }),
    ("ipv6", |text| {
        says(
            is_ipv6(text),
            "value does not look like a valid IPv6 address",
        )
    }),
    ("ip", |text| {
        says(is_ip(text), "value does not look like a valid IP address")
    }),
    ("lxc-ip-with-ll-iface", address_with_interface),
    ("ipv4mask", netmask),
    ("CIDRv4", |text| {
        says(
            is_cidr_v4(text),
            "value does not look like a valid IPv4 CIDR network",
        )
    }),
    ("CIDRv6", |text| {
        says(
            is_cidr_v6(text),
            "value does not look like a valid IPv6 CIDR network",
        )
    }),
    ("CIDR", cidr),
    ("FullRangeCIDR", full_range_cidr),
    ("IPorCIDR", ip_or_cidr),
    ("IPorCIDRorAlias", |text| {
        // Since 8.0 an alias may say at which level it is.
        let scoped = text
            .strip_prefix("dc/")
            .or_else(|| text.strip_prefix("guest/"));
        if is_alias(scoped.unwrap_or(text)) {
            Ok(())
        } else {
            ip_or_cidr(text)
        }
    }),
    ("pve-ipv4-config", ipv4_config),
    ("pve-ipv6-config", ipv6_config),
    ("pve-sdn-subnet-id", subnet),
    ("address", |text| {
        says(
            is_host(text),
            &format!("value does not look like a valid address: {text}"),
        )
    }),
    ("pve-storage-server", |text| {
        says(
            is_host(text),
            "value does not look like a valid server name or IP address",
        )
    }),
    ("pve-storage-portal-dns", portal),
    ("pve-storage-id", |text| id(text, "storage")),
    ("acme-plugin-id", |text| id(text, "ACME plugin")),
    ("pve-userid", user),
    ("pve-poolid", pool),
    ("pve-priv", privilege),
    ("storage-pair", |text| pair(text, "pve-storage-id")),
    ("bridge-pair", |text| pair(text, "pve-bridge-id")),
    ("pve-vlan-id-or-range", vlan),
    ("pve-replication-job-id", replication_job),
    ("pve-cpuset", cpuset),
    ("pve-hotplug-features", hotplug),
    ("pve-phys-bits", phys_bits),
    ("pve-lxc-mp-string", mount_path),
    ("pve-lxc-dev-string", device_path),
    ("pve-ct-timezone", time_zone),
    ("pve-calendar-event", calendar::check),
    ("pve-sdn-zone-id", |text| short_id(text, "zone")),
    ("pve-sdn-vnet-id", |text| short_id(text, "vnet")),
    ("pve-sdn-bgp-rt", route_target),
    ("pve-sdn-route-map-id", route_map),
    ("pve-dir-override", directory_override),
    ("pve-command-batch", commands),
    ("pem-certificate", pem),
    ("pem-certificate-chain", pem),
    ("pem-string", pem),
    ("pve-fw-addr-spec", firewall::addresses),
    ("pve-fw-sport-spec", firewall::ports),
    ("pve-fw-dport-spec", firewall::ports),
    ("pve-fw-protocol-spec", firewall::protocol),
    ("pve-fw-icmp-type-spec", firewall::icmp_type),
];

fn id(text: &str, kind: &str) -> Result<(), String> {
    if text.chars().count() < 2 {
        return Err(format!(
            "{kind} ID '{text}' cannot be shorter than 2 characters"
        ));
    }
    let bytes = text.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let fits = bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(inner);
    says(
        fits,
        &format!("{kind} ID '{text}' contains illegal characters"),
    )
}

fn user(text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if length < 3 {
        return Err(format!("user name '{text}' is too short"));
    }
    if length > 64 {
        return Err(format!("user name '{text}' is too long ({length} > 64)"));
    }
    let fits = text.rsplit_once('@').is_some_and(|(name, realm)| {
        let allowed = |c: char| !c.is_whitespace() && c != ':' && c != '/';
        !name.is_empty() && name.chars().all(allowed) && one("pve-realm", realm).is_ok()
    });
    says(
        fits,
        &format!("value '{text}' does not look like a valid user name"),
    )
}

fn pool(text: &str) -> Result<(), String> {
    if text.trim_end_matches('/').split('/').count() > 3 {
        return Err(format!(
            "pool name '{text}' nested too deeply (max levels = 3)"
        ));
    }
    let fits = text
        .split('/')
        .all(|level| one("pve-roleid", level).is_ok());
    says(
        fits,
        &format!("pool name '{text}' contains invalid characters"),
    )
}

/// Releases know different privileges; whether this one does is seen when a role is made of them.
fn privilege(text: &str) -> Result<(), String> {
    let editions = [Edition::Pve9, Edition::Pve8, Edition::Pve7];
    let known = |edition| Catalog::new(edition).privilege(text).is_some();
    says(
        editions.into_iter().any(known),
        &format!("invalid privilege '{text}'"),
    )
}

/// One entry of a map from ids to ids: `1`, a default, or a pair.
fn pair(text: &str, format: &str) -> Result<(), String> {
    if text == "1" {
        return Ok(());
    }
    let parts: Vec<&str> = text.split(':').collect();
    let ids = match parts.as_slice() {
        [source, target] if !source.is_empty() && !target.is_empty() => parts.as_slice(),
        _ => &[text],
    };
    let checked = ids.iter().try_for_each(|id| one(format, id));
    // The product's own newline stands inside, and one more at the end.
    checked.map_err(|text_of_id| format!("entry '{text}' contains invalid ID - {text_of_id}\n\n"))
}

fn replication_job(text: &str) -> Result<(), String> {
    let message = format!("invalid replication job id '{text}'");
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('-') {
        Some((guest, number)) if digits(guest) && digits(number) => {
            let small = guest.parse::<u64>().is_ok_and(|guest| guest < 100);
            says(!small, &format!("{message} (guest IDs < 100 are reseved)"))
        }
        _ => Err(message),
    }
}

fn cpuset(text: &str) -> Result<(), String> {
    let fits = text.split(',').filter(|part| !part.is_empty()).all(|part| {
        let (from, to) = part
            .trim()
            .split_once('-')
            .unwrap_or((part.trim(), part.trim()));
        matches!((from.parse::<u32>(), to.parse::<u32>()), (Ok(from), Ok(to)) if from <= to)
    });
    says(fits, "unable to parse cpuset option")
}

fn hotplug(text: &str) -> Result<(), String> {
    if text == "0" || text == "1" {
        return Ok(());
    }
    let known = ["network", "disk", "cpu", "memory", "usb", "cloudinit"];
    let wrong = super::split_list(text).find(|feature| !known.contains(feature));
    wrong.map_or(Ok(()), |feature| {
        Err(format!("invalid hotplug feature '{feature}'"))
    })
}

fn phys_bits(text: &str) -> Result<(), String> {
    let fits = text == "host"
        || text
            .parse::<u8>()
            .is_ok_and(|bits| (8..=64).contains(&bits));
    says(fits, "value must be an integer between 8 and 64 or 'host'")
}

fn mount_path(text: &str) -> Result<(), String> {
    let climbs = text.contains("/./")
        || text.contains("/../")
        || text.ends_with("/.")
        || text.ends_with("/..")
        || text.starts_with("../");
    says(
        !climbs,
        &format!("{text} contains illegal character sequences"),
    )
}

fn device_path(text: &str) -> Result<(), String> {
    let fits = text.starts_with("/dev/") && !text.split('/').any(|part| matches!(part, "." | ".."));
    says(fits, &format!("{text} is not a valid device path"))
}

/// The product looks the zone up in the list of the system; here every name of the usual form is one.
fn time_zone(text: &str) -> Result<(), String> {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_uppercase())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
    };
    let named = text.contains('/') && text.split('/').all(part);
    let fits = matches!(text, "host" | "UTC") || named;
    says(fits, &format!("invalid time zone '{text}'"))
}

fn directory_override(text: &str) -> Result<(), String> {
    let Some((content, path)) = text.split_once('=') else {
        return Err(format!("invalid override '{text}'"));
    };
    one("pve-storage-content", content)?;
    let climbs = path
        .split('/')
        .any(|part| part == ".." || part.len() >= 255);
    let fits = !path.is_empty() && !path.contains("..") && path.len() < 1023 && !climbs;
    says(fits, &format!("invalid override '{text}'"))
}

/// Calls to run at once: a JSON list of path, method and arguments.
fn commands(text: &str) -> Result<(), String> {
    let commands: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| format!("commands param did not contain valid JSON: {error}"))?;
    let is_call = |call: &serde_json::Value| {
        let method = call.get("method").and_then(serde_json::Value::as_str);
        call.get("path").is_some_and(serde_json::Value::is_string)
            && matches!(method, Some("GET" | "POST" | "PUT" | "DELETE"))
    };
    let fits = commands
        .as_array()
        .is_some_and(|calls| calls.iter().all(is_call));
    says(
        fits,
        "commands is not a valid array of commands: Parameter verification failed.",
    )
}

fn pem(text: &str) -> Result<(), String> {
    let fits = text
        .find("-----BEGIN ")
        .and_then(|at| text[at..].find("-----END "))
        .is_some();
    says(fits, "not a valid PEM-formatted string.")
}
