//! The engine as a WebAssembly component without imports and without pacing. Everything that it
//! answers is the crate `tierwise-guest`'s.
#![cfg_attr(target_arch = "wasm32", no_std)]

tierwise_guest::policy!(tierwise_guest::NoPacing);
