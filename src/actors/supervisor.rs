//! Rebuilds actors from their factory.
