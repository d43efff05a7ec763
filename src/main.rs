//! Arguments, settings, telemetry, then the application until a signal.

fn main() {}
