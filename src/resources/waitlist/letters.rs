//! The mail that says a product is there.

/// Subject and body.
pub(super) fn launch(product: &str, shop: &str, link: Option<&str>) -> (String, String) {
    let clean = |text: &str| -> String { text.chars().filter(|letter| !letter.is_control()).collect() };
    let (product, shop) = (clean(product), clean(shop));
    let subject = format!("{product} is here");
    let place = link.map_or_else(String::new, |link| format!("{link}\n\n"));
    let body = format!(
        "Hello,\n\nyou asked to be told: {product} can be bought now from {shop}.\n\n{place}You get this mail once, because this \
         address was put on the waiting list.\n"
    );
    (subject, body)
}

#[cfg(test)]
mod tests {
    use super::launch;

    #[test]
    fn names_cannot_add_headers() {
        let (subject, body) = launch("A\r\nBcc: x", "S", Some("https://s.example/a"));
        assert_eq!(subject, "ABcc: x is here");
        assert!(body.contains("https://s.example/a"));
    }
}
