//! What shops elsewhere tell of purchases. The purchase's id makes each message count once.

use super::terms::Terms;
use super::types::PurchaseEvent;
use super::{admin, store};
use crate::context::{Answer, Ctx, Deed};
use crate::domain::api_key::Digest;
use crate::domain::{Code, Error, Result};
use crate::resources::licensing::issue::{self, Order};
use crate::resources::licensing::keys::{self, Form};
use crate::resources::licensing::rules;
use crate::resources::licensing::service::{Taken, withdraw_sold};
use crate::store::Tx;
use entities::license::Model;
use entities::{product, purchase_receipt};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

/// The message that makes a licence.
const COMPLETED: &str = "purchase.completed";
/// The message that lengthens one.
const RENEWED: &str = "subscription.renewed";

/// Judges the secret of a message.
///
/// # Errors
/// `InvalidToken` for a wrong one, and where none is set.
pub fn admit(ctx: &Ctx, secret: Option<&str>) -> Result<()> {
    let own = ctx.house.config.inbound_webhook_secret.as_ref();
    let is_good = own.zip(secret).is_some_and(|(own, given)| {
        let own = Digest::of(own.expose_secret());
        own.ct_eq(&Digest::of(given))
    });
    if is_good {
        return Ok(());
    }
    Err(Error::new(Code::InvalidToken, "Invalid webhook secret"))
}

/// Whether a message of this type has an effect; any other is taken and forgotten.
pub fn is_known(kind: &str) -> bool {
    const KNOWN: [&str; 5] = [
        COMPLETED,
        "purchase.refunded",
        "purchase.disputed",
        RENEWED,
        "subscription.cancelled",
    ];
    KNOWN.contains(&kind)
}

/// What a message without effect is told.
///
/// # Errors
/// None; a message that tells no type is refused before.
pub fn pass_over() -> Result<Answer> {
    Answer::one("hook_taken", &json!({}))
}

/// Takes a message of a known type.
///
/// # Errors
/// `NotFound` for an unknown product, or a purchase that is to be changed; `Conflict` for a purchase of an archived product.
pub async fn take(ctx: &Ctx, event: PurchaseEvent) -> Result<Answer> {
    let call = ctx.clone();
    ctx.command(async move |tx| {
        let (product, room) = admin::product(tx, None, &event.product).await?;
        let purchase = Purchase {
            deed: admin::deed(&call, room),
            product,
            event: event.clone(),
        };
        let key = match event.kind.as_str() {
            COMPLETED => Some(purchase.complete(tx).await?),
            "purchase.refunded" => purchase.undo(tx, Taken::Refund).await?,
            "purchase.disputed" => purchase.undo(tx, Taken::Dispute).await?,
            RENEWED => purchase.renew(tx).await?,
            // It runs to its end.
            _ => None,
        };
        Answer::one("hook_taken", &key.map_or_else(|| json!({}), |key| json!({ "key": key })))
    })
    .await
}

/// A message with what it is about.
struct Purchase {
    deed: Deed,
    product: product::Model,
    event: PurchaseEvent,
}

impl Purchase {
    /// Makes the licence of a purchase; the same purchase again has it already, whatever it names.
    async fn complete(&self, tx: &Tx) -> Result<Value> {
        let Self { deed, product, event } = self;
        if let Some(id) = &event.purchase_id
            && let Some(row) = store::of_purchase(tx, &deed.room, id).await?.first()
        {
            return Ok(keys::open(&deed.house, row)?.into());
        }
        admin::refuse_archived(product)?;
        let order = Order {
            product,
            policy: None,
            form: Form::Uuid,
            source: "hook",
        };
        let (mut row, key) = issue::draft(&deed.house, deed, order)?;
        self.fill(tx, &mut row).await?;
        issue::issue(tx, deed, row).await?;
        Ok(key.into())
    }

    async fn fill(&self, tx: &Tx, row: &mut Model) -> Result<()> {
        let Self { deed, product, event } = self;
        row.email = Some(event.email.clone());
        row.purchase_ref.clone_from(&event.purchase_id);
        let terms = Terms {
            variant: event.variant.clone(),
            license_type: event.license_type.clone(),
            max_machines: event.max_machines,
            trial_days: event.trial_days,
            duration_days: event.duration_days,
            discount_code: event.discount_code.clone(),
        };
        terms.apply(tx, deed, product, row).await?;
        let paid = [
            ("amount", event.amount.clone().map(Value::Number)),
            ("currency", event.currency.clone().map(Value::String)),
        ];
        let paid = paid.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        row.metadata = Value::Object(paid.collect()).into();
        Ok(())
    }

    /// The holder's newest licence of the product.
    async fn newest(&self, tx: &Tx) -> Result<Option<Model>> {
        let wanted = store::Wanted {
            room: Some(&self.deed.room),
            product: Some(self.product.id),
            email: Some(&self.event.email),
            limit: 1,
        };
        Ok(store::licenses(tx, &wanted).await?.pop())
    }

    /// Takes back what a purchase gave: all of its licences, or what a later payment kept alive.
    async fn undo(&self, tx: &Tx, taken: Taken) -> Result<Option<Value>> {
        let (room, id) = (&self.deed.room, self.event.purchase_id.as_deref());
        let mut rows = match id {
            Some(id) => store::of_purchase(tx, room, id).await?,
            None => Vec::new(),
        };
        let is_newest_meant = match id {
            Some(id) => store::is_received(tx, room, RENEWED, id).await?,
            None => true,
        };
        if rows.is_empty() && is_newest_meant {
            rows.extend(self.newest(tx).await?);
        }
        if rows.is_empty() {
            return Err(issue::missing());
        }
        for mut row in rows {
            withdraw_sold(tx, &self.deed, &mut row, taken).await?;
        }
        Ok(None)
    }

    async fn renew(&self, tx: &Tx) -> Result<Option<Value>> {
        let (deed, event) = (&self.deed, &self.event);
        let of_purchase = match &event.purchase_id {
            Some(id) => store::of_purchase(tx, &deed.room, id).await?.into_iter().next(),
            None => None,
        };
        let found = match of_purchase {
            Some(row) => Some(row),
            None => self.newest(tx).await?,
        };
        let mut row = found.ok_or_else(issue::missing)?;
        // A payment of its own, which counts once; the first purchase's id only says which licence is meant.
        if let Some(id) = event.purchase_id.as_ref().filter(|id| row.purchase_ref.as_ref() != Some(id)) {
            let receipt = purchase_receipt::Model {
                tenant: row.tenant,
                mode: row.mode,
                kind: event.kind.clone(),
                purchase_ref: id.clone(),
                received_at: deed.now.0,
            };
            if !store::receive(tx, receipt).await? {
                return Ok(None);
            }
        }
        let (Some(days), Some(end)) = (event.duration_days, row.expires_at) else {
            return Ok(None);
        };
        rules::reschedule(&mut row, Some(rules::after_days(end.max(deed.now.0), days)), deed.now);
        issue::change(tx, deed, &mut row, "license.renewed").await?;
        Ok(None)
    }
}
