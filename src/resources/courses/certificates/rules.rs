//! Where certificates stand.

/// The public address of a certificate.
pub fn url(public_url: &str, number: &str) -> String {
    format!("{public_url}/certificates/{number}")
}
