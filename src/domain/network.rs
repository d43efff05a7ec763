//! Which addresses and URLs the server may be sent to.
