//! The transports over real sockets on loopback, and what comes in from outside. One program, so
//! that it is linked once.
#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod double;
mod guide;
mod tls;
mod webhook_receive;
mod webhook_send;
mod whatsapp_receive;
mod whatsapp_send;
