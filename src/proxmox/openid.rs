//! Logins by `OpenID` Connect, with this server in the place of the provider too.
//!
//! A client asks for a URL, a browser goes there, and the provider sends it back with a code and the state that
//! was in the URL. Nobody is asked here: a test takes `state` out of the URL and comes back with the code
//! `code-for-<name>` ([`name_in`]), which proves that the provider knows its sender as `<name>`. The URL is that of
//! proxmox-openid's `authorize_url`; how long a state counts is its `auth_state.rs`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::percent;

/// What a code starts with; the rest of it is the user's name at the provider.
pub const CODE: &str = "code-for-";

/// How long a login may take, in seconds.
const LIFETIME: i64 = 600;

/// How many logins may be under way in one realm.
const MOST_PENDING: usize = 100;

/// A login for which somebody has the URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pending {
    /// What the provider sends back unchanged.
    pub token: String,
    /// When it was begun.
    pub begun: Timestamp,
}

/// What a realm says about its provider.
#[derive(Debug, Clone, Copy)]
pub struct Provider<'a> {
    /// The name of the realm.
    pub realm: &'a str,
    /// Where the provider is.
    pub issuer: &'a str,
    /// The name of this server there.
    pub client: &'a str,
    /// What shall be told about users, besides `openid`.
    pub scopes: &'a [&'a str],
    /// What the provider shall ask its user.
    pub prompt: Option<&'a str>,
    /// How well users shall have proven themselves.
    pub contexts: &'a [&'a str],
}

impl Provider<'_> {
    /// Begins a login: the URL for the browser. `random` gives the bits of what must not be guessed.
    ///
    /// # Errors
    /// Too many logins under way, in the product's words.
    pub fn begin(
        &self,
        pending: &mut Vec<Pending>,
        redirect: &str,
        now: Timestamp,
        mut random: impl FnMut() -> u64,
    ) -> Result<String, String> {
        pending.retain(|login| login.counts(now));
        if pending.len() > MOST_PENDING {
            let realm = self.realm;
            return Err(format!(
                "too many pending openid auth request for realm {realm}"
            ));
        }
        let mut text = || format!("{:016x}{:016x}", random(), random());
        let (token, challenge, nonce) = (text(), text(), text());
        let state = json!({"csrf_token": token, "realm": self.realm}).to_string();
        pending.push(Pending { token, begun: now });
        let scopes = ["openid"].iter().chain(self.scopes);
        let scopes = scopes.copied().collect::<Vec<_>>().join(" ");
        let contexts = self.contexts.join(" ");
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", self.client),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("redirect_uri", redirect),
            ("scope", &scopes),
            ("nonce", &nonce),
            ("display", "page"),
        ];
        query.extend(self.prompt.map(|prompt| ("prompt", prompt)));
        if !contexts.is_empty() {
            query.push(("acr_values", &contexts));
        }
        let pairs: Vec<_> = query.iter().map(|(key, value)| pair(key, value)).collect();
        let issuer = self.issuer.trim_end_matches('/');
        Ok(format!("{issuer}/authorize?{}", pairs.join("&")))
    }
}

impl Pending {
    /// Whether it may still be finished.
    pub fn counts(&self, now: Timestamp) -> bool {
        now.as_second() <= self.begun.as_second().saturating_add(LIFETIME)
    }
}

/// Token and realm in the state that a provider sends back.
pub fn read_state(state: &str) -> Option<(String, String)> {
    let state: Value = serde_json::from_str(state).ok()?;
    let text = |name: &str| Some(state.get(name)?.as_str()?.to_owned());
    Some((text("csrf_token")?, text("realm")?))
}

/// Takes a login out that is finished by its token; says whether it counts.
pub fn finish(pending: &mut Vec<Pending>, token: &str, now: Timestamp) -> bool {
    let found = pending.iter().position(|login| login.token == token);
    found.is_some_and(|at| pending.remove(at).counts(now))
}

/// The name that a code proves.
pub fn name_in(code: &str) -> Option<&str> {
    code.strip_prefix(CODE).filter(|name| !name.is_empty())
}

fn pair(key: &str, value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '*' | ' ');
    let escaped = percent::escape(value, |c| !plain(c));
    format!("{key}={}", escaped.replace(' ', "+"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_login_from_url_to_code() {
        let mut pending = Vec::new();
        let provider = Provider {
            realm: "sso",
            issuer: "https://id.example/",
            client: "lab",
            scopes: &["email", "profile"],
            prompt: Some("login"),
            contexts: &[],
        };
        let begin = |pending: &mut Vec<Pending>, second: i64| {
            provider.begin(pending, "https://pve:8006", at(second), || 7)
        };
        let url = begin(&mut pending, 0).unwrap();
        let start =
            "https://id.example/authorize?response_type=code&client_id=lab&state=%7B%22csrf_token";
        assert!(url.starts_with(start), "{url}");
        let end = "scope=openid+email+profile&nonce=00000000000000070000000000000007&display=page&prompt=login";
        assert!(url.ends_with(end), "{url}");
        assert!(
            url.contains("&redirect_uri=https%3A%2F%2Fpve%3A8006&"),
            "{url}"
        );
        let state = r#"{"csrf_token":"00000000000000070000000000000007","realm":"sso"}"#;
        let (token, realm) = read_state(state).unwrap();
        assert_eq!(realm, "sso");
        assert!(finish(&mut pending, &token, at(600)));
        assert!(!finish(&mut pending, &token, at(600)));
        begin(&mut pending, 0).unwrap();
        assert!(!finish(&mut pending, &token, at(601)));
        for _ in 0..101 {
            begin(&mut pending, 0).unwrap();
        }
        assert!(begin(&mut pending, 0).is_err());
        assert!(begin(&mut pending, 601).is_ok());
        assert_eq!(read_state("{}"), None);
    }

    #[test]
    fn codes() {
        assert_eq!(name_in("code-for-ann"), Some("ann"));
        assert_eq!(name_in("code-for-"), None);
        assert_eq!(name_in("ann"), None);
    }
}
