//! The form of API keys: minting, reading, digesting.
