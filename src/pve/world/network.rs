//! Network interfaces of nodes.

use serde::{Deserialize, Serialize};

use super::is_default;
use super::options::Options;

/// What an interface is (the enum of `type` in the API's schema).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the product's own")]
pub enum InterfaceKind {
    #[serde(rename = "eth")]
    Eth,
    #[serde(rename = "bridge")]
    Bridge,
    #[serde(rename = "bond")]
    Bond,
    #[serde(rename = "vlan")]
    Vlan,
    #[serde(rename = "alias")]
    Alias,
    #[serde(rename = "fabric")]
    Fabric,
    #[serde(rename = "OVSBridge")]
    OvsBridge,
    #[serde(rename = "OVSBond")]
    OvsBond,
    #[serde(rename = "OVSPort")]
    OvsPort,
    #[serde(rename = "OVSIntPort")]
    OvsIntPort,
    #[serde(rename = "vnet")]
    Vnet,
    #[serde(rename = "unknown")]
    Unknown,
}

impl InterfaceKind {
    /// Its name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eth => "eth",
            Self::Bridge => "bridge",
            Self::Bond => "bond",
            Self::Vlan => "vlan",
            Self::Alias => "alias",
            Self::Fabric => "fabric",
            Self::OvsBridge => "OVSBridge",
            Self::OvsBond => "OVSBond",
            Self::OvsPort => "OVSPort",
            Self::OvsIntPort => "OVSIntPort",
            Self::Vnet => "vnet",
            Self::Unknown => "unknown",
        }
    }

    /// Whether guests can be plugged into it.
    pub fn is_bridge(self) -> bool {
        matches!(self, Self::Bridge | Self::OvsBridge)
    }
}

/// How an interface comes by its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// It has none.
    #[default]
    Manual,
    /// It is written here.
    Static,
    /// Somebody gives it one.
    Dhcp,
    /// The network says one to everybody (IPv6).
    Auto,
    /// It is the machine's own.
    Loopback,
}

impl Method {
    /// Its name in files and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Static => "static",
            Self::Dhcp => "dhcp",
            Self::Auto => "auto",
            Self::Loopback => "loopback",
        }
    }
}

/// An interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Interface {
    /// What it is.
    pub kind: InterfaceKind,
    /// How it comes by its IPv4 address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub method: Method,
    /// How it comes by its IPv6 address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub method6: Method,
    /// Its IPv4 address with the length of the network: `10.10.10.11/24`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cidr: Option<String>,
    /// Its IPv6 address with the length of the network.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cidr6: Option<String>,
    /// The way out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub gateway: Option<String>,
    /// The way out over IPv6.
    #[serde(default, skip_serializing_if = "is_default")]
    pub gateway6: Option<String>,
    /// Whether it comes up with the machine.
    #[serde(default, skip_serializing_if = "is_default")]
    pub autostart: bool,
    /// The ports of a bridge, the members of a bond, the device below a VLAN.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ports: Vec<String>,
    /// Everything else that is written about it: `comments`, `mtu`, `bridge_vlan_aware`, `bond_mode`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Options,
}
