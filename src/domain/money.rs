//! Currencies and the exact conversion between minor and major units.
