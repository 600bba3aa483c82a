//! Proxmox VE over real sockets.

mod control;
mod front;
mod overlay;
mod proxbox;
