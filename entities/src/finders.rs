//! The finders that many tables share, written once.

/// Names a table without relations.
macro_rules! no_relations {
    () => {
        /// This table refers to no other through the ORM.
        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    };
}

/// Writes `of`, `update_of` and `delete_of` for a table whose rows carry tenant and mode.
macro_rules! scoped {
    () => {
        /// Selects the tenant's rows of one mode.
        #[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
        pub fn of(tenant: Uuid, mode: impl Into<crate::Mode>) -> Select<Entity> {
            Entity::find()
                .filter(Column::Tenant.eq(tenant))
                .filter(Column::Mode.eq(mode.into()))
        }

        /// Updates the tenant's rows of one mode.
        #[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
        pub fn update_of(tenant: Uuid, mode: impl Into<crate::Mode>) -> sea_orm::UpdateMany<Entity> {
            Entity::update_many()
                .filter(Column::Tenant.eq(tenant))
                .filter(Column::Mode.eq(mode.into()))
        }

        /// Deletes the tenant's rows of one mode.
        #[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
        pub fn delete_of(tenant: Uuid, mode: impl Into<crate::Mode>) -> sea_orm::DeleteMany<Entity> {
            Entity::delete_many()
                .filter(Column::Tenant.eq(tenant))
                .filter(Column::Mode.eq(mode.into()))
        }
    };
}

/// Writes `of`, `update_of` and `delete_of` for a table that keeps deleted rows, and `with_deleted_of` to see those too.
macro_rules! scoped_soft {
    () => {
        /// Selects the tenant's rows of one mode that are not deleted.
        pub fn of(tenant: Uuid, mode: impl Into<crate::Mode>) -> Select<Entity> {
            with_deleted_of(tenant, mode).filter(Column::DeletedAt.is_null())
        }

        /// Selects the tenant's rows of one mode, the deleted ones too.
        #[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
        pub fn with_deleted_of(tenant: Uuid, mode: impl Into<crate::Mode>) -> Select<Entity> {
            Entity::find()
                .filter(Column::Tenant.eq(tenant))
                .filter(Column::Mode.eq(mode.into()))
        }

        /// Updates the tenant's rows of one mode that are not deleted.
        #[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
        pub fn update_of(tenant: Uuid, mode: impl Into<crate::Mode>) -> sea_orm::UpdateMany<Entity> {
            Entity::update_many()
                .filter(Column::Tenant.eq(tenant))
                .filter(Column::Mode.eq(mode.into()))
                .filter(Column::DeletedAt.is_null())
        }

        /// Removes rows of the tenant and one mode for good, deleted ones too.
        #[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
        pub fn delete_of(tenant: Uuid, mode: impl Into<crate::Mode>) -> sea_orm::DeleteMany<Entity> {
            Entity::delete_many()
                .filter(Column::Tenant.eq(tenant))
                .filter(Column::Mode.eq(mode.into()))
        }
    };
}

/// Writes `anywhere`, `update_anywhere` and `delete_anywhere`, for work that spans tenants or for tables that have none.
macro_rules! unscoped {
    () => {
        /// Selects rows of every tenant; for passes, the operator and look-ups by a globally unique value.
        #[expect(clippy::disallowed_methods, reason = "says in its name that it spans tenants")]
        pub fn anywhere() -> Select<Entity> {
            Entity::find()
        }

        /// Updates rows of every tenant; filter it.
        #[expect(clippy::disallowed_methods, reason = "says in its name that it spans tenants")]
        pub fn update_anywhere() -> sea_orm::UpdateMany<Entity> {
            Entity::update_many()
        }

        /// Deletes rows of every tenant; filter it.
        #[expect(clippy::disallowed_methods, reason = "says in its name that it spans tenants")]
        pub fn delete_anywhere() -> sea_orm::DeleteMany<Entity> {
            Entity::delete_many()
        }
    };
}
