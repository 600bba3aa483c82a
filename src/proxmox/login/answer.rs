//! What a login answers, product by product: members are proxmox.md 2.1, 2.4 and 2.5.

use serde_json::{Map, json};

use super::{Desk, Outcome, capabilities};
use crate::proxmox::envelope::Answer;
use crate::proxmox::identity::Identity;
use crate::proxmox::percent;
use crate::proxmox::product::Product;
use crate::proxmox::token::set_cookie;

/// Answers that set cookies are made beside the formatters of all others, and name their type themselves.
pub(super) const PLAIN_JSON: &str = "application/json";

impl Desk<'_> {
    /// The answer for whoever came so far.
    pub(super) fn answer(&self, outcome: Outcome) -> Answer {
        match self.product {
            Product::Pve => self.perl_answer(outcome),
            Product::Pbs | Product::Pdm => self.rust_answer(outcome),
        }
    }

    fn perl_answer(&self, outcome: Outcome) -> Answer {
        let (signer, now) = (self.house.signer(), self.house.now());
        let who = Identity::from(self.user.clone());
        let rights = self.house.rights();
        let mut data = Map::new();
        data.insert("username".to_owned(), json!(self.user.as_str()));
        let ticket = match &outcome {
            Outcome::Verified => None,
            Outcome::Ticket => Some(signer.ticket(self.user, now)),
            Outcome::Challenge(challenge) => {
                let escaped = percent::escape(challenge, |c| !c.is_ascii_alphanumeric());
                data.insert("NeedTFA".to_owned(), json!(1));
                Some(signer.challenge(self.user, &escaped, now))
            }
        };
        if let Some(ticket) = ticket {
            data.insert("ticket".to_owned(), json!(ticket));
            let csrf = signer.csrf(self.user, now);
            data.insert("CSRFPreventionToken".to_owned(), json!(csrf));
        }
        if !matches!(outcome, Outcome::Challenge(_)) {
            data.insert("cap".to_owned(), capabilities(&rights, &who));
        }
        let audits = rights.catalog.set(["Sys.Audit"]);
        if let Some(name) = self.accounts.cluster_name()
            && rights.on(&who, "/").all.has_all(audits)
        {
            data.insert("clustername".to_owned(), json!(name));
        }
        Answer::new(data)
    }

    fn rust_answer(&self, outcome: Outcome) -> Answer {
        let (signer, now) = (self.house.signer(), self.house.now());
        let mut data = Map::new();
        let mut cookie = None;
        data.insert("username".to_owned(), json!(self.user.as_str()));
        match outcome {
            Outcome::Verified => {}
            Outcome::Challenge(challenge) => {
                let ticket = signer.challenge(self.user, &challenge, now);
                data.insert("ticket".to_owned(), json!(ticket));
                data.insert("CSRFPreventionToken".to_owned(), json!("invalid"));
            }
            Outcome::Ticket => {
                let ticket = signer.ticket(self.user, now);
                let csrf = signer.csrf(self.user, now);
                data.insert("CSRFPreventionToken".to_owned(), json!(csrf));
                if self.attempt.cookie_only {
                    let info = signer.ticket_info(self.user, now);
                    data.insert("ticket-info".to_owned(), json!(info));
                    cookie = Some(set_cookie(self.product, &ticket));
                } else {
                    data.insert("ticket".to_owned(), json!(ticket));
                }
            }
        }
        let mut answer = Answer::new(data);
        if self.attempt.cookie_only {
            // That handler writes its reply itself, and the same in both formats.
            answer = answer.with("status", 200).with("success", true);
            answer.content_type = Some(PLAIN_JSON);
        }
        answer.cookie = cookie;
        answer
    }
}
