//! The web toolkit; knows no resource.
