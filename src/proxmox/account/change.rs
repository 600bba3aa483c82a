//! How accounts change: what goes goes with everything that names it (proxmox.md 2.8).

use crate::proxmox::acl::{AccessList, Subject};
use crate::proxmox::identity::{TokenId, UserId};

use super::{Directory, Token};

impl Directory {
    /// Takes a user out, and with it its tokens, memberships and permissions. Says whether there was one.
    pub fn remove_user(&mut self, user: &UserId, list: &mut AccessList) -> bool {
        self.leave_groups(user);
        list.forget(&Subject::User(user.clone()));
        self.users.remove(user).is_some()
    }

    /// Takes a user out of all groups.
    pub fn leave_groups(&mut self, user: &UserId) {
        for group in self.groups.values_mut() {
            group.members.remove(user);
        }
    }

    /// Takes a group out, and with it its permissions. Says whether there was one.
    pub fn remove_group(&mut self, name: &str, list: &mut AccessList) -> bool {
        list.forget(&Subject::Group(name.into()));
        self.groups.remove(name).is_some()
    }

    /// Takes a role out that somebody made, and with it what it granted. Says whether there was one.
    pub fn remove_role(&mut self, name: &str, list: &mut AccessList) -> bool {
        let found = self.roles.remove(name).is_some();
        if found {
            list.forget_role(name);
        }
        found
    }

    /// Takes a token out, and with it its permissions. Says whether there was one.
    pub fn remove_token(&mut self, id: &TokenId, list: &mut AccessList) -> bool {
        list.forget(&Subject::Token(id.clone()));
        let user = self.users.get_mut(&id.user);
        user.is_some_and(|user| user.tokens.remove(&*id.name).is_some())
    }

    /// A token to be changed.
    pub fn token_mut(&mut self, id: &TokenId) -> Option<&mut Token> {
        self.users.get_mut(&id.user)?.tokens.get_mut(&*id.name)
    }
}
