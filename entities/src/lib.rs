//! One module per table: its row and its finders, nothing else.
//!
//! Where rows belong to a tenant, `of(tenant, mode)` is the way to them, with `update_of` and `delete_of` beside it; what
//! spans tenants says so in its name (`anywhere`). Nobody outside this crate may call `Entity::find` and its sisters:
//! `.clippy.toml` refuses it. Moments are epoch milliseconds, money is whole minor units.

#[macro_use]
mod finders;
#[macro_use]
mod words;
mod stored;

pub mod access;
pub mod api_key;
pub mod attempt;
pub mod audit;
pub mod body;
pub mod bundle_part;
pub mod certificate;
pub mod checkout;
pub mod consent;
pub mod conversion;
pub mod counter;
pub mod coupon;
pub mod coupon_redemption;
pub mod course;
pub mod course_module;
pub mod customer;
pub mod day_count;
pub mod delivery;
pub mod endpoint;
pub mod enrollment;
pub mod entitlement;
pub mod event;
pub mod feature;
pub mod file;
pub mod idempotency;
pub mod invitation;
pub mod key_directory;
pub mod key_holder;
pub mod label;
pub mod ledger_entry;
pub mod lesson;
pub mod lesson_progress;
pub mod license;
pub mod license_server_key;
pub mod license_variant;
pub mod license_violation;
pub mod live_session;
pub mod machine;
pub mod mail;
pub mod membership;
pub mod mode;
pub mod one_time_offer;
pub mod order_bump;
pub mod origin;
pub mod payment;
pub mod payment_line;
pub mod person;
pub mod policy;
pub mod product;
pub mod product_label;
pub mod product_view;
pub mod provider_event;
pub mod public_name;
pub mod purchase_receipt;
pub mod receipt;
pub mod receiver;
pub mod receiver_hit;
pub mod recording;
pub mod refund;
pub mod refund_request;
pub mod review;
pub mod sales_day;
pub mod sandbox_event;
pub mod session;
pub mod sign_in;
pub mod subscription;
pub mod subscription_invoice;
pub mod tenant;
pub mod token;
pub mod trial_code;
pub mod variant_group;
pub mod variant_link;
pub mod version;
pub mod waitlist_attempt;
pub mod waitlist_entry;
pub mod waitlist_launch;

pub use mode::Mode;
pub use stored::{Document, Identifiers, Names, Stored};
