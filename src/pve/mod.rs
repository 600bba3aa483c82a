//! Proxmox VE: its world stands, its API is not built yet.
//!
//! So this personality is not in the roster. What there is, [`world`], is the cluster that handlers will read
//! and change; it knows neither HTTP nor the JSON of the product, which differs between releases.

pub mod world;
