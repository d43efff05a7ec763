//! The mails a shop's customers and owners get: what kinds there are, their texts, and the places in them.
//!
//! A text holds places such as `{{product_name}}`. What is put there is plain text: it is never read as a place again, and
//! in a subject it stays on one line.

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name between the braces.
    pub name: &'static str,
    /// What a preview shows there.
    pub sample: &'static str,
}

/// One kind of mail.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name in settings and rows.
    pub name: &'static str,
    /// When it is written, for the shop's owner.
    pub about: &'static str,
    /// The subject where the shop has none of its own.
    pub subject: &'static str,
    /// The body where the shop has none of its own.
    pub body: &'static str,
    places: &'static [Place],
}

const SHOP: Place = place("shop_name", "Test shop");
const PRODUCT: Place = place("product_name", "Nebula brushes");
const NAME: Place = place("customer_name", "Ada Lovelace");
const EMAIL: Place = place("customer_email", "ada@example.com");
const ORDER: Place = place("order_id", "0198c0de-0000-7000-8000-000000000001");
const LINES: Place = place("lines", "  Nebula brushes  19.00 USD");
const TOTAL: Place = place("total", "19.00 USD");
const SIGN_IN: Place = place("sign_in_url", "https://shop.example/account");
const OFFER: Place = place("offer", "");
const KEYS: Place = place("license_keys", "\nLicence key: TEST-0000-0000-0000\n");
const AMOUNT: Place = place("amount", "19.00 USD");
const ENDPOINT: Place = place("endpoint_url", "https://hooks.example.com/in");
const REASON: Place = place("reason", "it answered with status 500");

const fn place(name: &'static str, sample: &'static str) -> Place {
    Place { name, sample }
}

/// Every kind a shop may change or switch off. Mails between the server and a person are not among them.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "receipt",
        about: "To a buyer, once a payment is there.",
        subject: "Your receipt: {{product_name}}",
        body: "Thank you.\n\n{{lines}}\n\nTotal: {{total}}\nOrder: {{order_id}}\n\nSee what you bought, signed in with this address:\n\
               {{sign_in_url}}\n{{license_keys}}{{offer}}",
        places: &[SHOP, PRODUCT, NAME, EMAIL, ORDER, LINES, TOTAL, SIGN_IN, KEYS, OFFER],
    },
    Kind {
        name: "access_granted",
        about: "To a customer who got something that costs nothing.",
        subject: "{{product_name}} is yours",
        body: "Thank you.\n\n{{product_name}} is yours.\n\nSee what you have, signed in with this address:\n{{sign_in_url}}\n{{license_keys}}{{offer}}",
        places: &[SHOP, PRODUCT, NAME, EMAIL, ORDER, LINES, TOTAL, SIGN_IN, KEYS, OFFER],
    },
    Kind {
        name: "access_link",
        about: "To whoever asked for a free product on another site: the link that signs him in.",
        subject: "Your access to {{product_name}}",
        body: "Hello,\n\nopen {{product_name}} with this link:\n\n{{sign_in_url}}\n\nIt works once and for 24 hours. If you did not ask \
               for it,\nignore this mail: nothing happens without the link.\n",
        places: &[SHOP, PRODUCT, EMAIL, SIGN_IN],
    },
    Kind {
        name: "refund_notice",
        about: "To a buyer, once money was given back.",
        subject: "{{amount}} was refunded",
        body: "{{amount}} of your order {{order_id}} is on its way back to you. Your bank may need some days to show it.\n",
        places: &[SHOP, PRODUCT, NAME, EMAIL, ORDER, AMOUNT],
    },
    Kind {
        name: "waitlist_launch",
        about: "To everybody on a product's waiting list, once it is for sale.",
        subject: "{{product_name}} is here",
        body: "Hello,\n\nyou asked to be told: {{product_name}} can be bought now from {{shop_name}}.\n\n{{shop_url}}\n\nYou get this \
               mail once, because this address was put on the waiting list.\n",
        places: &[SHOP, PRODUCT, EMAIL, place("shop_url", "https://shop.example")],
    },
    Kind {
        name: "webhook_endpoint_failing",
        about: "To the shop's owners, once a webhook endpoint has failed for a day.",
        subject: "A webhook endpoint keeps failing",
        body: "Deliveries to\n\n{{endpoint_url}}\n\nhave failed for more than a day, the last one like this:\n\n{{reason}}\n\nWhat \
               may be tried again is, on schedule; what was refused for good is not, and can be replayed by hand. After seven \
               days of failures the endpoint is switched off.\n",
        places: &[SHOP, ENDPOINT, REASON],
    },
    Kind {
        name: "webhook_endpoint_disabled",
        about: "To the shop's owners, once a webhook endpoint was switched off.",
        subject: "A webhook endpoint was switched off",
        body: "The endpoint\n\n{{endpoint_url}}\n\nwas switched off: {{reason}}\n\nWaiting deliveries are kept and can be replayed once it \
               is switched on again.\n",
        places: &[SHOP, ENDPOINT, REASON],
    },
];

