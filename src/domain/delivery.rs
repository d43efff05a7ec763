//! What an attempt's outcome means for its delivery and for the endpoint's health.
