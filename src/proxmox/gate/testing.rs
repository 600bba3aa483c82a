//! A house for tests: one node of three, a few users, one token, the contract of a product.

use std::fs;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::*;
use crate::contract::Contract;
use crate::fixture::Fixtures;
use crate::http::{Body, Headers, ListenerRole};
use crate::proxmox::address::{self, Address};
use crate::proxmox::envelope::{Answer, Envelope, Format};
use crate::proxmox::fault::Unreachable;
use crate::proxmox::identity::{TokenId, UserId};
use crate::proxmox::product::Edition;
use crate::proxmox::rights::Rights;
use crate::proxmox::rights::testing::Lab;
use crate::proxmox::ticket::Signer;
use crate::routes::Additions;

pub(super) const SECRET: &str = "00000000-0000-4000-8000-000000000000";

pub(super) struct Hut {
    pub(super) lab: Lab,
    pub(super) mode: Mode,
    pub(super) signer: Signer,
    table: Table<()>,
    rules: Rules,
    reader: Reader,
}

impl House for Hut {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn now(&self) -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn signer(&self) -> &Signer {
        &self.signer
    }

    fn rights(&self) -> Rights<'_> {
        self.lab.rights()
    }

    fn standing(&self, user: &UserId) -> Standing {
        match user.name() {
            name if name.starts_with("no") => Standing::Missing,
            "off" => Standing::Disabled,
            "old" => Standing::Expired,
            _ => Standing::Good,
        }
    }

    fn token(&self, token: &TokenId) -> Option<KnownToken<'_>> {
        let standing = match &*token.name {
            "past" => Standing::Expired,
            "mock" | "own" | "shared" => Standing::Good,
            _ => return None,
        };
        Some(KnownToken {
            secret: SECRET,
            standing,
        })
    }

    fn own_node(&self) -> &'static str {
        "pve01"
    }

    fn place(&self, node: &str) -> Place {
        match node {
            "pve01" | "pve02" => Place::Reachable,
            "pve03" => Place::Offline(Unreachable::Connect, "No route to host".into()),
            _ => Place::Unknown,
        }
    }
}

impl Hut {
    pub(super) fn new(product: Product, mode: Mode, grants: &[&str]) -> Self {
        let name = match product {
            Product::Pve => "pve-9.2",
            Product::Pbs => "pbs-4",
            Product::Pdm => "pdm-1",
        };
        let path = format!("{}/openapi/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let contract = Contract::parse(&fs::read(path).unwrap(), name).unwrap();
        let fixtures = Fixtures::load("none", None, minijinja::Value::UNDEFINED).unwrap();
        let additions = Additions {
            fallback: &|_| Some(Origin::Sample),
            takes_rest: address::takes_rest,
        };
        Self {
            lab: Lab::granting(product, grants),
            mode,
            signer: Signer::new(product, &[7; 32]),
            table: Table::build_with(&contract, Vec::new(), &fixtures, &additions).unwrap(),
            rules: Rules::read(product, &contract).unwrap(),
            reader: Reader::new(product, &contract),
        }
    }

    /// A ticket of the user as a cookie, with the CSRF token that belongs to it.
    pub(super) fn logged_in(&self, user: &str) -> Vec<(&'static str, String)> {
        let product = self.lab.product;
        let user = UserId::parse(user, product).unwrap();
        let ticket = self.signer.ticket(&user, self.now());
        vec![
            ("cookie", format!("{}={ticket}", product.cookies()[0])),
            ("csrfpreventiontoken", self.signer.csrf(&user, self.now())),
        ]
    }

    pub(super) fn with_token(&self, id: &str) -> Vec<(&'static str, String)> {
        let product = self.lab.product;
        let (scheme, separator) = (product.token_scheme(), product.token_separator());
        vec![("authorization", format!("{scheme}={id}{separator}{SECRET}"))]
    }

    fn edition(&self) -> Edition {
        match self.lab.product {
            Product::Pve => Edition::Pve9,
            Product::Pbs => Edition::Pbs,
            Product::Pdm => Edition::Pdm,
        }
    }

    /// What becomes of `METHOD /target` with a body: who was admitted with which parameters, or the fault.
    pub(super) fn ask(
        &self,
        line: &str,
        fields: &[(&'static str, String)],
        body: &str,
    ) -> Result<(Option<String>, Map<String, Value>), Fault> {
        let request = request(line, fields, body);
        let Address::Api(target) = Address::read(self.lab.product, request.path())? else {
            panic!("outside");
        };
        let gate = Gate {
            edition: self.edition(),
            table: &self.table,
            rules: &self.rules,
            reader: &self.reader,
        };
        let admitted = gate.admit(self, &request, &target);
        let admitted = admitted.map_err(|refused| refused.fault)?;
        let identity = admitted.identity.map(|identity| identity.to_string());
        Ok((identity, admitted.parameters.into_given()))
    }

    /// The same on the wire: status line and body. Who is admitted gets the parameters back.
    pub(super) fn reply(
        &self,
        line: &str,
        fields: &[(&'static str, String)],
        body: &str,
    ) -> (String, String) {
        let format = match line.contains("/extjs/") {
            true => Format::Extjs,
            false => Format::Json,
        };
        let envelope = Envelope {
            edition: self.edition(),
            format,
            now: self.now(),
        };
        let asked = self.ask(line, fields, body);
        let reply = envelope.reply(asked.map(|(_, given)| Answer::new(given)));
        let status = match &reply.reason {
            Some(reason) => format!("{} {reason}", reply.status),
            None => reply.status.to_string(),
        };
        let body = match reply.body {
            Body::Whole(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            _ => String::new(),
        };
        (status, body)
    }
}

fn request(line: &str, fields: &[(&'static str, String)], body: &str) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let mut headers = Headers::default();
    for (name, value) in fields {
        headers.push(name, value.as_bytes());
    }
    Request {
        method: Method::parse(method),
        target: target.into(),
        headers,
        body: Bytes::copy_from_slice(body.as_bytes()),
        body_fault: None,
        upload: None,
        peer: ([127, 0, 0, 1], 1).into(),
        listener: ListenerRole::Main,
        secure: true,
    }
}
