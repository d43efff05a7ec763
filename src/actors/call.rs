//! The only two ways to send a message.
