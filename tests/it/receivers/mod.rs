//! Receivers as the five documents print or describe them, written anew from those words: each must take every delivery.
//!
//! `documented` are theirs; `program` runs the built server: a month on the sandbox clock, the published library of
//! Standard Webhooks, and receivers that nobody would wish for.

mod deliveries;
mod documented;
mod program;
