//! A product that another product asks: contract and handlers without a socket, a lock or a world of its own.
//!
//! Datacenter Manager passes nearly everything on to the products it manages. Whoever holds their worlds asks them
//! here, as the product asks over the network: by method, path and parameters, through the same gate. So what it
//! shows of a world and what it does to it cannot differ from what that product shows and does.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::build::{self, Blueprint, Release};
use super::samples::{self, Samples};
use super::{canned_answer, handled};
use crate::fixture::Fixtures;
use crate::http::{Headers, Method, Request};
use crate::personality::SetupError;
use crate::proxmox::address::Address;
use crate::proxmox::arguments::Reader;
use crate::proxmox::call::{Call, Context, Handler};
use crate::proxmox::envelope::{Answer, client_error};
use crate::proxmox::fault::Fault;
use crate::proxmox::gate::{Gate, Mode, Refused, Rules};
use crate::proxmox::identity::{Identity, UserId};
use crate::proxmox::lodge::Lodge;
use crate::proxmox::percent;
use crate::proxmox::role::Catalog;
use crate::proxmox::state::State;
use crate::proxmox::ticket::Signer;
use crate::random::Random;
use crate::routes::{Origin, Table};

/// A product to ask.
pub struct Backend<W> {
    release: Release,
    table: Table<Handler<W>>,
    rules: Rules,
    reader: Reader,
    samples: Samples,
}

/// Who asks a product.
#[derive(Debug, Clone)]
pub enum Asking {
    /// Somebody with this value of an `Authorization` field; the product looks whether that counts.
    Token(String),
    /// Somebody who was let in already, and may do everything.
    Known(Identity),
}

/// What a product is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The method.
    pub method: Method,
    /// The path below the format, escaped where it has to be ([`Question::segment`]).
    pub path: String,
    /// The parameters with their types.
    pub parameters: Map<String, Value>,
    /// Who asks.
    pub asking: Asking,
}

impl Question {
    /// A text as one part of a path.
    pub fn segment(text: &str) -> String {
        percent::escape(text, |c| {
            !(c.is_ascii_alphanumeric() || "-_.@!:,+=".contains(c))
        })
    }

    /// The question as a request that stands in the place of the caller's, whose other fields it keeps: consoles
    /// read them.
    fn request(&self, outer: &Request) -> Request {
        let mut headers = Headers::default();
        let own = [
            "authorization",
            "cookie",
            "csrfpreventiontoken",
            "content-type",
            "content-length",
        ];
        let kept = outer
            .headers
            .iter()
            .filter(|(name, _)| !own.contains(&&*name.to_ascii_lowercase()));
        for (name, value) in kept {
            headers.push(name, value);
        }
        if let Asking::Token(authorization) = &self.asking {
            headers.push("authorization", authorization.as_bytes());
        }
        let has_body = matches!(self.method, Method::Post | Method::Put);
        let mut target = format!("/api2/json{}", self.path);
        let mut body = Bytes::new();
        if has_body {
            body = Value::Object(self.parameters.clone()).to_string().into();
            headers.push("content-type", b"application/json");
            headers.push("content-length", body.len().to_string().as_bytes());
        } else if !self.parameters.is_empty() {
            target.push('?');
            target.push_str(&query(&self.parameters));
        }
        Request {
            method: self.method.clone(),
            target: target.into(),
            headers,
            body,
            body_fault: None,
            upload: None,
            peer: outer.peer,
            listener: outer.listener,
            secure: outer.secure,
        }
    }
}

fn query(parameters: &Map<String, Value>) -> String {
    let mut pairs: Vec<String> = Vec::new();
    let mut add = |name: &str, value: &Value| {
        let text = match value {
            Value::Bool(truth) => u8::from(*truth).to_string(),
            Value::String(text) => Question::segment(text).replace('+', "%2B"),
            other => Question::segment(&other.to_string()).replace('+', "%2B"),
        };
        pairs.push(format!("{}={text}", Question::segment(name)));
    };
    for (name, value) in parameters {
        match value {
            Value::Array(items) => items.iter().for_each(|item| add(name, item)),
            Value::Null => {}
            other => add(name, other),
        }
    }
    pairs.join("&")
}

impl<W> std::fmt::Debug for Backend<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backend")
            .field("release", &self.release.name)
            .finish_non_exhaustive()
    }
}

impl<W: State> Backend<W> {
    /// The newest release of a product.
    ///
    /// # Errors
    /// When what the binary carries does not fit together; tests would have found it.
    pub fn new(blueprint: Blueprint<W>) -> Result<Self, SetupError> {
        let name = blueprint.description.name;
        let sentence = |error: &dyn std::fmt::Display| SetupError(format!("{name}: {error}"));
        let release = *blueprint
            .releases
            .first()
            .ok_or_else(|| sentence(&"there is no release"))?;
        let contract = build::carried(&release)?;
        let fixtures = Fixtures::load(name, None, minijinja::Value::UNDEFINED)
            .map_err(|error| sentence(&error))?;
        let product = release.edition.product();
        Ok(Self {
            table: build::table(
                blueprint.routes,
                blueprint.collections,
                &release,
                &contract,
                &fixtures,
            )?,
            rules: Rules::read(product, &contract).map_err(|error| sentence(&error))?,
            reader: Reader::new(product, &contract),
            samples: Samples::new(product, &contract),
            release,
        })
    }

