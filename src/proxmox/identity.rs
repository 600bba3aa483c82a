//! Who somebody is: users `name@realm`, API tokens `name@realm!token`.

use std::fmt;

use super::product::Product;

/// The superuser, who always exists and passes every check.
pub const ROOT: &str = "root@pam";

/// Why a text is nobody's id. `Display` gives Proxmox VE's words for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityFault {
    /// Fewer than three characters.
    #[error("user name '{0}' is too short")]
    TooShort(String),
    /// More than 64 characters.
    #[error("user name '{0}' is too long ({len} > 64)", len = .0.chars().count())]
    TooLong(String),
    /// Not `name@realm`, or with characters that may not be there.
    #[error("value '{0}' does not look like a valid user name")]
    BadUser(String),
    /// Not `name@realm!token`.
    #[error("value '{0}' does not look like a valid token ID")]
    BadToken(String),
}

/// A user, `name@realm`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId {
    text: Box<str>,
    /// Where the `@` stands.
    at: usize,
}

impl UserId {
    /// Reads a user id as the product does. A name may contain `@`: the realm is what follows the last one.
    ///
    /// The patterns are pve-access-control's `verify_username` and proxmox-auth-api's `Userid`: a name has no
    /// white space, colon or slash (and no control characters in the Rust products), a realm starts with a
    /// letter (there: with a letter, digit or underscore).
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str, product: Product) -> Result<Self, IdentityFault> {
        match text.chars().count() {
            0..3 => return Err(IdentityFault::TooShort(text.to_owned())),
            65.. => return Err(IdentityFault::TooLong(text.to_owned())),
            _ => {}
        }
        let bad = || IdentityFault::BadUser(text.to_owned());
        let (name, realm) = text.rsplit_once('@').ok_or_else(bad)?;
        let fits = is_name(name, product) && is_id(realm, product);
        let user = Self {
            text: text.into(),
            at: name.len(),
        };
        fits.then_some(user).ok_or_else(bad)
    }

    /// The superuser.
    pub fn root() -> Self {
        Self {
            text: ROOT.into(),
            at: "root".len(),
        }
    }

    /// Whether this is the superuser.
    pub fn is_root(&self) -> bool {
        &*self.text == ROOT
    }

    /// The part before the realm.
    pub fn name(&self) -> &str {
        &self.text[..self.at]
    }

    /// The realm.
    pub fn realm(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An API token, `name@realm!token`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId {
    /// Its owner.
    pub user: UserId,
    /// Its name among the owner's tokens.
    pub name: Box<str>,
}

impl TokenId {
    /// Reads a token id as the product does.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str, product: Product) -> Result<Self, IdentityFault> {
        let bad = || IdentityFault::BadToken(text.to_owned());
        // A user's name may contain `!`, a realm may not: the token starts after the realm's.
        let at = text.rfind('@').ok_or_else(bad)?;
        let mark = at + text[at..].find('!').ok_or_else(bad)?;
        let user = UserId::parse(&text[..mark], product).map_err(|_| bad())?;
        let name = &text[mark + 1..];
        let token = Self {
            user,
            name: name.into(),
        };
        is_id(name, product).then_some(token).ok_or_else(bad)
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}!{}", self.user, self.name)
    }
}

/// Who a call comes from: a user, in person or by one of its tokens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The user.
    pub user: UserId,
    /// The name of the token, where one was used.
    pub token: Option<Box<str>>,
}

impl Identity {
    /// Reads a user id or a token id.
    ///
    /// # Errors
    /// Why it is neither.
    pub fn parse(text: &str, product: Product) -> Result<Self, IdentityFault> {
        if let Ok(token) = TokenId::parse(text, product) {
            return Ok(token.into());
        }
        UserId::parse(text, product).map(Self::from)
    }

    /// The superuser in person. A token of the superuser is not: it passes by its privileges only.
    pub fn is_root(&self) -> bool {
        self.token.is_none() && self.user.is_root()
    }

    /// The token, where one was used.
    pub fn token_id(&self) -> Option<TokenId> {
        self.token.clone().map(|name| TokenId {
            user: self.user.clone(),
            name,
        })
    }
}

impl From<UserId> for Identity {
    fn from(user: UserId) -> Self {
        Self { user, token: None }
    }
}

impl From<TokenId> for Identity {
    fn from(TokenId { user, name }: TokenId) -> Self {
        Self {
            user,
            token: Some(name),
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.token {
            None => self.user.fmt(f),
            Some(token) => write!(f, "{}!{token}", self.user),
        }
    }
}

fn is_name(name: &str, product: Product) -> bool {
    let allowed = |c: char| {
        !c.is_whitespace() && !matches!(c, ':' | '/') && (product.is_perl() || !c.is_control())
    };
    !name.is_empty() && name.chars().all(allowed)
}

/// Realms and the names of tokens have the same pattern. How long they may be is for the operations' schemas.
fn is_id(text: &str, product: Product) -> bool {
    if product.is_perl() {
        is_perl_id(text)
    } else {
        is_safe_id(text)
    }
}

/// `[A-Za-z][A-Za-z0-9.\-_]+`: realms and token names of Proxmox VE.
fn is_perl_id(text: &str) -> bool {
    text.len() > 1 && text.starts_with(|c: char| c.is_ascii_alphabetic()) && is_tail(text)
}

/// `[A-Za-z0-9_][A-Za-z0-9._\-]*`: the "safe id" of the Rust products.
fn is_safe_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && is_tail(text)
}

fn is_tail(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    text.chars().all(allowed)
}

#[cfg(test)]
mod tests;
