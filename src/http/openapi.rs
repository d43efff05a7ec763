//! The API description (OpenAPI 3.1), made of the routes that serve and the dialect's forms and views.

use super::route::{Body, Guard, Route};
use crate::domain::Code;
use crate::domain::catalogue::{self, Catalogue};
use crate::domain::dialect::Dialect;
use actix_web::http::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Describes every route in a dialect's words.
pub fn document(routes: &[Route], dialect: &Dialect, server: &str) -> Value {
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for route in routes {
        let path = route.path.replace(":.*}", "}");
        let methods = paths.entry(path).or_default();
        methods.insert(route.method.as_str().to_ascii_lowercase(), operation(route, dialect));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("{} API", dialect.brand),
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Products, software licences and courses sold through one server.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": server}],
        "paths": paths,
        "webhooks": webhooks(dialect),
        "components": {
            "schemas": {"Error": dialect.error_schema()},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key or a session token."},
                "keyHeader": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "session": {"type": "apiKey", "in": "cookie", "name": super::credential::COOKIE},
                "operator": {"type": "http", "scheme": "bearer", "description": "The operator's admin secret."},
                "license": {"type": "http", "scheme": "License", "description": "A licence key."},
            },
        },
    })
}

/// What the dialect sends to endpoints, one entry per event.
fn webhooks(dialect: &Dialect) -> Value {
    let parameters: Vec<Value> = dialect
        .webhook_header_names()
        .into_iter()
        .map(|name| json!({"name": name, "in": "header", "required": false, "schema": {"type": "string"}}))
        .collect();
    let sent = |kind: &catalogue::Kind| {
        let name = dialect.event_name(&kind.name)?;
        let content = json!({"schema": kind.schema(dialect), "example": kind.example(dialect)});
        let post = json!({
            "operationId": format!("webhook.{name}"),
            "summary": kind.about,
            "tags": ["webhooks"],
            "security": [],
            "parameters": parameters,
            "requestBody": {"required": true, "content": {"application/json": content}},
            "responses": {"2XX": {"description": "Taken. Any other answer, or none in time, is tried again."}},
        });
        Some((name, json!({"post": post})))
    };
    Catalogue::built_in()
        .kinds()
        .iter()
        .filter_map(sent)
        .collect::<Map<_, _>>()
        .into()
}

fn operation(route: &Route, dialect: &Dialect) -> Value {
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": [route.op.split('.').next().unwrap_or_default()],
        "security": security(route.guard),
        "parameters": parameters(route, dialect),
        "responses": responses(route, dialect),
    });
    let Some(members) = operation.as_object_mut() else {
        return operation;
    };
    if let Guard::Scope(scope) | Guard::Buyer(scope) | Guard::License(scope) | Guard::Public(Some(scope)) = route.guard {
        members.insert("x-required-scope".to_owned(), json!(dialect.scope_name(scope)));
    }
    if let Some(deprecation) = route.deprecated {
        members.insert("deprecated".to_owned(), json!(true));
        members.insert("x-deprecated-since".to_owned(), json!(deprecation.since.seconds_text()));
        members.insert("x-sunset".to_owned(), json!(deprecation.sunset.seconds_text()));
    }
    let writes = matches!(route.method, Method::POST | Method::PATCH | Method::PUT);
    let schema = dialect.form_schema(route.op);
    if writes && !schema.is_null() {
        let form = match route.body {
            Body::Upload => {
                let mut schema = schema;
                schema["properties"]["file"] = json!({"type": "string", "contentMediaType": "application/octet-stream"});
                json!({"multipart/form-data": {"schema": schema}})
            }
            _ => json!({"application/json": {"schema": schema}}),
        };
        members.insert("requestBody".to_owned(), json!({"required": true, "content": form}));
    }
    operation
}

/// Unique over methods and paths: one operation may stand at several places.
fn operation_id(route: &Route) -> String {
    let place: String = route
        .path
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    format!("{}.{}{}", route.op, route.method.as_str().to_ascii_lowercase(), place)
}