/// The kind of that name.
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

impl Kind {
    /// Names of the places its texts may have.
    pub fn places(&self) -> Vec<&'static str> {
        self.places.iter().map(|place| place.name).collect()
    }

    /// What a preview shows.
    pub fn samples(&self) -> Vec<(&'static str, String)> {
        self.places
            .iter()
            .map(|place| (place.name, place.sample.to_owned()))
            .collect()
    }

    /// The places of a text that this kind does not have; an opened place that is not closed is named as it stands.
    pub fn unknown_places(&self, text: &str) -> Vec<String> {
        let mut unknown = Vec::new();
        for piece in Pieces(text) {
            match piece {
                Piece::Place(name) if self.places.iter().all(|place| place.name != name) => unknown.push(name.to_owned()),
                Piece::Open => unknown.push("{{".to_owned()),
                Piece::Place(_) | Piece::Text(_) => {}
            }
        }
        unknown
    }
}

/// A text with its places filled; a place nobody has a value for becomes nothing.
pub fn fill(text: &str, values: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in Pieces(text) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Place(name) => {
                let value = values.iter().find(|(known, _)| *known == name);
                out.push_str(value.map_or("", |(_, value)| value));
            }
            Piece::Open => out.push_str("{{"),
        }
    }
    out
}

/// The same for a subject: one line, whatever is put in.
pub fn fill_line(text: &str, values: &[(&str, String)]) -> String {
    let filled = fill(text, values);
    let flat: String = filled
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    flat.split_whitespace().collect::<Vec<_>>().join(" ")
}

enum Piece<'a> {
    Text(&'a str),
    Place(&'a str),
    Open,
}

struct Pieces<'a>(&'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if self.0.is_empty() {
            return None;
        }
        let Some(start) = self.0.find("{{") else {
            return Some(Piece::Text(std::mem::take(&mut self.0)));
        };
        if start > 0 {
            let (text, rest) = self.0.split_at(start);
            self.0 = rest;
            return Some(Piece::Text(text));
        }
        let inner = self.0.get(2..).unwrap_or_default();
        match inner.split_once("}}") {
            Some((name, rest)) => {
                self.0 = rest;
                Some(Piece::Place(name.trim()))
            }
            None => {
                self.0 = inner;
                Some(Piece::Open)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_uses_its_own_places_only() {
        for kind in KINDS {
            assert!(kind.unknown_places(kind.subject).is_empty(), "{}", kind.name);
            assert!(kind.unknown_places(kind.body).is_empty(), "{}", kind.name);
            assert!(!fill(kind.body, &kind.samples()).contains("{{"), "{}", kind.name);
        }
    }

    #[test]
    fn what_is_put_in_is_never_read_again() {
        let values = [("a", "{{b}}".to_owned()), ("b", "secret".to_owned())];
        assert_eq!(fill("<{{a}} {{ a }} {{c}}>", &values), "<{{b}} {{b}} >");
    }

    #[test]
    fn a_subject_stays_on_its_line() {
        let values = [("a", "x\r\nBcc: all@example.com".to_owned())];
        assert_eq!(fill_line("Hello {{a}}", &values), "Hello x Bcc: all@example.com");
    }

    #[test]
    fn unknown_and_open_places_are_named() {
        let kind = find("receipt").unwrap();
        assert_eq!(kind.unknown_places("{{total}} {{ password }} {{x"), ["password", "{{"]);
    }
}
