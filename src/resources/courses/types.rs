//! What goes in and out, in neutral names; the dialects' files map it.

use super::rules;
use crate::domain::Timestamp;
use crate::resources::products::types::{UpdateProduct, present};
use entities::{course, product};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A new course or a change of one; absent members stay as they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CourseForm {
    /// For people.
    pub title: Option<String>,
    /// Address; derived from the title where a new course names none.
    pub slug: Option<String>,
    /// What it is about; `null` clears it.
    #[serde(deserialize_with = "present")]
    pub description: Option<Option<String>>,
    /// Price in minor units.
    pub price_minor: Option<i64>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// `draft`, `published` or `archived`.
    pub status: Option<String>,
    /// All modules in order; what is not named is gone.
    pub modules: Option<Vec<AskedModule>>,
}

impl CourseForm {
    /// What it says about the product.
    pub fn product(&self) -> UpdateProduct {
        UpdateProduct {
            name: self.title.clone(),
            slug: self.slug.clone(),
            description: self.description.clone(),
            price_minor: self.price_minor,
            currency: self.currency.clone(),
            status: self.status.clone(),
            ..UpdateProduct::default()
        }
    }
}

/// A module as it is wished for.
#[derive(Clone, Debug, Deserialize)]
pub struct AskedModule {
    /// The module meant; one without is found by its title, else it is new.
    pub id: Option<Uuid>,
    /// For people.
    pub title: String,
    /// All its lessons in order.
    #[serde(default)]
    pub lessons: Vec<AskedLesson>,
}

/// A lesson as it is wished for.
#[derive(Clone, Debug, Deserialize)]
pub struct AskedLesson {
    /// The lesson meant; one without is found by its title within the module, else it is new.
    pub id: Option<Uuid>,
    /// For people.
    pub title: String,
    /// What sort of lesson it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// How long it takes.
    pub duration_seconds: Option<i64>,
}

/// Which courses are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListCourses {
    /// `draft`, `published`, `archived` or `all`; for people of the tenant alone.
    pub status: Option<String>,
}

/// A course as it is told to anybody.
#[derive(Clone, Debug, Serialize)]
pub struct CourseView {
    /// Identity.
    pub id: Uuid,
    /// The product it is sold as.
    pub product_id: Uuid,
    /// For people.
    pub title: String,
    /// Address.
    pub slug: String,
    /// What it is about.
    pub description: Option<String>,
    /// `draft`, `published` or `archived`.
    pub status: &'static str,
    /// Price in minor units.
    pub price_minor: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Its modules in order; lists do without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modules: Option<Vec<ModuleView>>,
    /// When it was first published.
    pub published_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it, its content or its product was last changed.
    pub updated_at: Timestamp,
}

/// A module with its lessons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModuleView {
    /// Identity; stays while the module does.
    pub id: Uuid,
    /// For people.
    pub title: String,
    /// From 1.
    pub position: i64,
    /// In order.
    pub lessons: Vec<LessonView>,
}

/// A lesson, without its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LessonView {
    /// Identity; stays while the lesson does.
    pub id: Uuid,
    /// For people.
    pub title: String,
    /// From 1 within the module.
    pub position: i64,
    /// What sort of lesson it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// How long it takes.
    pub duration_seconds: Option<i64>,
}

impl CourseView {
    /// The view of a course and its product, with or without content.
    pub fn of(course: &course::Model, product: &product::Model, modules: Option<Vec<ModuleView>>) -> Self {
        Self {
            id: course.id,
            product_id: product.id,
            title: product.name.clone(),
            slug: product.slug.clone(),
            description: product.description.clone(),
            status: rules::status_name(product.status),
            price_minor: product.price_minor,
            currency: product.currency.clone(),
            modules,
            published_at: product.published_at.map(Timestamp),
            created_at: Timestamp(course.created_at),
            updated_at: Timestamp(course.updated_at.max(product.updated_at)),
        }
    }
}
