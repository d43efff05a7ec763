//! Counters no tenant can own: addresses, persons, logins, keys in flight.
