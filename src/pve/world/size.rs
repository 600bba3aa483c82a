//! Sizes in bytes, written as Proxmox VE writes them in `size=`: the largest unit that leaves no rest.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::ids::{BadName, text_in_files};

/// A number of bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub u64);

const UNITS: [(char, u32); 4] = [('T', 40), ('G', 30), ('M', 20), ('K', 10)];

text_in_files!(Size);

impl Size {
    /// That many mebibytes, the unit of guests' memory.
    pub fn mebibytes(count: u64) -> Self {
        Self(count.saturating_mul(1 << 20))
    }

    /// The bytes.
    pub fn bytes(self) -> u64 {
        self.0
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl FromStr for Size {
    type Err = BadName;

    /// Digits, with a fraction where wanted, and one of `K`, `M`, `G`, `T` or no unit (`PVE::JSONSchema`'s
    /// `parse_size`).
    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || BadName::new(text, "size");
        let unit = UNITS.iter().find(|(unit, _)| text.ends_with(*unit));
        let (number, shift) =
            unit.map_or((text, 0), |(_, shift)| (&text[..text.len() - 1], *shift));
        if !number.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(bad());
        }
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let whole: u64 = whole.parse().map_err(|_| bad())?;
        let bytes = whole.checked_mul(1 << shift).ok_or_else(bad)?;
        // Nine digits are finer than any sector; more of them would not fit the product below.
        if fraction.is_empty() || fraction.len() > 9 {
            return Err(bad());
        }
        let scale = 10_u128.pow(u32::try_from(fraction.len()).unwrap_or(9));
        let part: u128 = fraction.parse().map_err(|_| bad())?;
        let part = u64::try_from((part << shift) / scale).map_err(|_| bad())?;
        bytes.checked_add(part).map(Self).ok_or_else(bad)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |shift: u32| self.0 > 0 && self.0.trailing_zeros() >= shift;
        match UNITS.iter().find(|(_, shift)| fits(*shift)) {
            Some((unit, shift)) => write!(f, "{}{unit}", self.0 >> shift),
            None => self.0.fmt(f),
        }
    }
}

impl Sum for Size {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self(0), Self::plus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let check = |text: &str, bytes: u64, written: &str| {
            let size: Size = text.parse().unwrap();
            assert_eq!((size.0, size.to_string()), (bytes, written.to_owned()));
        };
        check("32G", 32 << 30, "32G");
        check("528K", 528 << 10, "528K");
        check("1.5G", 1536 << 20, "1536M");
        check("1024G", 1 << 40, "1T");
        check("0", 0, "0");
        check("1000", 1000, "1000");
        for bad in [
            "",
            "G",
            "-1",
            "1.G",
            "1X",
            "99999999999T",
            "+1",
            "1.0000000001G",
        ] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
    }
}
