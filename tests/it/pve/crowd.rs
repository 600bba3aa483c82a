//! Many clients at once, each with guests of its own and all with one: every refusal is the product's, no change is
//! lost, and what the server counts is what was asked.
//!
//! The test tells each client how often. With `CROWD_SECONDS=30` the clients go on that long and the figures are
//! printed; with `MOCK_HTTPS` and `MOCK_CA` they go to a server that runs already, as `.ci/clients/proxmox.sh` does.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use mock_server::clock::Stopwatch;
use serde_json::{Value, json};

use crate::support::api::send;
use crate::support::client::{Answer, Client};
use crate::support::server::TestServer;

mod ledger;

use ledger::Ledger;

const CLIENTS: usize = 64;

/// How many rounds each client goes when nobody says how long.
const ROUNDS: usize = 2;

/// How often each changes its own guest in a round.
const CHANGES: usize = 3;

const TOKEN: &str = "authorization: PVEAPIToken=root@pam!e2e=e2e-secret\r\n";

const GUEST: &str = "/nodes/{node}/qemu/{vmid}";
const CONFIG: &str = "/nodes/{node}/qemu/{vmid}/config";

/// What two clients that want the same are told (proxmox.md 4.1); `#` stands for a number.
const RACES: [&str; 3] = [
    "checksum mismatch (file change by other user?)",
    "unable to create VM # - VM # already exists on node 'pve#'",
    "unable to create VM #: config file already exists",
];

#[test]
fn a_crowd_loses_nothing() {
    let house = House::open();
    let mut host = Visitor::new(&house, 0);
    host.must("POST", "/pools", &[], "poolid=crowd");
    let shared = host.create();
    let watch = Stopwatch::start();
    let (house_ref, shared_ref) = (&house, shared.as_str());
    let visitors: Vec<Visitor> = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..=CLIENTS)
            .map(|number| {
                scope.spawn(move || Visitor::new(house_ref, number).stay(shared_ref, watch))
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let seconds = watch.elapsed().as_secs_f64();
    let rounds: usize = visitors.iter().map(|visitor| visitor.rounds).sum();
    // The product waits for idle clients a few seconds only.
    host.client = house.connect();
    host.expect_counted(&shared, rounds);
    host.must("DELETE", GUEST, &["pve01", &shared], "");
    host.expect_tidy();
    let mut ledger = host.ledger;
    visitors
        .into_iter()
        .for_each(|visitor| ledger.add(visitor.ledger));
    ledger.expect_at(&house);
    if house.seconds.is_some() {
        ledger.tell(CLIENTS, rounds, seconds);
    }
}

/// Where the clients go.
struct House {
    address: SocketAddr,
    ca: String,
    seconds: Option<Duration>,
    /// What was counted before they came.
    before: Value,
    server: Option<TestServer>,
}

impl House {
    fn open() -> Self {
        let seconds = std::env::var("CROWD_SECONDS").ok();
        let seconds = seconds.map(|text| Duration::from_secs(text.parse().unwrap()));
        let (address, ca, server) = match (std::env::var("MOCK_HTTPS"), std::env::var("MOCK_CA")) {
            (Ok(place), Ok(file)) => {
                let place = place.replace("localhost", "127.0.0.1");
                (
                    place.parse().unwrap(),
                    std::fs::read_to_string(file).unwrap(),
                    None,
                )
            }
            _ => {
                let flags = [
                    "--log=error",
                    "--seed=7",
                    "--auth=strict",
                    "--journal=100000",
                ];
                let server = TestServer::of("pve", &flags);
                let ca = server.get("/__admin/ca.pem").expect(200).text().to_owned();
                (server.main, ca, Some(server))
            }
        };
        let mut house = Self {
            address,
            ca,
            seconds,
            before: Value::Null,
            server,
        };
        house.before = house.admin("/counters");
        house
    }

    fn connect(&self) -> Client {
        Client::tls(self.address, &self.ca, "localhost", &["http/1.1"])
    }

    fn admin(&self, path: &str) -> Value {
        send(self.address, "GET", &format!("/__admin{path}"), &[], b"")
            .expect(200)
            .json()
    }
}

/// One client with its connection.
struct Visitor<'h> {
    house: &'h House,
    client: Client,
    node: &'static str,
    name: String,
    rounds: usize,
    ledger: Ledger,
}

impl<'h> Visitor<'h> {
    fn new(house: &'h House, number: usize) -> Self {
        Self {
            house,
            client: house.connect(),
            node: ["pve01", "pve02", "pve03"][number % 3],
            name: format!("visitor-{number}"),
            rounds: 0,
            ledger: Ledger::default(),
        }
    }

    fn stay(mut self, shared: &str, watch: Stopwatch) -> Self {
        loop {
            let is_over = match self.house.seconds {
                Some(seconds) => watch.elapsed() >= seconds,
                None => self.rounds == ROUNDS,
            };
            if is_over {
                return self;
            }
            self.live();
            self.count_up("pve01", shared);
            self.rounds += 1;
        }
    }

