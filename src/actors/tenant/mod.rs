//! One active tenant: its key copies and its buckets.
