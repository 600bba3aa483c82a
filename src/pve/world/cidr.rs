//! Networks: an address with the length of its prefix, as firewalls and virtual networks write them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An address with the length of the network it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    /// The address; any of the network.
    pub address: IpAddr,
    /// How many bits name the network: at most 32, or 128.
    pub prefix: u8,
}

/// A text that is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoCidr;

impl Cidr {
    /// The network's own address, of the same length.
    #[must_use]
    pub fn network(self) -> Self {
        let masked = self.bits() & self.mask();
        Self {
            address: self.address_of(masked),
            ..self
        }
    }

    /// Whether an address is in the network.
    pub fn contains(self, address: IpAddr) -> bool {
        let other = Self { address, ..self };
        address.is_ipv4() == self.address.is_ipv4()
            && (other.bits() & self.mask()) == (self.bits() & self.mask())
    }

    /// 4 or 6.
    pub fn version(self) -> u8 {
        if self.address.is_ipv4() { 4 } else { 6 }
    }

    /// The last address of the network.
    pub fn last(self) -> IpAddr {
        self.address_of((self.bits() & self.mask()) | (!self.mask() & self.all()))
    }

    /// How many bits an address has.
    fn width(self) -> u8 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }

    fn bits(self) -> u128 {
        match self.address {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits(),
        }
    }

    /// All bits of an address of this kind.
    fn all(self) -> u128 {
        if self.address.is_ipv4() {
            u128::from(u32::MAX)
        } else {
            u128::MAX
        }
    }

    fn mask(self) -> u128 {
        let host = u32::from(self.width().saturating_sub(self.prefix));
        self.all() & u128::MAX.checked_shl(host).unwrap_or(0)
    }

    fn address_of(self, bits: u128) -> IpAddr {
        match self.address {
            IpAddr::V4(_) => {
                let bits = u32::try_from(bits & u128::from(u32::MAX)).unwrap_or_default();
                IpAddr::V4(bits.into())
            }
            IpAddr::V6(_) => IpAddr::V6(bits.into()),
        }
    }
}

impl FromStr for Cidr {
    type Err = NoCidr;

    /// A plain address is a network of one.
    fn from_str(text: &str) -> Result<Self, NoCidr> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NoCidr)?;
        let whole = Self { address, prefix: 0 }.width();
        let prefix = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| NoCidr)?,
            None => whole,
        };
        let fits = prefix <= whole;
        fits.then_some(Self { address, prefix }).ok_or(NoCidr)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_what_is_in_them() {
        let check = |text: &str, network: &str, last: &str| {
            let cidr: Cidr = text.parse().unwrap();
            assert_eq!(cidr.network().to_string(), network);
            assert_eq!(cidr.last().to_string(), last);
            assert!(cidr.contains(cidr.last()));
        };
        check("10.0.0.77/24", "10.0.0.0/24", "10.0.0.255");
        check("10.0.0.77", "10.0.0.77/32", "10.0.0.77");
        check("10.0.0.77/0", "0.0.0.0/0", "255.255.255.255");
        check("fd00::1:2/64", "fd00::/64", "fd00::ffff:ffff:ffff:ffff");
        check("::1", "::1/128", "::1");
        let cidr: Cidr = "10.0.0.0/24".parse().unwrap();
        assert!(!cidr.contains("10.0.1.0".parse().unwrap()));
        assert!(!cidr.contains("::1".parse().unwrap()));
        for bad in ["", "10.0.0.0/33", "::/129", "x/8", "10.0.0/8", "1.1.1.1/-1"] {
            assert_eq!(bad.parse::<Cidr>(), Err(NoCidr), "{bad}");
        }
    }
}
