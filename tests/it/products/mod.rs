//! Products: made, changed, listed, gone.

mod changes;
mod input;
mod marketplace;
mod paging;
