//! Every operation of every Proxmox document, over a socket: what can be read by walking from the root is
//! there and of its declared type, what can be written refuses what is wrong in the product's words.
//!
//! The walk goes as a person with a browser would: an index or list says what is below it. Operations that ask
//! for more than the path are asked with the values of [`known`].

mod known;
mod tree;
mod walk;
mod writes;

use mock_server::contract::Contract;
use mock_server::proxmox::Product;

use crate::support::server::TestServer;

/// One product with one document, running.
struct Swept {
    product: Product,
    contract: Contract,
    server: TestServer,
}

impl Swept {
    fn start(product: Product, personality: &str, release: &str) -> Self {
        let path = format!(
            "{}/openapi/{personality}-{release}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let contract = Contract::parse(&std::fs::read(&path).unwrap(), &path).unwrap();
        let release = format!("--release={release}");
        // A clock that stands still and a seed: the same answers each time.
        let flags = [
            &*release,
            "--seed=7",
            "--clock=2026-01-05T12:00:00Z",
            "--log=error",
        ];
        Self {
            product,
            contract,
            server: TestServer::of(personality, &flags),
        }
    }
}

/// Runs both halves against one document.
fn sweep(product: Product, personality: &str, release: &str) {
    let swept = Swept::start(product, personality, release);
    let mut faults = Vec::new();
    let tree = walk::walk(&swept, &mut faults);
    writes::refusals(&swept, &tree, &mut faults);
    let (count, shown) = (faults.len(), &faults[..faults.len().min(60)]);
    assert!(faults.is_empty(), "{count} faults\n{}", shown.join("\n"));
}

#[test]
fn pve_9_2() {
    sweep(Product::Pve, "pve", "9.2");
}

#[test]
fn pve_8_4() {
    sweep(Product::Pve, "pve", "8.4");
}

#[test]
fn pbs_4() {
    sweep(Product::Pbs, "pbs", "4");
}

#[test]
fn pdm_1() {
    sweep(Product::Pdm, "pdm", "1");
}

#[test]
fn pve_7_4() {
    sweep(Product::Pve, "pve", "7.4");
}
