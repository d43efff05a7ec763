//! One function per operation.

use super::store;
use super::types::{Begun, Buy, Discount, DiscountCheck, Download, Named, PurchaseRecord};
use crate::context::{Answer, Ctx, Deed};
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::files::link::GOOD_FOR_S;
use crate::domain::{Code, Error, Result, Timestamp};
use crate::files::Source;
use crate::resources::checkout::{self, types::Wanted};
use crate::resources::coupons::types::{Asked, Line};
use crate::resources::{coupons, market, people, products, versions};
use entities::payment::Status;
use entities::product;
use serde_json::Number;
use uuid::Uuid;

/// Begins to buy a product of the marketplace; what costs nothing is bought at once.
///
/// # Errors
/// `NotFound` for a product that is not shown; else as [`checkout::service::begin`].
pub async fn create(ctx: &Ctx, form: Buy) -> Result<Answer> {
    let buyer = people::service::behind(ctx).await?;
    let product = named(ctx, &form.product).await?;
    let shop = products::service::shop_of(ctx.store().read(), product.id).await?;
    let (room, product) = shop.ok_or_else(no_product)?;
    let wanted = Wanted {
        email: Some(buyer.email),
        person: Some(buyer.id),
        coupon_code: form.coupon_code,
        success_url: form.success_url,
        cancel_url: form.cancel_url,
        source: "marketplace",
        ..Wanted::default()
    };
    let begun = checkout::service::begin(&ctx.house, &room, &product, &wanted, ctx.now).await?;
    let deed = Deed {
        room,
        now: ctx.now,
        actor: ctx.principal.name(),
        ids: ctx.house.ids.clone(),
        public_url: ctx.house.public_url.clone(),
        house: ctx.house.clone(),
    };
    let answer = ctx
        .command(async move |tx| {
            let row = begun.write(tx, &deed).await?;
            let purchase = match row.payment {
                Some(payment) => store::purchase(tx, payment).await?,
                None => None,
            };
            let purchase = purchase.map(|(payment, product)| PurchaseRecord::of(&payment, &product));
            Answer::created(
                "market_checkout",
                &Begun {
                    url: row.url.filter(|_| purchase.is_none()),
                    // What costs nothing has no session of a provider's; it is named like one all the same.
                    session_id: row.session_ref.unwrap_or_else(|| format!("cs_free_{}", row.id.simple())),
                    purchase,
                },
            )
        })
        .await?;
    ctx.house.actors.poke_courier();
    Ok(answer)
}

/// Tells what a code is worth for a product; no use of it is taken or held.
///
/// # Errors
/// `NotFound` for a product that is not shown, `Conflict` for one that is not for sale.
pub async fn validate_discount(ctx: &Ctx, form: Discount) -> Result<Answer> {
    let buyer = people::service::behind(ctx).await?;
    let product = named(ctx, &form.product).await?;
    let shop = products::service::shop_of(ctx.store().read(), product.id).await?;
    let (room, product) = shop.ok_or_else(no_product)?;
    let price = checkout::service::price(&ctx.house, &room, &product, ctx.now).await?;
    let asked = Asked {
        code: form.code,
        email: Some(buyer.email),
        product: product.id,
        currency: product.currency,
        lines: vec![Line {
            is_bump: false,
            amount_minor: price,
        }],
    };
    let check = match coupons::service::uses::look(ctx.store().read(), &room, &asked, ctx.now).await? {
        Err(why) => DiscountCheck {
            reason: Some(why.reason()),
            message: Some(why.sentence()),
            ..DiscountCheck::default()
        },
        Ok(quote) => DiscountCheck {
            valid: true,
            discount_type: Some(coupons::rules::kind(&quote.coupon)),
            discount_value: match (quote.coupon.percent_ppm, quote.coupon.amount_minor) {
                (Some(ppm), _) => coupons::rules::percent(ppm),
                (None, amount) => amount.map(Number::from),
            },
            discount_minor: Some(quote.discount_minor),
            final_price_minor: Some(price - quote.discount_minor),
            code: Some(quote.coupon.code),
            ..DiscountCheck::default()
        },
    };
    Answer::one("discount_check", &check)
}

