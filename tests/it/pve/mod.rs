//! Proxmox VE over real sockets.

mod console;
mod control;
mod crowd;
mod front;
mod overlay;
mod proxbox;
