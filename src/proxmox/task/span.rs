//! Durations in world files: ISO 8601, `PT5S`, or as people say them, `5s`.

use std::time::Duration;

use jiff::SignedDuration;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
    let signed = SignedDuration::try_from(*duration).unwrap_or(SignedDuration::MAX);
    signed.serialize(to)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let signed = SignedDuration::deserialize(from)?;
    Duration::try_from(signed).map_err(|_| D::Error::custom("a task takes no negative time"))
}
