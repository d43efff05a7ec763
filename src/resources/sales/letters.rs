//! What buyers are written.

use super::offered::Offered;
use super::settle::Sale;
use crate::context::Deed;
use crate::domain::Result;
use crate::domain::money::{Currency, to_major_text};
use crate::store::Tx;
use crate::store::mails::{self, Letter, Mail};
use entities::{customer, payment, product};

/// The receipt, or what says that a free thing is there.
pub(super) async fn receipt(tx: &Tx, deed: &Deed, sale: &Sale<'_>, offered: Option<&Offered>) -> Result<()> {
    let main = sale.main()?;
    let lines: String = sale
        .lines
        .iter()
        .map(|(line, _)| format!("  {}  {}\n", line.name, price(line.total_minor, &sale.payment.currency)))
        .collect();
    let (kind, subject) = match sale.is_lead {
        true => ("access_granted", format!("{} is yours", main.name)),
        false => ("receipt", format!("Your receipt: {}", main.name)),
    };
    let body = format!(
        "Thank you.\n\n{lines}\nTotal: {}\nOrder: {}\n\nSign in at {} with this address to find what you bought.\n{}",
        price(sale.payment.amount_minor, &sale.payment.currency),
        sale.payment.id,
        deed.public_url,
        offered.map(offer).unwrap_or_default(),
    );
    let keys: String = sale
        .issued
        .iter()
        .map(|issued| format!("\nLicence key: {}\n", issued.key))
        .collect();
    let letter = Letter {
        tenant: Some(deed.room.tenant),
        kind,
        recipient: sale.customer.email.clone(),
        subject,
        body: format!("{body}{keys}"),
    };
    let mail = Mail::plain(letter, deed.id(), deed.now);
    // A key is a secret until it is sent.
    let mail = match keys.is_empty() {
        true => mail,
        false => mail.sealed(&deed.house.sealer, deed.ids.bytes())?,
    };
    mails::queue(tx, &mail).await
}

fn offer(offered: &Offered) -> String {
    format!(
        "\nFor the next {} minutes only: {} with the code {}.\n",
        offered.minutes, offered.product.name, offered.coupon.code
    )
}

/// The receipt of a subscription's period.
pub(super) async fn period(
    tx: &Tx,
    deed: &Deed,
    payment: &payment::Model,
    customer: &customer::Model,
    product: &product::Model,
) -> Result<()> {
    let body = format!(
        "Thank you.\n\n  {}  {}\n\nOrder: {}\n\nSign in at {} with this address to see or end your subscription.\n",
        product.name,
        price(payment.amount_minor, &payment.currency),
        payment.id,
        deed.public_url,
    );
    let letter = Letter {
        tenant: Some(deed.room.tenant),
        kind: "receipt",
        recipient: customer.email.clone(),
        subject: format!("Your receipt: {}", product.name),
        body,
    };
    mails::queue(tx, &Mail::plain(letter, deed.id(), deed.now)).await
}

/// That money went back.
pub(super) async fn refunded(
    tx: &Tx,
    deed: &Deed,
    payment: &payment::Model,
    customer: &customer::Model,
    amount: i64,
) -> Result<()> {
    let amount = price(amount, &payment.currency);
    let letter = Letter {
        tenant: Some(deed.room.tenant),
        kind: "refund_notice",
        recipient: customer.email.clone(),
        subject: format!("{amount} was refunded"),
        body: format!(
            "{amount} of your order {} is on its way back to you. Your bank may need some days to show it.\n",
            payment.id
        ),
    };
    mails::queue(tx, &Mail::plain(letter, deed.id(), deed.now)).await
}

fn price(minor: i64, currency: &str) -> String {
    match Currency::parse(currency) {
        Some(known) => format!("{} {currency}", to_major_text(minor, known)),
        None => format!("{minor} {currency}"),
    }
}