/// Lists what the person behind the call bought and keeps, the newest first.
///
/// # Errors
/// As [`people::service::behind`].
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Answer> {
    let buyer = people::service::behind(ctx).await?;
    let (rows, total) = store::list(ctx.store(), buyer.id, &page).await?;
    let records: Vec<PurchaseRecord> = rows
        .iter()
        .map(|(payment, product)| PurchaseRecord::of(payment, product))
        .collect();
    let info = PageInfo {
        limit: page.limit,
        page: Some(page.page.unwrap_or(1)),
        total: Some(total),
        ..PageInfo::default()
    };
    Answer::page("purchase_record", &records, info)
}

/// Gives a link to the newest file of what was bought.
///
/// # Errors
/// `NotFound` for what is not the caller's, and where there is no file yet; `Forbidden` for what was given back.
pub async fn download(ctx: &Ctx, id: Uuid, product: Option<&str>) -> Result<Answer> {
    let (buyer, db) = (people::service::behind(ctx).await?, ctx.store().read());
    let payment = store::find(db, buyer.id, id).await?.ok_or_else(no_purchase)?;
    let refused = |text: &'static str| Err(Error::new(Code::Forbidden, text).with_text("library.no_access"));
    match payment.status {
        Status::Completed => {}
        Status::Refunded => return refused("This purchase was refunded."),
        Status::Disputed => return refused("This purchase is disputed."),
        Status::Pending | Status::Failed | Status::Abandoned => return refused("This purchase is not complete."),
    }
    if !store::may_use(db, &payment).await? {
        return refused("Access to this purchase has ended.");
    }
    let version = newest(ctx, payment.product, product).await?;
    let until = Timestamp::from_seconds(ctx.now.seconds() + GOOD_FOR_S);
    let files = &ctx.house.files;
    let url = match files.link(version.file, &version.file_name, until, ctx.house.clock.real_now())? {
        Source::Here(path) => format!("{}{path}", ctx.house.public_url),
        Source::There(url) => url.into(),
    };
    let download = Download {
        url,
        expires_in: GOOD_FOR_S,
        expires_at: until,
        file_name: version.file_name,
        version: version.version,
        size_bytes: version.size_bytes,
        sha256: version.sha256,
    };
    Answer::one("download", &download)
}

/// The newest file of what was bought; of a bundle the first part's that has one, or that of the part which is named by id
/// or slug.
async fn newest(ctx: &Ctx, bought: Uuid, wanted: Option<&str>) -> Result<entities::version::Model> {
    let db = ctx.store().read();
    let missing = || Error::not_found("file").with_text("version.not_found");
    let (room, product) = products::service::sold(db, bought).await?.ok_or_else(missing)?;
    let parts = products::service::parts(db, &room, bought).await?;
    let is_wanted = |product: &product::Model| wanted.is_none_or(|name| product.slug == name || product.id.to_string() == name);
    for candidate in std::iter::once(product).chain(parts).filter(is_wanted) {
        if let Some(version) = versions::service::of_product(db, candidate.id).await?.into_iter().next() {
            return Ok(version);
        }
    }
    Err(missing())
}

async fn named(ctx: &Ctx, named: &Named) -> Result<product::Model> {
    named.check()?;
    match (named.product_id, named.product_slug.as_deref()) {
        (Some(id), _) => market::service::product_by_id(ctx, id).await,
        (None, slug) => market::service::product(ctx, slug.unwrap_or_default()).await,
    }
}

fn no_product() -> Error {
    Error::not_found("product").with_text("product.not_found")
}

fn no_purchase() -> Error {
    Error::not_found("purchase").with_text("purchase.not_found")
}
