//! One arbiter's tenant actors and the buckets that outlive them.
