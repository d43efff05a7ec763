//! The program as users start it: arguments, settings, signals, what it prints.

mod commands;
mod demo;
mod serve;
