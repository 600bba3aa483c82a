//! What the accounts of the lab may do.

use super::*;
use crate::proxmox::call::testing::context;
use crate::proxmox::gate::House;
use crate::proxmox::identity::Identity;
use crate::proxmox::lodge::Lodge;
use crate::proxmox::{Edition, Product};

#[test]
fn the_lab_grants_what_it_says() {
    let (lab, context) = (lab(), context(Edition::Pve9));
    let lodge = Lodge::new(&lab, &context, noon().now);
    let rights = lodge.rights();
    let check = |who: &str, privilege: &str, path: &str, may: bool| {
        let who = Identity::parse(who, Product::Pve).unwrap();
        let wanted = context.catalog.privilege(privilege).unwrap();
        let has = rights.on(&who, path).all.has_all(wanted);
        assert_eq!(has, may, "{who} {privilege} {path}");
    };
    check("root@pam", "Sys.Modify", "/", true);
    // The documented tokens share what their owner has.
    check("root@pam!e2e", "Sys.Modify", "/", true);
    check("root@pam!mock", "Sys.Modify", "/", true);
    check("root@pam!other", "Sys.Modify", "/", false);
    check("auditor@pve", "VM.Audit", "/vms/101", true);
    check("auditor@pve", "VM.PowerMgmt", "/vms/101", false);
    check("auditor@pve!exporter", "VM.Audit", "/vms/101", true);
    check("operator@pve", "VM.PowerMgmt", "/vms/101", true);
    check("operator@pve", "VM.Allocate", "/vms/101", false);
    check("operator@pve", "VM.Allocate", "/pool/production", true);
    check("ci@pve!runner", "VM.PowerMgmt", "/vms/105", true);
    check("ci@pve", "VM.PowerMgmt", "/vms/101", false);
}
