//! What buyers are written.

use super::offered::Offered;
use super::settle::Sale;
use super::store;
use crate::context::Deed;
use crate::domain::Result;
use crate::domain::money::price;
use crate::store::Tx;
use crate::store::mails::{self, Note};
use entities::{customer, payment, product};

/// The receipt, or what says that a free thing is there.
pub(super) async fn receipt(tx: &Tx, deed: &Deed, sale: &Sale<'_>, offered: Option<&Offered>) -> Result<()> {
    let main = sale.main()?;
    let lines: Vec<String> = sale
        .lines
        .iter()
        .map(|(line, _)| format!("  {}  {}", line.name, price(line.total_minor, &sale.payment.currency)))
        .collect();
    let keys: Vec<String> = sale.issued.iter().map(|issued| issued.key.to_string()).collect();
    let has_keys = !keys.is_empty();
    let note = Note {
        tenant: deed.room.tenant,
        kind: if sale.is_lead { "access_granted" } else { "receipt" },
        recipient: sale.customer.email.clone(),
        values: vec![
            ("product_name", main.name.clone()),
            ("customer_name", sale.customer.name.clone().unwrap_or_default()),
            ("customer_email", sale.customer.email.clone()),
            ("order_id", sale.payment.id.to_string()),
            ("lines", lines.join("\n")),
            ("total", price(sale.payment.amount_minor, &sale.payment.currency)),
            ("sign_in_url", format!("{}/account", deed.public_url)),
            ("offer", offered.map(offer).unwrap_or_default()),
            (
                "license_keys",
                keys.iter().map(|key| format!("\nLicence key: {key}\n")).collect(),
            ),
        ],
    };
    match mails::compose(tx, &note, deed.id(), deed.now).await? {
        None => Ok(()),
        // A key is a secret until it is sent.
        Some(mail) if has_keys => mails::insert(tx, &mail.sealed(&deed.house.sealer, deed.ids.bytes())?).await,
        Some(mail) => mails::insert(tx, &mail).await,
    }
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
    let paid = price(payment.amount_minor, &payment.currency);
    let note = Note {
        tenant: deed.room.tenant,
        kind: "receipt",
        recipient: customer.email.clone(),
        values: vec![
            ("product_name", product.name.clone()),
            ("customer_name", customer.name.clone().unwrap_or_default()),
            ("customer_email", customer.email.clone()),
            ("order_id", payment.id.to_string()),
            ("lines", format!("  {}  {paid}", product.name)),
            ("total", paid),
            ("sign_in_url", format!("{}/account", deed.public_url)),
        ],
    };
    mails::write(tx, &note, deed.id(), deed.now).await
}

/// That money went back.
pub(super) async fn refunded(
    tx: &Tx,
    deed: &Deed,
    payment: &payment::Model,
    customer: &customer::Model,
    amount: i64,
) -> Result<()> {
    let product = store::product(tx, &deed.room, payment.product).await?;
    let note = Note {
        tenant: deed.room.tenant,
        kind: "refund_notice",
        recipient: customer.email.clone(),
        values: vec![
            ("product_name", product.map(|product| product.name).unwrap_or_default()),
            ("customer_name", customer.name.clone().unwrap_or_default()),
            ("customer_email", customer.email.clone()),
            ("order_id", payment.id.to_string()),
            ("amount", price(amount, &payment.currency)),
        ],
    };
    mails::write(tx, &note, deed.id(), deed.now).await
}
