//! Requests of buyers: made by them, decided by the tenant.

use super::types::{AskRefund, DecideRequest, DecisionView, ListRequests, RequestView};
use super::{execute, store};
use crate::context::{Answer, Ctx, Deed, Principal, Room};
use crate::domain::dialect::PageRequest;
use crate::domain::{Code, Error, Result, Timestamp};
use crate::resources::sales::goods::Goods;
use crate::resources::sales::refund::{self as sales, Wish};
use crate::resources::sales::service as sold;
use entities::payment::Status as PaymentStatus;
use entities::refund::Source;
use entities::refund_request::{Model, Status};
use uuid::Uuid;

/// The shop that one's own payment went to; none for another's.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn shop(ctx: &Ctx, payment: Option<Uuid>) -> Result<Option<Room>> {
    let Some((payment, person)) = payment.zip(ctx.person_id()) else {
        return Ok(None);
    };
    let found = store::own_payment(ctx.store().read(), person, payment).await?;
    Ok(found.map(|(room, _, _)| room))
}

/// A buyer asks for his money back.
///
/// # Errors
/// `NotFound` for a payment that is not his; `Conflict` where a request waits; `BusinessRule` where the product does not give
/// money back, or not any more.
pub async fn ask(ctx: &Ctx, form: AskRefund) -> Result<Answer> {
    let person = ctx.person()?.person;
    let missing = || Error::not_found("payment");
    let found = store::own_payment(ctx.store().read(), person, form.transaction_id).await?;
    let (room, payment, customer) = found.ok_or_else(missing)?;
    let product = sold::product(ctx.store().read(), &room, payment.product)
        .await?
        .ok_or_else(missing)?;
    let paid = Timestamp(payment.paid_at.unwrap_or(payment.created_at));
    if !Goods(&product).is_refundable(paid, ctx.now) {
        return Err(Error::malformed("This purchase cannot be refunded, or not any more."));
    }
    let (id, now) = (ctx.id(), ctx.now);
    ctx.command(async move |tx| {
        let payment = sold::payment(tx, &room, payment.id).await?.ok_or_else(missing)?;
        if payment.status != PaymentStatus::Completed || payment.refunded_minor >= payment.amount_minor {
            return Err(Error::malformed("Only a completed payment can be refunded."));
        }
        let others = store::requests_of_payment(tx, &room, payment.id).await?;
        if others.iter().any(|other| other.status == Status::Pending) {
            return Err(Error::new(Code::Conflict, "A request for this payment waits already."));
        }
        let row = Model {
            id,
            tenant: room.tenant,
            mode: room.mode.into(),
            customer: customer.id,
            product: payment.product,
            payment: payment.id,
            customer_email: customer.email.clone(),
            requested_minor: payment.amount_minor - payment.refunded_minor,
            currency: payment.currency.clone(),
            reason: form.reason.clone(),
            status: Status::Pending,
            admin: None,
            admin_response: None,
            processed_at: None,
            created_at: now.0,
            updated_at: now.0,
        };
        store::insert(tx, &row).await?;
        Answer::created("refund_request", &RequestView::of(&row, Some(&product), Some(&payment)))
    })
    .await
}

/// Lists requests, newest first.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours.
pub async fn list(ctx: &Ctx, filter: ListRequests, page: PageRequest) -> Result<Answer> {
    let room = ctx.room()?;
    let (rows, info) = store::list(ctx.store(), room, &filter, &page).await?;
    let (products, payments) = store::about(ctx.store().read(), room, &rows).await?;
    let views: Vec<RequestView> = rows
        .iter()
        .map(|row| {
            let product = products.iter().find(|product| product.id == row.product);
            RequestView::of(row, product, payments.iter().find(|payment| payment.id == row.payment))
        })
        .collect();
    Answer::page("refund_request", &views, info)
}

