//! The texts of mails between the server and a person.

use super::rules::Purpose;

/// Subject and body of a mail with a link and its bare token, for those who call the API by hand.
pub(super) fn link(purpose: Purpose, public_url: &str, token: &str) -> (String, String) {
    let (subject, ask, until) = match purpose {
        Purpose::Verify => (
            "Confirm your e-mail address",
            "somebody registered with this address and a password of his own. If that was you, confirm it here:",
            "for 24 hours",
        ),
        Purpose::Reset => (
            "Set a new password",
            "somebody asked for a new password for this address. Set it here:",
            "for an hour",
        ),
        Purpose::Link => ("Your sign-in link", "sign in with this link:", "for 15 minutes"),
    };
    let body = with_token(
        &format!("Hello,\n\n{ask}"),
        &page(public_url, purpose.name(), token),
        token,
        until,
    );
    (subject.to_owned(), body)
}

/// Subject and body of an invitation to act for a tenant.
pub(super) fn invitation(tenant: &str, public_url: &str, token: &str) -> (String, String) {
    let tenant: String = tenant.chars().filter(|letter| !letter.is_control()).collect();
    let subject = format!("You are invited to {tenant}");
    let body = with_token(
        &format!("Hello,\n\nyou are invited to work on {tenant}. Accept here:"),
        &page(public_url, "invitation", token),
        token,
        "for seven days",
    );
    (subject, body)
}

fn page(public_url: &str, name: &str, token: &str) -> String {
    format!("{public_url}/auth/{name}?token={token}")
}

fn with_token(opening: &str, link: &str, token: &str, until: &str) -> String {
    format!(
        "{opening}\n\n{link}\n\nOr give this token to the program that asks for it:\n\n{token}\n\nIt works once and {until}. If you \
         did not expect this mail,\nignore it: nothing happens without the link.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_carries_its_link_and_the_token_on_a_line_of_its_own() {
        for purpose in Purpose::ALL {
            let (subject, body) = link(purpose, "https://shop.example", "fot_ab");
            assert!(!subject.is_empty() && body.is_ascii());
            let lines: Vec<&str> = body.lines().collect();
            assert!(lines.contains(&"fot_ab"));
            assert!(lines.contains(&format!("https://shop.example/auth/{}?token=fot_ab", purpose.name()).as_str()));
        }
        assert_eq!(invitation("A\r\nBcc: x", "", "t").0, "You are invited to ABcc: x");
    }
}
