//! Everything that can be read without an id of its own answers in every release, with the declared type.

use crate::http::Method;
use crate::personality::Personality as _;
use crate::pve::testing::desk_of;

/// Paths whose contract says another type than what the product sends, or that need parameters.
const LEFT_OUT: [&str; 4] = [
    "/cluster/nextid",
    "/cluster/jobs/schedule-analyze",
    "/nodes/{node}/ceph/cfg/value",
    "/nodes/{node}/ceph/cmd-safety",
];

#[test]
fn lists_answer() {
    for release in crate::pve::release::NAMES {
        let desk = desk_of(release);
        for listing in desk.service().listing() {
            let template = listing.template;
            let method = Method::parse(&listing.method);
            let is_ours = template.starts_with("/cluster")
                || template.starts_with("/pools")
                || template.starts_with("/nodes/{node}/ceph")
                || template.starts_with("/nodes/{node}/replication")
                || template.starts_with("/nodes/{node}/tasks");
            let path = template.replace("{node}", "pve01");
            let skipped = path.contains('{') || LEFT_OUT.contains(&&*template);
            let of_others = ["/cluster/sdn", "/cluster/firewall", "/cluster/backup"];
            let of_others = of_others.iter().any(|start| template.starts_with(start));
            if method == Method::Get && is_ours && !skipped && !of_others {
                if release == &"9.2" && template == "/cluster/ha/groups" {
                    continue;
                }
                let data = desk.get(&path);
                assert_ne!(data, serde_json::json!([]), "{release} {path}");
            }
        }
    }
}
