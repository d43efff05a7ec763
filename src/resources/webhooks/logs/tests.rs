//! However many rows there are, a page of the log walks along an index.

use super::store::{Wanted, selects};
use crate::context::Room;
use crate::domain::Mode;
use crate::domain::api_key::TenantRoute;
use crate::store::testing::TestDatabase;
use entities::delivery::{Column, Status};
use sea_orm::{ConnectionTrait, DbBackend, QueryOrder, QuerySelect, QueryTrait, Statement};
use uuid::Uuid;

fn room() -> Room {
    Room {
        tenant: Uuid::from_u128(1),
        mode: Mode::Live,
        slug: "shop".to_owned(),
        dialect: "fondaco".to_owned(),
        route: TenantRoute([0; 8]),
    }
}

#[actix_rt::test]
async fn every_filter_has_an_index_that_is_in_the_order_of_the_list() {
    let database = TestDatabase::sqlite().unwrap();
    let store = database.store().await.unwrap();
    let endpoint = Some(Uuid::from_u128(2));
    let name = || Some("product.created".to_owned());
    let trouble: Option<&'static [Status]> = Some(&[Status::PermanentlyFailed, Status::PendingRetry]);
    let success: Option<&'static [Status]> = Some(&[Status::Success]);
    let wanted = [
        (
            Wanted {
                endpoint: None,
                event_name: None,
                statuses: None,
            },
            "deliveries_page",
        ),
        (
            Wanted {
                endpoint: None,
                event_name: None,
                statuses: success,
            },
            "deliveries_page",
        ),
        (
            Wanted {
                endpoint: None,
                event_name: None,
                statuses: trouble,
            },
            "deliveries_trouble",
        ),
        (
            Wanted {
                endpoint: None,
                event_name: name(),
                statuses: None,
            },
            "deliveries_name_page",
        ),
        (
            Wanted {
                endpoint,
                event_name: None,
                statuses: None,
            },
            "deliveries_endpoint_page",
        ),
        (
            Wanted {
                endpoint,
                event_name: None,
                statuses: success,
            },
            "deliveries_endpoint_page",
        ),
        (
            Wanted {
                endpoint,
                event_name: None,
                statuses: trouble,
            },
            "deliveries_endpoint_trouble",
        ),
    ];
    for (wanted, index) in wanted {
        for select in selects(&room(), &wanted) {
            let page = select.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(21);
            let statement = page.build(DbBackend::Sqlite);
            let explained = Statement {
                sql: format!("explain query plan {}", statement.sql),
                ..statement
            };
            let rows = store.read().query_all_raw(explained).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
            let plan = plan.join("; ");
            assert!(plan.contains(&format!("USING INDEX {index} ")), "{index} is not used: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{index} does not sort: {plan}");
        }
    }
    store.close().await;
}
