//! What Proxmox VE, Backup Server and Datacenter Manager share: who calls, what they may do, how tasks and
//! configuration look, and how a refusal is worded.
//!
//! A product is a world ([`state`]), handlers ([`call`]) and plain [`collection`]s, which [`service`] joins with a
//! contract into a personality: the one place with a lock. Everything else here is a function of its arguments.
//! HTTP is known to [`token`] (what a request says about its sender), [`gate`] (what is checked about it, in which
//! order), [`envelope`] (what an answer looks like; the one place with status codes) and [`service`]; [`arguments`]
//! takes forms and JSON objects.
//! Facts are from contracts/proxmox.md; where that is silent, from the products' public sources, named where
//! they are used.

pub mod product;

pub mod identity;

pub mod ticket;

pub mod token;

pub mod role;

pub mod acl;

pub mod rights;

pub mod permission;

pub mod digest;

pub mod section;

pub mod collection;

pub mod property_string;

pub mod arguments;

pub mod upid;

pub mod task;

pub mod task_list;

pub mod calendar;

pub mod prune;

pub mod problem;

pub mod fault;

pub mod console;

pub mod written;

pub mod envelope;

pub mod published;

pub mod address;

pub mod work;

pub mod state;

pub mod index;

pub mod call;

pub mod lodge;

pub mod overlay;

pub mod service;

pub mod rrd;

pub mod gate;

pub mod login;

pub mod account;

pub mod retyped;
pub mod rust_access;

pub mod second_factor;

pub mod openid;

pub(crate) mod percent;

mod world_form;

pub mod world_file;

pub use product::{Edition, Product};
