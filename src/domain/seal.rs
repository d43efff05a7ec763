//! Sealing of what must be read back: signing secrets, tokens, replayed answers.
