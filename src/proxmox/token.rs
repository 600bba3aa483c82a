//! What a request brings along to say who sends it: cookies, tickets in headers, API tokens.
//!
//! One of the three files of this folder that know HTTP. Nothing is checked here, only found; where a product
//! looks and in which order is proxmox.md 2.1, 2.2, 2.4 and 2.5, details from `PVE::APIServer` and
//! proxmox-auth-api.

use crate::http::Request;

use super::identity::TokenId;
use super::percent;
use super::product::Product;

/// The header of a CSRF token.
const CSRF_HEADER: &str = "CSRFPreventionToken";

/// What a request says about its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Nothing.
    None,
    /// A ticket.
    Ticket {
        /// As it was sent, percent-decoded.
        ticket: String,
        /// The CSRF token, if there was one.
        csrf: Option<String>,
    },
    /// An API token.
    Token {
        /// Which one.
        id: TokenId,
        /// The secret to be compared.
        secret: String,
    },
    /// An API token that cannot be read: refused like a wrong one.
    Unreadable(String),
}

/// What a request says about its sender, read as `product` does. A ticket wins over an API token.
pub fn credentials(product: Product, request: &Request) -> Credentials {
    let ticket = match product {
        Product::Pve => perl_ticket(product, request),
        Product::Pbs | Product::Pdm => cookie_ticket(product, request),
    };
    if let Some(ticket) = ticket {
        let csrf = request.headers.text(CSRF_HEADER).map(str::to_owned);
        return Credentials::Ticket { ticket, csrf };
    }
    let header = request.headers.text("authorization").unwrap_or_default();
    let value = match product {
        Product::Pve => perl_value(header, product.token_scheme()),
        Product::Pbs | Product::Pdm => header
            .strip_prefix(product.token_scheme())
            .and_then(|rest| rest.strip_prefix([' ', '=']))
            .map(str::to_owned),
    };
    value.map_or(Credentials::None, |value| token(product, &value))
}

/// The cookie that a login sets in the products that set one.
pub fn set_cookie(product: Product, ticket: &str) -> String {
    let name = product.cookies()[0];
    format!("{name}={ticket}; Secure; SameSite=Lax; HttpOnly; Path=/;")
}

/// The cookie that takes a ticket away: at logout, and with every 401 of the Rust products.
pub fn clear_cookie(product: Product) -> String {
    let name = product.cookies()[0];
    let past = "Thu, 01 Jan 1970 00:00:00 GMT";
    format!("{name}=; Expires={past}; Secure; SameSite=Lax; HttpOnly; Path=/;")
}

/// An API token from `id=secret` or `id:secret`. A secret has neither character, an owner's name may have `=`:
/// so the Perl product's form is read from its end, as its pattern does.
fn token(product: Product, value: &str) -> Credentials {
    let split = match product {
        Product::Pve => value.rsplit_once(product.token_separator()),
        Product::Pbs | Product::Pdm => value.split_once(product.token_separator()),
    };
    let read = split.and_then(|(id, secret)| Some((TokenId::parse(id, product).ok()?, secret)));
    match read {
        None => Credentials::Unreadable(value.to_owned()),
        // The Perl product has decoded the whole header by now.
        Some((id, secret)) if product.is_perl() => Credentials::Token {
            id,
            secret: secret.to_owned(),
        },
        Some((id, secret)) => Credentials::Token {
            id,
            secret: percent::decode(secret),
        },
    }
}

/// A ticket in a cookie, or in an `Authorization` header that looks like a cookie (proxmox.md 2.1).
fn perl_ticket(product: Product, request: &Request) -> Option<String> {
    let name = product.cookies()[0];
    cookies(request)
        .find_map(|cookie| perl_value(cookie, name))
        .or_else(|| perl_value(request.headers.text("authorization")?, name))
}

/// A ticket in a cookie of the preferred name, else of the other.
fn cookie_ticket(product: Product, request: &Request) -> Option<String> {
    let named = |wanted: &&str| {
        cookies(request)
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| name.trim() == *wanted)
            .map(|(_, value)| percent::decode(value.trim()))
    };
    product.cookies().iter().find_map(named)
}

fn cookies(request: &Request) -> impl Iterator<Item = &str> {
    request
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("cookie"))
        .filter_map(|(_, value)| std::str::from_utf8(value).ok())
}

