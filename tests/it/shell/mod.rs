//! The program as users start it: arguments, settings, signals, what it prints.

mod commands;
mod counts;
mod demo;
mod serve;
