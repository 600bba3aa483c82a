//! Proxmox VE over real sockets.

mod control;
mod front;
