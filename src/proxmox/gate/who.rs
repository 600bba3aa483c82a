//! Who sends a request: proven by ticket or secret, or just claimed.
//!
//! Rules and order are those of proxmox.md 2.1, 2.2, 2.4 and 2.5 and of `PVE::HTTPServer::auth_handler`.

use jiff::Timestamp;

use super::form::{is_upload, upload_storage};
use super::{House, Standing};
use crate::http::{Method, Request};
use crate::proxmox::address::Target;
use crate::proxmox::fault::{BadCredentials, Fault};
use crate::proxmox::identity::{Identity, TokenId, UserId};
use crate::proxmox::permission::{Asking, Permission};
use crate::proxmox::product::Product;
use crate::proxmox::ticket::Signer;
use crate::proxmox::token::Credentials;

/// Who the sender claims to be; the superuser without a claim that can be read. Nothing is proven: a ticket may
/// be old or made up, a token unknown.
pub fn claimed(signer: &Signer, credentials: &Credentials, now: Timestamp) -> Identity {
    let product = signer.product();
    let claim = match credentials {
        Credentials::None => None,
        Credentials::Token { id, .. } => Some(id.clone().into()),
        Credentials::Unreadable(text) => {
            let id = text.split(product.token_separator()).next();
            id.and_then(|id| TokenId::parse(id, product).ok())
                .map(Identity::from)
        }
        Credentials::Ticket { ticket, .. } => match signer.verify(ticket, now) {
            Ok(user) => Some(user.into()),
            Err(_) => ticket
                .split(':')
                .nth(1)
                .and_then(|user| UserId::parse(user, product).ok())
                .map(Identity::from),
        },
    };
    claim.unwrap_or_else(|| UserId::root().into())
}

/// Who the sender is, with all that the product asks for.
pub(super) fn proven(
    product: Product,
    house: &dyn House,
    credentials: &Credentials,
    request: &Request,
    target: &Target,
) -> Result<Identity, Fault> {
    match credentials {
        Credentials::None => Err(Fault::NoCredentials),
        Credentials::Unreadable(_) => Err(Fault::BadCredentials(BadCredentials::Secret)),
        Credentials::Token { id, secret } => {
            let identity = Identity::from(id.clone());
            with_secret(house, id, secret).map_err(Fault::BadCredentials)?;
            may_upload(product, house, &identity, request, target)?;
            Ok(identity)
        }
        Credentials::Ticket { ticket, csrf } => {
            let user = house.signer().verify(ticket, house.now());
            let user = user.map_err(|_| Fault::BadCredentials(BadCredentials::Ticket))?;
            in_good_standing(house, &user).map_err(Fault::BadCredentials)?;
            let identity = Identity::from(user.clone());
            if may_upload(product, house, &identity, request, target)? {
                return Ok(identity);
            }
            if request.method != Method::Get {
                let token = csrf.as_deref().unwrap_or_default();
                let checked = house.signer().verify_csrf(&user, token, house.now());
                checked.map_err(|_| Fault::BadCsrf)?;
            }
            Ok(identity)
        }
    }
}

fn with_secret(house: &dyn House, id: &TokenId, secret: &str) -> Result<(), BadCredentials> {
    in_good_standing(house, &id.user)?;
    let Some(known) = house.token(id) else {
        return Err(BadCredentials::NoSuchToken {
            user: id.user.to_string(),
            name: id.name.to_string(),
        });
    };
    match known.standing {
        Standing::Good | Standing::Missing => {}
        Standing::Disabled => return Err(BadCredentials::Disabled(id.to_string())),
        Standing::Expired => return Err(BadCredentials::Expired(id.to_string())),
    }
    (known.secret == secret)
        .then_some(())
        .ok_or(BadCredentials::Secret)
}

fn in_good_standing(house: &dyn House, user: &UserId) -> Result<(), BadCredentials> {
    let name = || user.to_string();
    match house.standing(user) {
        Standing::Good => Ok(()),
        Standing::Missing => Err(BadCredentials::NoSuchUser(name())),
        Standing::Disabled => Err(BadCredentials::Disabled(name())),
        Standing::Expired => Err(BadCredentials::Expired(name())),
    }
}

/// Whether this is an upload, which must be permitted before its body is read (proxmox.md 1.1, "File upload").
fn may_upload(
    product: Product,
    house: &dyn House,
    who: &Identity,
    request: &Request,
    target: &Target,
) -> Result<bool, Fault> {
    if !product.is_perl() || !is_upload(&request.method, &target.path) {
        return Ok(false);
    }
    let storage = upload_storage(&target.path).unwrap_or_default();
    let check = serde_json::json!({
        "check": ["perm", "/storage/{storage}", ["Datastore.AllocateTemplate"]],
    });
    let permission = Permission::parse(Some(&check)).unwrap_or(Permission::Root);
    let allowed = permission.allows(&Asking {
        who: Some(who),
        rights: house.rights(),
        parameter: &|name| (name == "storage").then(|| storage.to_owned()),
    });
    allowed.map_err(Fault::UploadDenied)?;
    Ok(true)
}
