//! The form of a ticket: head, time, signature.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use jiff::Timestamp;
use ring::hmac;

use super::TicketFault;
use crate::proxmox::product::Product;

/// Signs and checks texts as long as the product's own signatures are.
pub(super) struct Seal {
    pub(super) product: Product,
    pub(super) key: hmac::Key,
}

impl Seal {
    /// A ticket from its head; `secret` is signed with it and not shown.
    pub(super) fn signed(&self, plain: &str, secret: &str) -> String {
        let signature = self.signature(plain, secret);
        let signature = match self.product {
            Product::Pve => STANDARD.encode(signature),
            Product::Pbs | Product::Pdm => STANDARD_NO_PAD.encode(signature),
        };
        format!("{plain}::{signature}")
    }

    /// What stands before the time of a ticket whose signature is ours, and that time.
    pub(super) fn checked<'a>(
        &self,
        ticket: &'a str,
        secret: &str,
    ) -> Result<(&'a str, i64), TicketFault> {
        let (plain, signature) = ticket.rsplit_once("::").ok_or(TicketFault::Malformed)?;
        let (before, time) = plain.rsplit_once(':').ok_or(TicketFault::Malformed)?;
        let time = parse_time(time).ok_or(TicketFault::Malformed)?;
        let signature = STANDARD_NO_PAD.decode(signature.trim_end_matches('='));
        let signature = signature.map_err(|_| TicketFault::Malformed)?;
        let wanted = self.signature(plain, secret);
        let equal = wanted.len() == signature.len()
            && wanted
                .iter()
                .zip(&signature)
                .fold(0, |differ, (a, b)| differ | (a ^ b))
                == 0;
        equal
            .then_some((before, time))
            .ok_or(TicketFault::WrongSignature)
    }

    /// As long as the product's own: an RSA-2048 signature, or an Ed25519 one.
    fn signature(&self, plain: &str, secret: &str) -> Vec<u8> {
        let blocks = if self.product.is_perl() { 4_u8 } else { 1 };
        let block = |n: u8| {
            let mut context = hmac::Context::with_key(&self.key);
            context.update(&[n]);
            context.update(plain.as_bytes());
            if !secret.is_empty() {
                context.update(b":");
                context.update(secret.as_bytes());
            }
            context.sign()
        };
        (0..blocks)
            .flat_map(|n| block(n).as_ref().to_vec())
            .collect()
    }
}

/// Whether a ticket made at this second has an age between these two.
pub(super) fn fresh(
    made: i64,
    now: Timestamp,
    (least, most): (i64, i64),
) -> Result<(), TicketFault> {
    match now.as_second() - made {
        age if age < least => Err(TicketFault::FromTheFuture),
        age if age > most => Err(TicketFault::Expired),
        _ => Ok(()),
    }
}

/// Eight upper-case digits. Times before 1970 and after 2106 do not fit and are cut.
pub(super) fn hex_time(now: Timestamp) -> String {
    let seconds = now.as_second().clamp(0, i64::from(u32::MAX));
    format!("{seconds:08X}")
}

pub(super) fn parse_time(text: &str) -> Option<i64> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| i64::from_str_radix(text, 16).ok()).flatten()
}
