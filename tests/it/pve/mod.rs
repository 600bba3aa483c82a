//! Proxmox VE over real sockets.

mod console;
mod control;
mod front;
mod overlay;
mod proxbox;