/// The value after `key=` or `key ` at the start of a header or after a blank, up to the next semicolon. An empty
/// one counts as none, as in Perl.
fn perl_value(header: &str, key: &str) -> Option<String> {
    let starts = header.match_indices(key).map(|(at, _)| at);
    let after = |at: usize| {
        let fresh = at == 0 || header[..at].ends_with(char::is_whitespace);
        let rest = header[at + key.len()..].strip_prefix(['=', ' ']);
        rest.filter(|_| fresh)
    };
    let value = starts.filter_map(after).next()?;
    let value = value.split(';').next().unwrap_or_default();
    (!value.is_empty()).then(|| percent::decode(value))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::http::{Headers, ListenerRole, Method};

    fn request(fields: &[(&str, &str)]) -> Request {
        let mut headers = Headers::default();
        for (name, value) in fields {
            headers.push(name, value.as_bytes());
        }
        Request {
            method: Method::Get,
            target: "/api2/json/version".into(),
            headers,
            body: Bytes::new(),
            body_fault: None,
            upload: None,
            peer: ([127, 0, 0, 1], 1).into(),
            listener: ListenerRole::Main,
            secure: true,
        }
    }

    fn ticket(text: &str) -> Credentials {
        Credentials::Ticket {
            ticket: text.to_owned(),
            csrf: None,
        }
    }

    fn token(product: Product, id: &str, secret: &str) -> Credentials {
        Credentials::Token {
            id: TokenId::parse(id, product).unwrap(),
            secret: secret.to_owned(),
        }
    }

    fn check(product: Product, fields: &[(&str, &str)], want: &Credentials) {
        let found = credentials(product, &request(fields));
        assert_eq!(found, *want, "{product:?} {fields:?}");
    }

    #[test]
    fn tickets_of_pve() {
        let check = |fields: &[(&str, &str)], want: &Credentials| {
            check(Product::Pve, fields, want);
        };
        check(&[], &Credentials::None);
        check(
            &[("cookie", "PVEAuthCookie=PVE:r@p:1::a+b=")],
            &ticket("PVE:r@p:1::a+b="),
        );
        check(
            &[("Cookie", "a=b; PVEAuthCookie=PVE%3Ar%40p::a+b%3D; c=d")],
            &ticket("PVE:r@p::a+b="),
        );
        check(
            &[("cookie", "a=b"), ("cookie", "PVEAuthCookie=x")],
            &ticket("x"),
        );
        check(&[("authorization", "PVEAuthCookie=x")], &ticket("x"));
        check(
            &[
                ("cookie", "PVEAuthCookie="),
                ("authorization", "PVEAuthCookie=y"),
            ],
            &ticket("y"),
        );
        check(&[("cookie", "XPVEAuthCookie=x")], &Credentials::None);
        check(&[("cookie", "__Host-PVEAuthCookie=x")], &Credentials::None);
        check(&[("cookie", "PVEAuthCookieX=x")], &Credentials::None);
        let both = [
            ("authorization", "PVEAPIToken=root@pam!m=s"),
            ("cookie", "PVEAuthCookie=x"),
        ];
        check(&both, &ticket("x"));
        let csrf = Credentials::Ticket {
            ticket: "x".into(),
            csrf: Some("1:2".into()),
        };
        check(
            &[
                ("cookie", "PVEAuthCookie=x"),
                ("csrfpreventiontoken", "1:2"),
            ],
            &csrf,
        );
    }

    #[test]
    fn tickets_of_the_others() {
        let check = |fields: &[(&str, &str)], want: &Credentials| {
            check(Product::Pdm, fields, want);
        };
        check(&[("cookie", "PDMAuthCookie=PDM%3Ax")], &ticket("PDM:x"));
        check(
            &[("cookie", "PDMAuthCookie=old; __Host-PDMAuthCookie=new")],
            &ticket("new"),
        );
        check(
            &[
                ("cookie", "PDMAuthCookie=old"),
                ("cookie", "__Host-PDMAuthCookie=new"),
            ],
            &ticket("new"),
        );
        check(&[("authorization", "PDMAuthCookie=x")], &Credentials::None);
        check(&[("cookie", "PBSAuthCookie=x")], &Credentials::None);
    }

    #[test]
    fn tokens() {
        let (pve, pbs, pdm) = (Product::Pve, Product::Pbs, Product::Pdm);
        let header = |value| [("authorization", value)];
        let mock = |product| token(product, "root@pam!mock", "s-1");
        check(pve, &header("PVEAPIToken=root@pam!mock=s-1"), &mock(pve));
        check(pve, &header("PVEAPIToken root@pam!mock=s-1"), &mock(pve));
        check(
            pve,
            &header("PVEAPIToken=root%40pam%21mock%3Ds-1"),
            &mock(pve),
        );
        let odd = token(pve, "a=b@pam!mock", "s");
        check(pve, &header("PVEAPIToken=a=b@pam!mock=s"), &odd);
        let unreadable = Credentials::Unreadable("root@pam!mock:s-1".into());
        check(pve, &header("PVEAPIToken=root@pam!mock:s-1"), &unreadable);
        check(
            pve,
            &header("PBSAPIToken=root@pam!mock:s-1"),
            &Credentials::None,
        );
        check(pve, &header("Bearer x"), &Credentials::None);
        check(pbs, &header("PBSAPIToken=root@pam!mock:s-1"), &mock(pbs));
        check(pbs, &header("PBSAPIToken root@pam!mock:s-1"), &mock(pbs));
        check(pbs, &header("PBSAPIToken=root@pam!mock:s%2D1"), &mock(pbs));
        let unreadable = Credentials::Unreadable("root@pam!mock=s-1".into());
        check(pbs, &header("PBSAPIToken=root@pam!mock=s-1"), &unreadable);
        check(
            pbs,
            &header(" PBSAPITokens=root@pam!mock:s-1"),
            &Credentials::None,
        );
        check(pdm, &header("PDMAPIToken=root@pam!mock:s-1"), &mock(pdm));
    }

    #[test]
    fn cookies_of_answers() {
        assert_eq!(
            set_cookie(Product::Pdm, "PDM:x::y"),
            "__Host-PDMAuthCookie=PDM:x::y; Secure; SameSite=Lax; HttpOnly; Path=/;"
        );
        assert!(clear_cookie(Product::Pbs).starts_with("__Host-PBSAuthCookie=; Expires="));
    }
}
