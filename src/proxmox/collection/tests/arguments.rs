//! Calls with what is read from forms, whose operations declare defaults.

use std::borrow::Cow;

use super::*;
use crate::http::form::{Form, Syntax};
use crate::proxmox::arguments::{Body, Reader, Sent};

/// A collection with what reads the arguments of its calls.
struct Counter {
    contract: Contract,
    reader: Reader,
    desk: Desk,
}

impl Counter {
    fn new(product: Product, collection: &'static Collection) -> Self {
        let contract = contract(if product.is_perl() {
            "pve-9.2"
        } else {
            "pbs-4"
        });
        Self {
            reader: Reader::new(product, &contract),
            contract,
            desk: Desk::new(product, collection),
        }
    }

    /// What an action with a form answers.
    fn ask(&mut self, action: Action, id: Option<&str>, form: &str) -> Value {
        let collection = self.desk.bound.collection();
        let found = self.desk.bound.actions().find(|(_, one)| *one == action);
        let operation = &self.contract.operations[usize::from(found.unwrap().0)];
        let path = id.map(|id| (collection.id, Cow::Borrowed(id)));
        let sent = Sent {
            query: Form::default(),
            body: Body::Form(Form::parse(form.as_bytes(), Syntax::Standard).unwrap()),
        };
        let arguments = self.reader.read(operation, path, sent).unwrap();
        let given = Value::Object(arguments.given().clone());
        self.desk.done(action, given)
    }
}

#[test]
fn defaults_are_not_written() {
    // `enabled` and `starttime` of jobs, `prune-backups` and others have defaults in the contract.
    let mut counter = Counter::new(Product::Pve, &JOBS);
    counter.ask(
        Action::Create,
        None,
        "id=job1&schedule=daily&vmid=100,101&quiet=1",
    );
    let mut job = counter.ask(Action::Read, Some("job1"), "");
    job.as_object_mut().unwrap().shift_remove("digest");
    let want = json!({"id": "job1", "schedule": "daily", "vmid": "100,101", "quiet": true});
    assert_eq!(job, want);
    counter.ask(Action::Update, Some("job1"), "delete=quiet&comment=x");
    let mut job = counter.ask(Action::Read, Some("job1"), "");
    job.as_object_mut().unwrap().shift_remove("digest");
    let want = json!({"id": "job1", "schedule": "daily", "vmid": "100,101", "comment": "x"});
    assert_eq!(job, want);
}

#[test]
fn lists_and_numbers_of_forms_have_types() {
    let mut counter = Counter::new(Product::Pbs, &REMOTES);
    let form = "name=far&host=10.0.0.1&auth-id=joe@pbs&password=secret&port=8107&comment=x";
    counter.ask(Action::Create, None, form);
    let update = "delete=port&delete=comment";
    counter.ask(Action::Update, Some("far"), update);
    let far = counter.ask(Action::Read, Some("far"), "");
    let want = json!({"name": "far", "host": "10.0.0.1", "auth-id": "joe@pbs"});
    assert_eq!(far, want);
}
