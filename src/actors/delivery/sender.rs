//! Sends one signed request to a subscriber, guarded.
