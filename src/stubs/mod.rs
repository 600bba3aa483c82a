//! What a test lays before the product, in `WireMock`'s model.
//!
//! Today that is the request pattern alone, by which the journal is searched and waited for.

pub mod json;
pub mod matcher;
pub mod value;

pub use matcher::{PatternFault, RequestPattern, Subject};
