//! The transports over real sockets on loopback, and what comes in from outside. One program, so
//! that it is linked once.

mod double;
mod tls;
mod webhook_receive;
mod webhook_send;
mod whatsapp_receive;
mod whatsapp_send;
