//! Reports: their shapes, and that they are exact.

mod model;
mod shapes;
