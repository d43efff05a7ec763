//! What is signed, how, and how a receiver checks it.
