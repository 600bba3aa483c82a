//! What somebody tries to log in with.

use serde_json::{Map, Value};

use crate::proxmox::product::Product;
use crate::proxmox::token::Credentials;

/// What somebody tries to log in with. `new-format` is not among it: it has no effect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempt {
    /// The user, with the realm when there was one.
    pub user: String,
    /// The password, an old ticket, or the answer to a challenge.
    pub password: Option<String>,
    /// A one-time password beside the password, as it was before there were challenges.
    pub otp: Option<String>,
    /// The ticket of the first step.
    pub challenge: Option<String>,
    /// A permission path: with privileges, credentials are checked and no ticket is made.
    pub path: Option<String>,
    /// The privileges on it, as a list in one text.
    pub privileges: Option<String>,
    /// The port of the console whose ticket is checked.
    pub port: Option<u16>,
    /// Whether the ticket shall come as a cookie only (Backup Server; always so in Datacenter Manager).
    pub cookie_only: bool,
}

impl Attempt {
    /// Reads the parameters of a call; a ticket in a cookie stands in for a password that was left out.
    pub fn read(
        product: Product,
        parameters: &Map<String, Value>,
        credentials: &Credentials,
    ) -> Self {
        let text = |name: &str| match parameters.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        };
        let user = text("username").unwrap_or_default();
        let user = match text("realm") {
            Some(realm) if product.is_perl() => format!("{user}@{realm}"),
            _ => user,
        };
        let wanted = matches!(text("http-only").as_deref(), Some("1" | "true"));
        let cookie_only = product == Product::Pdm || (product == Product::Pbs && wanted);
        let held = match credentials {
            Credentials::Ticket { ticket, .. } if cookie_only => Some(ticket.clone()),
            _ => None,
        };
        Self {
            user,
            password: text("password").or(held),
            otp: text("otp"),
            challenge: text("tfa-challenge"),
            path: text("path"),
            privileges: text("privs"),
            port: text("port").and_then(|port| port.parse().ok()),
            cookie_only,
        }
    }
}