    /// The life of a guest.
    fn live(&mut self) {
        let vmid = self.create();
        let here = [self.node, vmid.as_str()];
        let first = self.must("GET", CONFIG, &here, "")["digest"].clone();
        for _ in 0..CHANGES {
            self.count_up(here[0], here[1]);
        }
        let stale = format!("description=lost&digest={}", first.as_str().unwrap());
        let answer = self.call("PUT", CONFIG, &here, &stale);
        assert_eq!(answer.head.reason, RACES[0]);
        self.task(
            "/nodes/{node}/qemu/{vmid}/snapshot",
            &here,
            "snapname=first",
        );
        self.task("/nodes/{node}/qemu/{vmid}/status/start", &here, "");
        let status = "/nodes/{node}/qemu/{vmid}/status/current";
        assert_eq!(self.must("GET", status, &here, "")["status"], "running");
        self.must("PUT", "/pools/{poolid}", &["crowd"], &format!("vms={vmid}"));
        let acl = format!("path=/vms/{vmid}&users=operator@pve&roles=PVEVMUser");
        self.must("PUT", "/access/acl", &[], &acl);
        self.task("/nodes/{node}/qemu/{vmid}/status/stop", &here, "");
        let config = self.must("GET", CONFIG, &here, "");
        assert_eq!(
            config["description"].as_str().map(str::trim),
            Some(CHANGES.to_string().as_str())
        );
        assert_eq!(
            (&config["name"], &config["parent"]),
            (&json!(self.name), &json!("first"))
        );
        let upid = self.must("DELETE", GUEST, &here, "");
        self.ended(&upid);
    }

    /// A guest of its own, under the next free number: who is too late takes the one after.
    fn create(&mut self) -> String {
        loop {
            let vmid = self.must("GET", "/cluster/nextid", &[], "");
            let vmid = vmid.as_str().unwrap().to_owned();
            let name = &self.name;
            let form = format!("vmid={vmid}&name={name}&description=0&scsi0=local-lvm:1");
            let answer = self.call("POST", "/nodes/{node}/qemu", &[self.node], &form);
            if answer.status() == 200 {
                self.ended(&answer.json()["data"]);
                return vmid;
            }
        }
    }

    /// Adds one to the number in a description, as often as it takes.
    fn count_up(&mut self, node: &str, vmid: &str) {
        loop {
            let config = self.must("GET", CONFIG, &[node, vmid], "");
            let [count, digest] =
                ["description", "digest"].map(|key| config[key].as_str().unwrap());
            let count: usize = count.trim().parse().unwrap();
            let form = format!("description={}&digest={digest}", count + 1);
            if self.call("PUT", CONFIG, &[node, vmid], &form).status() == 200 {
                return;
            }
        }
    }

    fn task(&mut self, template: &'static str, values: &[&str], form: &str) {
        let upid = self.must("POST", template, values, form);
        self.ended(&upid);
    }

    fn ended(&mut self, upid: &Value) {
        let upid = upid.as_str().unwrap().to_owned();
        let node = upid.split(':').nth(1).unwrap();
        let status = self.must(
            "GET",
            "/nodes/{node}/tasks/{upid}/status",
            &[node, &upid],
            "",
        );
        assert_eq!(status["exitstatus"], "OK", "{status}");
        self.ledger.tasks.push(upid);
    }

    /// `data` of a call that nobody can be in the way of.
    #[track_caller]
    fn must(
        &mut self,
        method: &'static str,
        template: &'static str,
        values: &[&str],
        form: &str,
    ) -> Value {
        let answer = self.call(method, template, values, form);
        assert_eq!(
            answer.status(),
            200,
            "{method} {template} {form}: {}",
            answer.head.reason
        );
        answer.json()["data"].clone()
    }

    fn call(
        &mut self,
        method: &'static str,
        template: &'static str,
        values: &[&str],
        form: &str,
    ) -> Answer {
        let mut path = template.to_owned();
        for value in values {
            let (before, after) = path.split_once('{').unwrap();
            path = format!("{before}{value}{}", after.split_once('}').unwrap().1);
        }
        let length = form.len();
        self.client.send(format!(
            "{method} /api2/json{path} HTTP/1.1\r\nhost: localhost\r\n{TOKEN}\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
        ));
        let answer = self.client.answer();
        if answer
            .header("connection")
            .is_some_and(|word| word.eq_ignore_ascii_case("close"))
        {
            self.client = self.house.connect();
        }
        let calls = self.ledger.calls.entry((method, template)).or_default();
        *calls.entry(answer.status()).or_default() += 1;
        if answer.status() != 200 {
            let words = numberless(&answer.head.reason);
            assert!(
                RACES.contains(&&*words),
                "{method} {path}: {words}: {}",
                answer.text()
            );
            *self.ledger.refusals.entry(words).or_default() += 1;
        }
        answer
    }

    /// Everybody's changes of the guest that all share are in it.
    fn expect_counted(&mut self, shared: &str, rounds: usize) {
        let config = self.must("GET", CONFIG, &["pve01", shared], "");
        let count = config["description"].as_str().unwrap();
        assert_eq!(count.trim(), rounds.to_string());
    }

    /// Nobody left anything behind.
    fn expect_tidy(&mut self) {
        let pool = self.must("GET", "/pools/{poolid}", &["crowd"], "");
        assert_eq!(pool["members"], json!([]));
        let acl = self.must("GET", "/access/acl", &[], "");
        let paths: BTreeSet<&str> = acl
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["path"].as_str().unwrap())
            .collect();
        let guests: Vec<_> = paths
            .iter()
            .filter(|path| path.starts_with("/vms/"))
            .collect();
        assert_eq!(guests, [&"/vms/105"]);
        let guests = self
            .must("GET", "/cluster/resources", &[], "")
            .as_array()
            .unwrap()
            .clone();
        let is_visitor = |row: &&Value| {
            row["name"]
                .as_str()
                .is_some_and(|name| name.starts_with("visitor"))
        };
        assert_eq!(guests.iter().filter(is_visitor).count(), 0);
        self.must("DELETE", "/pools/{poolid}", &["crowd"], "");
    }
}

/// A text with `#` for each number.
fn numberless(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars() {
        match letter {
            '0'..='9' if plain.ends_with('#') => {}
            '0'..='9' => plain.push('#'),
            letter => plain.push(letter),
        }
    }
    plain
}
