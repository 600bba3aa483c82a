//! What keeps a node up to date: its repositories, its packages, its subscription.
//!
//! None of it names a version: which packages there are follows from the release that is served, so that one
//! world file serves all.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::is_default;

/// A repository of the product that people switch on and off by its handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// For those with a subscription.
    Enterprise,
    /// For those without.
    NoSubscription,
    /// For those who try what is new.
    Test,
    /// Ceph, with a subscription.
    CephEnterprise,
    /// Ceph, without one.
    CephNoSubscription,
    /// Ceph, what is new.
    CephTest,
}

impl Channel {
    /// All of them, in the order in which the product lists them.
    pub const ALL: [Self; 6] = [
        Self::Enterprise,
        Self::NoSubscription,
        Self::Test,
        Self::CephEnterprise,
        Self::CephNoSubscription,
        Self::CephTest,
    ];

    /// Whether it needs a subscription.
    pub fn is_enterprise(self) -> bool {
        matches!(self, Self::Enterprise | Self::CephEnterprise)
    }

    /// Whether it is one of Ceph.
    pub fn is_ceph(self) -> bool {
        matches!(
            self,
            Self::CephEnterprise | Self::CephNoSubscription | Self::CephTest
        )
    }
}

/// A part of the system below the product that has a repository of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Base {
    /// The system as it was released.
    Main,
    /// What came after.
    Updates,
    /// What must not wait.
    Security,
}

/// Where packages come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Repositories {
    /// The repositories of the product that are written down, and whether each is switched on.
    pub channels: BTreeMap<Channel, bool>,
    /// Those of the system that are switched off.
    #[serde(default, skip_serializing_if = "is_default")]
    pub base_off: BTreeSet<Base>,
}

impl Default for Repositories {
    /// As the installer leaves them.
    fn default() -> Self {
        Self {
            channels: BTreeMap::from([(Channel::Enterprise, true)]),
            base_off: BTreeSet::new(),
        }
    }
}

/// What is known of packages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Packages {
    /// The installed ones of which a newer version is known.
    #[serde(default, skip_serializing_if = "is_default")]
    pub outdated: BTreeSet<String>,
    /// Those of them of which people were told.
    #[serde(default, skip_serializing_if = "is_default")]
    pub announced: BTreeSet<String>,
}

/// What became of a subscription when it was last looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubscriptionState {
    /// Nobody looked yet.
    New,
    /// It is good.
    #[default]
    Active,
    /// It is not.
    Invalid,
    /// It was.
    Expired,
    /// It is held back.
    Suspended,
}

impl SubscriptionState {
    /// Its name in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Active => "active",
            Self::Invalid => "invalid",
            Self::Expired => "expired",
            Self::Suspended => "suspended",
        }
    }
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Subscription {
    /// Its key: `pve2c-1234567890`, for two chips and the community.
    pub key: String,
    /// What became of it.
    #[serde(default)]
    pub state: SubscriptionState,
    /// When somebody looked last.
    pub checked: Timestamp,
    /// Since when it counts.
    pub registered: Timestamp,
}

impl Subscription {
    /// For how many chips it is; 0 for a key that is none.
    pub fn sockets(&self) -> u32 {
        let digit = self.key.chars().nth(3).and_then(|c| c.to_digit(10));
        digit.unwrap_or(0)
    }

    /// Its level as one letter; empty unless it is active.
    pub fn level(&self) -> &str {
        match self.state {
            SubscriptionState::Active => self.key.get(4..5).unwrap_or_default(),
            _ => "",
        }
    }
}
