//! Credentials and scopes of the finders.

use super::*;
use crate::domain::Code;
use crate::store::{credentials, rows};
use entities::{api_key, feature, membership, person, session};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};

#[tokio::test]
async fn a_taken_slug_names_its_field() {
    let house = House::build().await;
    add_product(&house.store, house.tenant.id, "lute").await.unwrap();
    let error = add_product(&house.store, house.tenant.id, "lute").await.unwrap_err();
    assert_eq!(error.code, Code::AlreadyExists);
    assert_eq!(error.fields.len(), 1);
    assert_eq!(
        (error.fields[0].field.as_ref(), error.text),
        ("slug", Some("products_slug_key"))
    );
    let error = testing::tenant(&house.store, "shop").await.unwrap_err();
    assert_eq!((error.code, error.fields[0].field.as_ref()), (Code::AlreadyExists, "slug"));
}

#[tokio::test]
async fn a_code_is_taken_until_its_holder_is_deleted() {
    let house = House::build().await;
    let add = async |deleted_at: Option<i64>| {
        let row = feature::Model {
            id: Uuid::new_v4(),
            tenant: house.tenant.id,
            mode: entities::Mode::Live,
            name: "Premium".to_owned(),
            code: "premium".to_owned(),
            description: None,
            metadata: json!({}).into(),
            created_at: 0,
            updated_at: 0,
            deleted_at,
        };
        house.store.command(async move |tx| rows::insert(tx, &row).await).await
    };
    add(Some(1)).await.unwrap();
    add(None).await.unwrap();
    let error = add(None).await.unwrap_err();
    assert_eq!(
        (error.code, error.fields[0].field.as_ref(), error.text),
        (Code::AlreadyExists, "code", Some("features_code_key"))
    );
}

#[tokio::test]
async fn an_unlisted_refusal_is_our_fault() {
    let house = House::build().await;
    let error = add_product(&house.store, Uuid::new_v4(), "orphan").await.unwrap_err();
    assert_eq!(error.code, Code::Internal);
    assert!(error.source().is_some());
}

#[tokio::test]
async fn finders_see_their_tenant_and_mode_only() {
    let house = House::build().await;
    let other = testing::tenant(&house.store, "other").await.unwrap();
    let mine = add_product(&house.store, house.tenant.id, "lute").await.unwrap();
    let count = async |tenant, mode: Mode| {
        let found = product::of(tenant, mode).filter(product::Column::Id.eq(mine.id));
        found.count(house.store.read()).await.unwrap()
    };
    assert_eq!(count(house.tenant.id, Mode::Live).await, 1);
    assert_eq!(count(house.tenant.id, Mode::Test).await, 0);
    assert_eq!(count(other.id, Mode::Live).await, 0);
    let (tenant, id) = (house.tenant.id, mine.id);
    house
        .store
        .command(async move |tx| {
            product::update_of(tenant, Mode::Live)
                .filter(product::Column::Id.eq(id))
                .col_expr(product::Column::DeletedAt, Expr::value(7_i64))
                .exec(tx)
                .await?;
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(count(house.tenant.id, Mode::Live).await, 0);
    let kept = product::with_deleted_of(tenant, Mode::Live)
        .one(house.store.read())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.metadata.0.to_string(), r#"{"zebra":1,"ant":[1.5,null]}"#);
}

fn key_row(tenant: Uuid) -> api_key::Model {
    api_key::Model {
        id: Uuid::new_v4(),
        tenant,
        mode: entities::Mode::Test,
        dialect: "fondaco".to_owned(),
        name: "key".to_owned(),
        note: None,
        digest: vec![7; 32],
        key_prefix: "fo_test_1234".to_owned(),
        scopes: vec!["*".to_owned()].into(),
        per_minute: None,
        per_day: Some(5),
        expires_at: None,
        is_active: true,
        grace_until_at: None,
        revoked_at: None,
        revoked_reason: None,
        allowed_networks: Some(vec!["10.0.0.0/8".to_owned()].into()),
        last_used_at: None,
        last_used_ip: None,
        usage_count: 0,
        created_by: None,
        rotated_from: None,
        created_at: 1,
        updated_at: 1,
    }
}

#[tokio::test]
async fn a_key_is_found_with_its_tenant_and_a_tenant_by_its_route() {
    let house = House::build().await;
    let row = key_row(house.tenant.id);
    let inserting = row.clone();
    house
        .store
        .command(async move |tx| {
            api_key::Entity::insert(inserting.clone().into_active_model())
                .exec_without_returning(tx)
                .await?;
            Ok(())
        })
        .await
        .unwrap();
    let found = credentials::key_by_digest(&house.store, &[7; 32]).await.unwrap().unwrap();
    assert_eq!((found.key, found.tenant), (row, house.tenant.clone()));
    assert!(credentials::key_by_digest(&house.store, &[8; 32]).await.unwrap().is_none());
    let route = house.tenant.route.clone().try_into().unwrap();
    let tenant = credentials::tenant_by_route(&house.store, &route).await.unwrap();
    assert_eq!(tenant, Some(house.tenant.clone()));
    assert!(credentials::tenant_by_route(&house.store, &[0; 8]).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_is_found_with_its_person_and_tenants() {
    let house = House::build().await;
    let other = testing::tenant(&house.store, "other").await.unwrap();
    let person = person::Model {
        id: Uuid::new_v4(),
        email: "ada@example.com".to_owned(),
        name: None,
        password_hash: None,
        email_verified_at: Some(3),
        created_at: 1,
        updated_at: 1,
    };
    let session = session::Model {
        id: Uuid::new_v4(),
        person: person.id,
        digest: vec![9; 32],
        created_at: 1,
        expires_at: 2,
        last_seen_at: 1,
        address: None,
        user_agent: None,
    };
    let member = |tenant, created_at| membership::Model {
        person: person.id,
        tenant,
        role: membership::Role::Owner,
        created_at,
    };
    let members = [member(house.tenant.id, 8), member(other.id, 4)];
    let rows = (person.clone(), session.clone(), members.clone());
    house
        .store
        .command(async move |tx| {
            let (person, session, members) = rows.clone();
            person::Entity::insert(person.into_active_model())
                .exec_without_returning(tx)
                .await?;
            session::Entity::insert(session.into_active_model())
                .exec_without_returning(tx)
                .await?;
            let members = members.map(IntoActiveModel::into_active_model);
            membership::Entity::insert_many(members).exec_without_returning(tx).await?;
            Ok(())
        })
        .await
        .unwrap();
    let found = credentials::session_by_digest(&house.store, &[9; 32]).await.unwrap().unwrap();
    assert_eq!((found.person, found.session), (person, session));
    let slugs: Vec<_> = found.memberships.iter().map(|(_, tenant)| tenant.slug.as_str()).collect();
    assert_eq!(slugs, ["other", "shop"]);
    assert!(
        credentials::session_by_digest(&house.store, &[1; 32])
            .await
            .unwrap()
            .is_none()
    );
}
