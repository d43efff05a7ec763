//! The actors together, on a database file.