/// Reads a request.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let room = ctx.room()?;
    let row = find(ctx, room, id).await?;
    let (products, payments) = store::about(ctx.store().read(), room, std::slice::from_ref(&row)).await?;
    Answer::one("refund_request", &RequestView::of(&row, products.first(), payments.first()))
}

/// Says whether the request is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    find(ctx, ctx.room()?, id).await.map(|_| ())
}

async fn find(ctx: &Ctx, room: &Room, id: Uuid) -> Result<Model> {
    let row = store::request(ctx.store().read(), room, id).await?;
    row.ok_or_else(missing)
}

/// Grants a request, which gives the money back, or declines it.
///
/// # Errors
/// `NotFound`; `Malformed` where it was decided otherwise before or the provider refuses.
pub async fn decide(ctx: &Ctx, id: Uuid, form: DecideRequest) -> Result<Answer> {
    match form.action.as_str() {
        "approve" => approve(ctx, id, form.admin_response).await,
        _ => reject(ctx, id, form.admin_response).await,
    }
}

async fn reject(ctx: &Ctx, id: Uuid, response: Option<String>) -> Result<Answer> {
    let (room, now, admin) = (ctx.room()?.clone(), ctx.now, ctx.person_id());
    ctx.command(async move |tx| {
        let mut row = store::request(tx, &room, id).await?.ok_or_else(missing)?;
        if row.status != Status::Pending {
            return Err(decided(row.status));
        }
        row.status = Status::Rejected;
        note(&mut row, response.as_ref(), admin, now);
        store::replace(tx, &row).await?;
        Answer::one(
            "refund_decision",
            &DecisionView {
                id,
                status: row.status,
                message: "The request was declined.",
                stripe_refund_created: None,
            },
        )
    })
    .await
}

async fn approve(ctx: &Ctx, id: Uuid, response: Option<String>) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    let begun = deed.clone();
    let source = match ctx.principal {
        Principal::Anonymous => return Err(missing()),
        _ => Source::RefundRequest,
    };
    let (refund, payment) = ctx
        .store()
        .command(async move |tx| {
            let row = store::request(tx, &begun.room, id).await?.ok_or_else(missing)?;
            if !matches!(row.status, Status::Pending | Status::Rejected) {
                return Err(decided(row.status));
            }
            let wish = Wish {
                payment: row.payment,
                amount_minor: Some(row.requested_minor),
                reason: Some("requested_by_customer".to_owned()),
                source,
                request: Some(id),
            };
            sales::begin(tx, &begun, &wish).await
        })
        .await?;
    let made = execute::tell(&ctx.house, &deed, &refund, &payment).await?;
    let admin = ctx.person_id();
    let answer = ctx
        .command(async move |tx| {
            sales::complete(tx, &deed, refund.id, Some(&made.refund)).await?;
            let mut row = store::request(tx, &deed.room, id).await?.ok_or_else(missing)?;
            row.status = Status::Approved;
            note(&mut row, response.as_ref(), admin, deed.now);
            store::replace(tx, &row).await?;
            Answer::one(
                "refund_decision",
                &DecisionView {
                    id,
                    status: row.status,
                    message: "The money is on its way back.",
                    stripe_refund_created: Some(true),
                },
            )
        })
        .await?;
    ctx.house.actors.poke_courier();
    Ok(answer)
}

/// A refund that was granted and completed by the clock has its request granted too.
pub(super) fn grant(row: &mut Model, now: Timestamp) {
    row.status = Status::Approved;
    note(row, None, None, now);
}

fn note(row: &mut Model, response: Option<&String>, admin: Option<Uuid>, now: Timestamp) {
    row.admin_response = response.cloned().or(row.admin_response.take());
    row.admin = admin.or(row.admin);
    (row.processed_at, row.updated_at) = (Some(now.0), now.0);
}

fn decided(status: Status) -> Error {
    Error::malformed(format!("This request is {} already.", status.name()))
}

fn missing() -> Error {
    Error::not_found("refund request")
}
