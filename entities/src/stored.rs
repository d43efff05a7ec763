//! JSON in columns, kept as the text that was written.
//!
//! The column is `text` on both databases: a driver that binds JSON to PostgreSQL declares it `jsonb`, which sorts the
//! members, and the order of members is part of what a dialect answers.

use sea_orm::entity::prelude::{DbErr, Uuid};
use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, Value, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, QueryResult, TryGetError, TryGetable};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A value kept in its column as JSON text, members in the order they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stored<T>(pub T);

/// Any JSON.
pub type Document = Stored<serde_json::Value>;
/// A list of names, such as scopes or events.
pub type Names = Stored<Vec<String>>;
/// A list of ids.
pub type Identifiers = Stored<Vec<Uuid>>;

impl<T> From<T> for Stored<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> std::ops::Deref for Stored<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Serialize> From<Stored<T>> for Value {
    fn from(value: Stored<T>) -> Self {
        // What is stored here are trees of plain JSON, which always have a text.
        serde_json::to_string(&value.0).ok().into()
    }
}

impl<T: DeserializeOwned> TryGetable for Stored<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        serde_json::from_str(&text)
            .map(Self)
            .map_err(|error| TryGetError::DbErr(DbErr::Json(error.to_string())))
    }
}

impl<T: DeserializeOwned> ValueType for Stored<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let text = <String as ValueType>::try_from(value)?;
        serde_json::from_str(&text).map(Self).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        "Stored".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl<T> Nullable for Stored<T> {
    fn null() -> Value {
        Value::String(None)
    }
}
