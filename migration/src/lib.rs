//! The schema, one file per group of tables, up and down. A file is never edited once it is merged.

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Makes a migration of a file's `UP` and `DOWN`, each all or nothing.
macro_rules! migration {
    () => {
        #[derive(sea_orm_migration::prelude::DeriveMigrationName)]
        pub(super) struct Migration;

        #[expect(
            elided_lifetimes_in_paths,
            reason = "the trait elides them too, and the two must agree"
        )]
        #[sea_orm_migration::prelude::async_trait::async_trait]
        impl sea_orm_migration::prelude::MigrationTrait for Migration {
            async fn up(
                &self,
                manager: &sea_orm_migration::prelude::SchemaManager,
            ) -> Result<(), sea_orm_migration::prelude::DbErr> {
                super::run(manager, UP).await
            }

            async fn down(
                &self,
                manager: &sea_orm_migration::prelude::SchemaManager,
            ) -> Result<(), sea_orm_migration::prelude::DbErr> {
                super::run(manager, DOWN).await
            }

            fn use_transaction(&self) -> Option<bool> {
                Some(true)
            }
        }
    };
}

mod m0001_tenants;
mod m0002_access;
mod m0003_catalogue;
mod m0004_delivery;
mod m0005_operations;
mod m0006_people;
mod m0007_delivery_logs;
mod m0008_origins;
mod m0009_delivery_indexes;
mod m0010_endpoint_log;
mod m0011_due_index;
mod m0012_sales;
mod m0013_catalogue_parts;
mod m0014_coupons;
mod m0015_subscriptions;
mod m0016_licenses;
mod m0017_courses;
mod m0018_files;
mod m0019_bodies;
mod m0020_sandbox;
mod m0021_reports;
mod m0022_payment_refs;
mod m0023_shopfront;
mod m0026_catalogue_reads;
mod m0027_unknown_shops;
mod m0028_large_rooms;
mod m0030_places_and_fees;
mod m0031_license_lookups;
mod m0032_key_holders;
mod m0034_secrets;
mod m0035_lean_log;
mod m0037_license_sales;
mod m0038_minutes;

/// Brings a database to the schema of this version, or back.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_tenants::Migration),
            Box::new(m0002_access::Migration),
            Box::new(m0003_catalogue::Migration),
            Box::new(m0004_delivery::Migration),
            Box::new(m0005_operations::Migration),
            Box::new(m0006_people::Migration),
            Box::new(m0007_delivery_logs::Migration),
            Box::new(m0008_origins::Migration),
            Box::new(m0009_delivery_indexes::Migration),
            Box::new(m0010_endpoint_log::Migration),
            Box::new(m0011_due_index::Migration),
            Box::new(m0012_sales::Migration),
            Box::new(m0013_catalogue_parts::Migration),
            Box::new(m0014_coupons::Migration),
            Box::new(m0015_subscriptions::Migration),
            Box::new(m0016_licenses::Migration),
            Box::new(m0017_courses::Migration),
            Box::new(m0018_files::Migration),
            Box::new(m0019_bodies::Migration),
            Box::new(m0020_sandbox::Migration),
            Box::new(m0021_reports::Migration),
            Box::new(m0022_payment_refs::Migration),
            Box::new(m0023_shopfront::Migration),
            Box::new(m0026_catalogue_reads::Migration),
            Box::new(m0027_unknown_shops::Migration),
            Box::new(m0028_large_rooms::Migration),
            Box::new(m0030_places_and_fees::Migration),
            Box::new(m0031_license_lookups::Migration),
            Box::new(m0032_key_holders::Migration),
            Box::new(m0034_secrets::Migration),
            Box::new(m0035_lean_log::Migration),
            Box::new(m0037_license_sales::Migration),
            Box::new(m0038_minutes::Migration),
        ]
    }
}

/// Runs statements written once for both databases, with the few types that differ put in.
///
/// `UUID` and `BYTES` are 16-byte and any-length blobs on SQLite. JSON is `text` on both: the order of members counts. A
/// statement that begins with `sqlite: ` or `postgres: ` is for that database alone.
async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let (uuid, bytes, others) = match connection.get_database_backend() {
        DbBackend::Sqlite => ("blob", "blob", "postgres: "),
        _ => ("uuid", "bytea", "sqlite: "),
    };
    for statement in statements.iter().filter(|statement| !statement.starts_with(others)) {
        let statement = statement
            .trim_start_matches("sqlite: ")
            .trim_start_matches("postgres: ")
            .replace(" UUID", &format!(" {uuid}"))
            .replace(" BYTES", &format!(" {bytes}"));
        connection.execute_unprepared(&statement).await?;
    }
    Ok(())
}