    /// What the product answers to a question that changes nothing.
    ///
    /// # Errors
    /// The product's refusal.
    pub fn look(&self, world: &W, question: &Question, outer: &Call<'_>) -> Result<Answer, Fault> {
        let random = Random::new(Some(outer.context.seed));
        let answer = self.answer(&mut Held::Shared(world), question, outer, random);
        answer.map(read)
    }

    /// What the product answers, having done what is asked; its world is settled afterwards.
    ///
    /// # Errors
    /// The product's refusal.
    pub fn change(
        &self,
        world: &mut W,
        question: &Question,
        outer: &Call<'_>,
    ) -> Result<Answer, Fault> {
        let random = Random::new(Some(outer.random()));
        let answer = self.answer(&mut Held::Own(world), question, outer, random);
        world.settle(outer.now);
        answer.map(read)
    }

    /// A refusal of this product as the library by which products ask each other words it.
    pub fn words(&self, fault: &Fault) -> String {
        client_error(self.release.edition, fault)
    }

    fn answer(
        &self,
        held: &mut Held<'_, W>,
        question: &Question,
        outer: &Call<'_>,
        random: Random,
    ) -> Result<Answer, Fault> {
        let context = self.context(question, outer, random);
        let request = question.request(outer.request);
        let Address::Api(target) = Address::read(context.product, request.path())? else {
            return Err(Fault::NoFile(question.path.clone()));
        };
        let gate = Gate {
            edition: self.release.edition,
            table: &self.table,
            rules: &self.rules,
            reader: &self.reader,
        };
        let lodge = Lodge::new(held.world(), &context, outer.now);
        let admitted = gate.admit(&lodge, &request, &target);
        let admitted = admitted.map_err(|Refused { fault, .. }| fault)?;
        let caller = match &question.asking {
            Asking::Known(identity) => Some(identity.clone()),
            Asking::Token(_) => admitted.identity,
        };
        let call = Call {
            operation: admitted.operation,
            arguments: admitted.parameters,
            caller: caller.unwrap_or_else(|| UserId::root().into()),
            credentials: admitted.credentials,
            request: &request,
            now: outer.now,
            context: &context,
            former: None,
        };
        match admitted.origin {
            Origin::Handler { handler, .. } | Origin::Collection { handler, .. } => match held {
                Held::Own(world) => handled(handler, world, &call),
                Held::Shared(world) => match handler.look(world, &call) {
                    Some(answer) => answer,
                    // What changes the world although it is called a question changes a copy.
                    None => handled(handler, &mut (*world).clone(), &call),
                },
            },
            Origin::Fixture(canned) => canned_answer(canned, &call),
            Origin::Sample => Ok(self.sampled(held, &call)),
        }
    }

    fn sampled(&self, held: &mut Held<'_, W>, call: &Call<'_>) -> Answer {
        match held {
            Held::Own(world) if Samples::starts_task(call.operation) => {
                let node = world.own_node().to_owned();
                Answer::new(call.begin(*world, &node, samples::task(call)))
            }
            _ => Answer::new(self.samples.answer(call)),
        }
    }

    /// The surroundings of a call: the asked product's own, with the asking one's time, seed and strictness.
    fn context(&self, question: &Question, outer: &Call<'_>, random: Random) -> Context {
        let edition = self.release.edition;
        let product = edition.product();
        Context {
            product,
            edition,
            release: self.release.name.to_owned(),
            catalog: Catalog::new(edition),
            signer: Signer::new(product, &build::secret(outer.context.seed)),
            random,
            seed: outer.context.seed,
            mode: match question.asking {
                Asking::Known(_) => Mode::Open,
                Asking::Token(_) => outer.context.mode,
            },
            task_time: outer.context.task_time,
        }
    }
}

/// An answer that was written as text already, as a value: whoever asks wants to look into it.
fn read(mut answer: Answer) -> Answer {
    if let Some(written) = answer.written.take() {
        // Written by this process, so it is JSON.
        answer.data = serde_json::from_slice(&written.data()).unwrap_or_default();
    }
    answer
}

/// A world to look at, or to change.
enum Held<'w, W> {
    Shared(&'w W),
    Own(&'w mut W),
}

impl<W> Held<'_, W> {
    fn world(&self) -> &W {
        match self {
            Self::Shared(world) => world,
            Self::Own(world) => world,
        }
    }
}