fn security(guard: Guard) -> Value {
    match guard {
        Guard::Public(None) => json!([]),
        Guard::Public(Some(_)) => json!([{}, {"key": []}, {"keyHeader": []}]),
        Guard::License(_) => json!([{"license": []}, {"key": []}, {"keyHeader": []}, {"session": []}]),
        Guard::Scope(_) | Guard::Buyer(_) | Guard::Credential | Guard::Everything => {
            json!([{"key": []}, {"keyHeader": []}, {"session": []}])
        }
        Guard::Session | Guard::Owner | Guard::Person => json!([{"session": []}, {"key": []}]),
        Guard::Operator => json!([{"operator": []}]),
        Guard::OperatorOrSession => json!([{"operator": []}, {"session": []}]),
    }
}

fn parameters(route: &Route, dialect: &Dialect) -> Vec<Value> {
    let mut parameters: Vec<Value> = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let name = name.split(':').next().unwrap_or(name);
            json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}})
        })
        .collect();
    if route.method == Method::GET {
        let form = dialect.form_schema(route.op);
        for (name, schema) in form["properties"].as_object().into_iter().flatten() {
            parameters.push(json!({"name": name, "in": "query", "required": false, "schema": schema}));
        }
    }
    if route.method == Method::POST && route.is_remembered && route.guard != Guard::Public(None) {
        let schema = json!({"type": "string", "maxLength": 255});
        parameters.push(json!({"name": "Idempotency-Key", "in": "header", "required": false, "schema": schema}));
    }
    parameters
}

fn responses(route: &Route, dialect: &Dialect) -> Value {
    let mut responses = Map::new();
    let good = match route.method {
        Method::DELETE => "2XX",
        _ => "200",
    };
    let mut answer = json!({"description": route.summary});
    let schema = dialect.view_schema(route.view);
    if !schema.is_null() {
        answer["content"] = json!({"application/json": {"schema": schema}});
    }
    responses.insert(good.to_owned(), answer.clone());
    if route.method == Method::POST {
        responses.insert("201".to_owned(), answer);
    }
    let error = |text: &str| json!({"description": text, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}});
    let codes: &[(Code, &str)] = if matches!(route.guard, Guard::Public(None)) {
        &[
            (Code::NotFound, "Nothing there."),
            (Code::Validation, "A field breaks its rule."),
        ]
    } else {
        &[
            (Code::Validation, "A field breaks its rule."),
            (Code::Unauthenticated, "No credential, or one that proves nothing."),
            (Code::ScopeMissing, "The credential may not do this."),
            (Code::NotFound, "Nothing there for this caller."),
            (Code::Conflict, "The state of the thing forbids it."),
            (Code::RateLimited, "Too many calls; `Retry-After` says how long to wait."),
        ]
    };
    for (code, text) in codes {
        responses.insert(dialect.status_of(*code).to_string(), error(text));
    }
    responses.insert("default".to_owned(), error("Any other trouble."));
    Value::Object(responses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Answer;
    use crate::domain::Result;
    use crate::domain::dialect::Dialects;
    use crate::http::Call;
    use crate::http::deprecation::Deprecation;
    use crate::route;

    async fn nothing(_: Call) -> Result<Answer> {
        Ok(Answer::Empty)
    }

    #[test]
    fn a_deprecated_route_is_shown_as_one_and_its_sister_is_not() {
        let old = route!("old.list", GET "/api/v1/old", Guard::Credential, "Lists the old.", "old", nothing);
        let new = route!("new.list", GET "/api/v1/new", Guard::Credential, "Lists the new.", "new", nothing);
        let old = old.deprecated(Deprecation::between((2026, 1, 1), (2026, 7, 1)));
        let dialects = Dialects::load(None).unwrap();
        let shown = document(&[old, new], dialects.native(), "http://localhost");
        let operation = &shown["paths"]["/api/v1/old"]["get"];
        assert_eq!(operation["deprecated"], true);
        assert_eq!(operation["x-sunset"], "2026-07-01T00:00:00Z");
        assert!(shown["paths"]["/api/v1/new"]["get"].get("deprecated").is_none());
    }
}
