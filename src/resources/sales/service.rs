//! What other slices may ask of sales, beside `settle`, `refund`, `dispute`, `incoming` and `invoices`.

pub use super::store::{
    checkout, checkout_anywhere, checkout_of_session, forget_places, insert_checkout, lines_of, payment, payment_lines, product,
    replace_checkout,
};
